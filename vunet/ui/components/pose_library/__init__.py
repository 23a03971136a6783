"""Ready-made poses and the visitor's own, as pictures."""

from vunet.ui.components.pose_library.component import PoseLibrary

__all__ = ["PoseLibrary"]
