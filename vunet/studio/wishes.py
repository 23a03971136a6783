"""What samples can be asked for, in words: garments, sleeves, and colours of what is worn."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from vunet.errors import VUNetError
from vunet.model.prior.colours import AskedColours
from vunet.person.part_colours import PLACES, to_lab

# As they are in street photos rather than on a screen.
COLOURS = {
    "black": "#1b1b1e", "white": "#e6e6e6", "grey": "#8c8c8c", "beige": "#c8af8c", "brown": "#6a4a33", "red": "#aa1e28",
    "pink": "#dc96a0", "yellow": "#d2b446", "green": "#466e46", "blue": "#4678b4", "navy": "#1e2850",
}  # fmt: skip
COLOURED = ("top", "bottom", "shoes")
SLEEVES = {"long sleeves": "top", "short sleeves": "head"}  # the place whose colour forearms then have
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def is_colour_wish(wish: str) -> bool:
    """Whether it is for sleeves, or a colour and a place: "red top", "#aa1e28 shoes"."""
    colour, _, place = wish.partition(" ")
    return wish in SLEEVES or (place in COLOURED and (colour in COLOURS or bool(_HEX.fullmatch(colour))))


def asked_garments(wishes: Sequence[str], known: Sequence[str], device: torch.device) -> Tensor | None:
    """(1, G): 1 for each of the known garments that is asked for; None where none is."""
    rows = [1.0 if name in wishes else 0.0 for name in known]
    return torch.tensor([rows], device=device) if any(rows) else None


def asked_colours(wishes: Sequence[str], device: torch.device) -> AskedColours | None:
    """The equations of all wishes for colours and sleeves; None where there are none.

    Raises `VUNetError` for two of one place: their mean is neither.
    """
    chosen: dict[str, str] = {}
    for wish in filter(is_colour_wish, wishes):
        other = chosen.setdefault("sleeves" if wish in SLEEVES else wish.partition(" ")[2], wish)
        if other != wish:
            raise VUNetError(f"Nobody wears both {other!r} and {wish!r}: ask for one of them.")
    pairs = [_equations(wish) for wish in chosen.values()]
    return AskedColours(*(torch.cat(each).to(device) for each in zip(*pairs, strict=True))) if pairs else None


def unknown(wish: str, garments: Sequence[str], colours: bool) -> VUNetError:
    """The error for a wish that a model cannot be asked for."""
    more = f", {', '.join(SLEEVES)}, or a colour as in 'red top', 'navy bottom', '#aa1e28 shoes'" if colours else ""
    known = ", ".join(garments) + more if garments else "none: its prior knows no garments"
    return VUNetError(f"This model cannot be asked for {wish!r}: choose among {known}.")


def lab_of(colour: str) -> np.ndarray:
    """CIELAB (3,) of a name of `COLOURS`, or of "#rrggbb"."""
    code = COLOURS.get(colour, colour)
    rgb = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
    return to_lab(rgb[None, None])[0, 0]


def _equations(wish: str) -> tuple[Tensor, Tensor]:
    """What the colours of `PLACES` have to meet: (3, 3 * places) and (3,)."""
    if wish in SLEEVES:
        return _of_place("forearms") - _of_place(SLEEVES[wish]), torch.zeros(3)
    colour, _, place = wish.partition(" ")
    return _of_place(place), torch.from_numpy(lab_of(colour)).float()


def _of_place(place: str) -> Tensor:
    """Picks L, a and b of a place."""
    return torch.eye(3 * len(PLACES)).unflatten(0, (-1, 3))[list(PLACES).index(place)]
