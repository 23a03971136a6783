"""Five steps that show a new visitor around."""

from vunet.ui.components.tour.component import Tour

__all__ = ["Tour"]
