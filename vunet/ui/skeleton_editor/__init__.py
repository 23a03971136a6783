"""The stage: a picture with a draggable skeleton over it."""

from vunet.ui.skeleton_editor.component import (
    EditorState,
    FrameFeed,
    SkeletonEditor,
    complaint,
    download,
    frame,
    refresh,
    stage_value,
)

__all__ = ["EditorState", "FrameFeed", "SkeletonEditor", "complaint", "download", "frame", "refresh", "stage_value"]
