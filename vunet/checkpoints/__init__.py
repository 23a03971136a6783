"""Checkpoints: saved, loaded strictly, found by name, and imported from the authors' TensorFlow variables."""

from vunet.checkpoints.resolve import DEFAULT, resolve
from vunet.checkpoints.store import load_checkpoint, read_facts, save_checkpoint
from vunet.checkpoints.tensorflow import from_tf_variables

__all__ = ["DEFAULT", "from_tf_variables", "load_checkpoint", "read_facts", "resolve", "save_checkpoint"]
