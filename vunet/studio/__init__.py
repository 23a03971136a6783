"""The verbs a user means, in front of a reader of looks and a renderer."""

from vunet.studio.studio import Studio

__all__ = ["Studio"]
