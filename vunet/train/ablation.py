"""The model without one of its ideas (section 4.4 of the paper): what each is good for, by the same commands."""

from __future__ import annotations

from dataclasses import replace

from vunet.errors import VUNetError
from vunet.model import VUNetConfig
from vunet.train.schedule import Schedule

ABLATIONS = {
    "kl": "no KL term: nothing ties q(z|x,ŷ) to p(z|ŷ), and draws from the prior mean nothing",
    "crops": "no in-plane normalisation: F reads the whole picture in the place of every crop",
    "appearance": "no appearance: F reads nothing, so D draws the mean of all people in a pose",
    "part-maps": "no un-normalisation: D finds out by itself where each colour belongs, as the authors' does",
}


def ablated_config(config: VUNetConfig, without: str | None) -> VUNetConfig:
    """A preset without one of `ABLATIONS`, if any is named; raises `VUNetError`."""
    if without is None or without == "kl":
        return config
    if without not in ABLATIONS:
        raise VUNetError(f"There is no ablation {without!r}: choose among {', '.join(ABLATIONS)}.")
    if without == "part-maps":
        # F's codes are of the whole body then, in as many channels as the trunk has.
        bare = replace(config, prior_whole=0, prior_part=0, part_channels=0, fine_channels=0, part_codes=0)
        return replace(bare, crop_width=config.max_width)
    if config.layout != "body":
        raise VUNetError("The authors' presets have crops of their own: take parts-256 for this ablation.")
    return replace(config, layout="whole" if without == "crops" else "blank")


def ablated_schedule(schedule: Schedule, without: str | None) -> Schedule:
    """The schedule that goes with it."""
    return replace(schedule, kl_points=((0.0, 0.0),)) if without == "kl" else schedule
