"""The strip of key poses that a motion is made of."""

from vunet.ui.components.motion_strip.component import MotionStrip

__all__ = ["MotionStrip"]
