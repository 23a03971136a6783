"""Five steps that show a new visitor around."""

from vunet.ui.tour.component import Tour

__all__ = ["Tour"]
