"""The model: tensors in, tensors out; it knows no poses and no files."""

from vunet.model.config import DEFAULT_PRESET, PRESETS, VUNetConfig
from vunet.model.vunet import VUNet

__all__ = ["DEFAULT_PRESET", "PRESETS", "VUNet", "VUNetConfig"]
