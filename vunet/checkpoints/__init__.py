"""Checkpoints: saved, loaded strictly, found by name, on the Hub, and imported from the authors' TensorFlow variables."""

from vunet.checkpoints.hub import HubName, Progress
from vunet.checkpoints.resolve import DEFAULT, embedded, resolve
from vunet.checkpoints.store import load_checkpoint, read_config, read_facts, read_ranges, save_checkpoint
from vunet.checkpoints.tensorflow import from_tf_variables

__all__ = [
    "DEFAULT", "HubName", "Progress", "embedded", "from_tf_variables", "load_checkpoint", "read_config", "read_facts",
    "read_ranges", "resolve", "save_checkpoint",
]  # fmt: skip
