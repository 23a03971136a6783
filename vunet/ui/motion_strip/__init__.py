"""The strip of key poses that a motion is made of."""

from vunet.ui.motion_strip.component import Motion, MotionStrip

__all__ = ["Motion", "MotionStrip"]
