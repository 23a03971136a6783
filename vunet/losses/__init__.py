"""The losses: the perceptual distance and the objective it belongs to."""

from vunet.losses.objective import LossWeights, objective
from vunet.losses.perceptual import PerceptualLoss, load_perceptual

__all__ = ["LossWeights", "PerceptualLoss", "load_perceptual", "objective"]
