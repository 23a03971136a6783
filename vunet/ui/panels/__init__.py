"""The page's panels: each file is what is seen of it and what it does. A panel is wired to others by the page."""

from vunet.ui.panels.about import AboutPanel
from vunet.ui.panels.looks import LooksPanel
from vunet.ui.panels.model import ModelPanel
from vunet.ui.panels.motion import MotionPanel
from vunet.ui.panels.person import PersonPanel
from vunet.ui.panels.poses import PosesPanel
from vunet.ui.panels.stage import SavePanel, StagePanel
from vunet.ui.panels.transfer import MatrixPanel, SecondPersonPanel
from vunet.ui.panels.wardrobe import WardrobePanel

__all__ = [
    "AboutPanel",
    "LooksPanel",
    "MatrixPanel",
    "ModelPanel",
    "MotionPanel",
    "PersonPanel",
    "PosesPanel",
    "SavePanel",
    "SecondPersonPanel",
    "StagePanel",
    "WardrobePanel",
]  # fmt: skip
