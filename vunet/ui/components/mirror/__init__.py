"""The mirror: a webcam's pose drives the person on the stage. Its video never leaves the browser."""

from vunet.ui.components.mirror.component import Mirror

__all__ = ["Mirror"]
