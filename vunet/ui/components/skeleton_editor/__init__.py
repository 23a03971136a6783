"""The stage: a picture with a draggable skeleton over it."""

from vunet.ui.components.skeleton_editor.component import FrameFeed, SkeletonEditor, copy_link, download, stage_value, wear

__all__ = ["FrameFeed", "SkeletonEditor", "copy_link", "download", "stage_value", "wear"]
