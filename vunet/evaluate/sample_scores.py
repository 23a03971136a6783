"""Scores of samples of the prior: do they pass as photos, are they new, do they wear what was asked for?"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F

from vunet.data.garment_tags import wishes
from vunet.evaluate import metrics
from vunet.evaluate.compared_pictures import EvaluationPictures
from vunet.evaluate.scores import Scores, pose_scores, summaries
from vunet.losses.kernel_distance import kernel_distance
from vunet.model.garments import GARMENTS
from vunet.person.part_colours import PLACES
from vunet.pose.estimators.detection import Estimator
from vunet.studio.wishes import COLOURS, SLEEVES, lab_of

RESAMPLED = 200  # times, for an interval
WISHED, POSES = 2, 12  # samples for each garment in each pose, and poses


def sample_pose_scores(evaluation: EvaluationPictures, estimator: Estimator) -> Scores:
    """`pose_scores` of the first sample in each person's pose."""
    return pose_scores(evaluation.poses, [sampled[0] for sampled in evaluation.samples], estimator)


def realism_scores(evaluation: EvaluationPictures) -> Scores:
    """Kernel distance to photos of reconstructions, transfers and samples, with bounds of 90 %.

    floor: half of the photos against the other half.
    """
    photos = summaries(evaluation.images)
    sets = {
        "reconstructions": evaluation.reconstructions,
        "transfers": evaluation.transfers,
        "samples": list(itertools.chain.from_iterable(evaluation.samples)),
    }
    scores: Scores = {"floor": kernel_distance(photos[::2], photos[1::2])}
    for name, pictures in sets.items():
        low, value, high = _interval(summaries(pictures), photos)
        scores |= {name: value, f"{name} from": low, f"{name} to": high}
    return scores


def novelty_scores(evaluation: EvaluationPictures) -> Scores:
    """Nearest-neighbour feature distance of samples to the training set, relative to held-out photos; spread of samples in
    one pose, relative to photos; empty for a folder of held-out people alone."""
    if not evaluation.training_records:
        return {}
    known, photos = evaluation.training_summaries, summaries(evaluation.images)
    scale = photos.std(axis=0) + 1e-6
    sampled = np.stack([summaries(each) for each in evaluation.samples]) / scale  # (N, SAMPLES, D)
    nearest = metrics.distances(sampled.reshape(-1, sampled.shape[-1]), known / scale).min(axis=1)
    usual = metrics.distances(photos / scale, known / scale).min(axis=1)
    spread = np.mean([metrics.mean_distance(each) for each in sampled])
    return {
        "novelty": float(nearest.mean() / usual.mean()),
        "spread of features": float(spread / metrics.mean_distance(photos / scale)),
    }


def seam_scores(evaluation: EvaluationPictures) -> Scores:
    """Steps across the borders of parts against those beside them (`metrics.seams`), relative to the photos."""

    def mean(pictures: Sequence[np.ndarray]) -> float:
        rows = zip(pictures, evaluation.poses, evaluation.masks, strict=True)
        return float(np.nanmean([metrics.seams(*row) for row in rows]))

    photos = mean(evaluation.images)
    sampled = [mean(column) for column in zip(*evaluation.samples, strict=True)]
    return {"reconstructions": mean(evaluation.reconstructions) / photos, "samples": float(np.mean(sampled)) / photos}


def garment_scores(evaluation: EvaluationPictures) -> Scores:
    """How often a classifier of photos' features sees a garment that was asked for, and how often it is right about
    held-out photos that show it; empty where nobody's garments are known or the prior knows none."""
    worn = np.array([wishes(record.tags) for record in evaluation.training_records])
    if not evaluation.studio.garments or not worn.any():
        return {}
    everybody = evaluation.training_summaries
    mean, scale = everybody.mean(axis=0), everybody.std(axis=0) + 1e-6
    known = worn.any(axis=1)
    classifier = _classifier((everybody[known] - mean) / scale, worn[known] > 0)

    def seen_in(pictures: Sequence[np.ndarray]) -> np.ndarray:
        return classifier((summaries(pictures) - mean) / scale)

    held_out = np.array([wishes(record.tags) for record in evaluation.records])
    seen = seen_in(evaluation.images)
    asked = [seen_in(evaluation.wearing(name, POSES, WISHED))[:, i].mean() for i, name in enumerate(GARMENTS)]
    right = [seen[held_out[:, i] > 0, i].mean() for i in range(len(GARMENTS)) if (held_out[:, i] > 0).any()]
    false = [seen[held_out[:, i] < 0, i].mean() for i in range(len(GARMENTS)) if (held_out[:, i] < 0).any()]
    return {"asked for": float(np.mean(asked)), "photos with it": float(np.mean(right)), "without": float(np.mean(false))}


def colour_scores(evaluation: EvaluationPictures) -> Scores:
    """Distance in CIELAB of a top's or a bottom's colour to the one that was asked for, relative to samples that were
    asked for nothing; how often forearms are nearer to the top's colour than to the head's when long sleeves were asked
    for, and short ones. Empty for models that cannot be asked."""
    if not evaluation.studio.tells_colours:
        return {}
    asked, plain = [], evaluation.seen_colours(())
    for place, colour in itertools.product(("top", "bottom"), COLOURS):
        wanted, column = lab_of(colour), list(PLACES).index(place)
        rows = [evaluation.seen_colours((f"{colour} {place}",)), plain]
        asked.append([np.linalg.norm(seen[:, column] - wanted, axis=1).mean() for seen in rows])
    away, usual = np.mean(asked, axis=0)
    return {"away": float(away), "of those not asked for": float(away / usual)} | {
        wish: float(_covered(evaluation.seen_colours((wish,))).mean()) for wish in SLEEVES
    }


def _covered(colours: np.ndarray) -> np.ndarray:
    """(N, places, 3) to (N,): whether forearms look like the top rather than like the head."""
    head, top, forearms = (colours[:, list(PLACES).index(place)] for place in ("head", "top", "forearms"))
    return np.linalg.norm(forearms - top, axis=1) < np.linalg.norm(forearms - head, axis=1)


def _classifier(features: np.ndarray, worn: np.ndarray, steps: int = 300) -> Callable[[np.ndarray], np.ndarray]:
    """Logistic regression for each garment, balanced by frequency: features (N, D), worn (N, G) bool -> (M, G) bool."""
    x, y = torch.tensor(features).float(), torch.tensor(worn).float()
    weights = torch.zeros(x.shape[1] + 1, y.shape[1], requires_grad=True)
    rarity = (1 - y.mean(dim=0)) / y.mean(dim=0).clamp_min(1e-3)
    optimizer = torch.optim.Adam([weights], lr=0.01)
    for _ in range(steps):
        logits = x @ weights[1:] + weights[0]
        loss = F.binary_cross_entropy_with_logits(logits, y, pos_weight=rarity) + 1e-3 * weights[1:].square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    learned = weights.detach().numpy()
    return lambda rows: rows @ learned[1:] + learned[0] > 0


def _interval(sampled: np.ndarray, photos: np.ndarray) -> tuple[float, float, float]:
    """The kernel distance, and its bounds of 90 %: from its spread over random halves of the pictures, without
    replacement, which would count pairs of equal pictures."""
    rng = np.random.default_rng(0)
    rows = (rng.permutation(len(sampled))[: len(sampled) // 2] for _ in range(RESAMPLED))
    again = [kernel_distance(sampled[each], photos) for each in rows]
    value, spread = kernel_distance(sampled, photos), 1.64 * float(np.std(again)) / 2**0.5
    return value - spread, value, value + spread
