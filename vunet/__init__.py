"""Variational U-Net: photo -> Person -> Appearance; Appearance + Pose -> picture.

>>> from vunet import Studio, Pose
>>> studio = Studio.load()
>>> person = studio.detect("photo.jpg")
>>> picture = studio.render(studio.encode(person), Pose.default())
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vunet.errors import BadCheckpoint, BadImage, BadPose, HubUnavailable, NoPersonFound, VUNetError

if TYPE_CHECKING:
    from vunet.checkpoints import from_tf_variables
    from vunet.model import VUNet, VUNetConfig
    from vunet.person.framing import Person
    from vunet.pose.key_poses import Motion
    from vunet.pose.skeleton import Pose
    from vunet.studio import Studio
    from vunet.studio.appearance import Appearance

__version__ = "0.3.0"

# Imported on first use: torch takes seconds, and `python -m vunet --help` should not.
_HOMES = {
    "Appearance": "vunet.studio.appearance",
    "Motion": "vunet.pose.key_poses",
    "Person": "vunet.person.framing",
    "Pose": "vunet.pose.skeleton",
    "Studio": "vunet.studio",
    "VUNet": "vunet.model",
    "VUNetConfig": "vunet.model",
    "from_tf_variables": "vunet.checkpoints",
}

__all__ = [
    "Appearance", "BadCheckpoint", "BadImage", "BadPose", "HubUnavailable", "Motion", "NoPersonFound", "Person",
    "Pose", "Studio", "VUNet", "VUNetConfig", "VUNetError", "from_tf_variables",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'vunet' has no attribute {name!r}")
