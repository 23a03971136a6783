"""A run's options from a file, and those that there are not."""

import pytest

from vunet import VUNetError
from vunet.train.options import RunOptions, TrainOptions, read_options

EVERYTHING = """
model: {preset: parts-256, mannequin: true, settings: {width: 64, part_codes: 12}}
train:
  steps: 1000
  batch: 16
  pairs: 6
  betas: [0.0, 0.99]
  precision: float16
  weights: {gram: 1.0, adversarial: 0.3}
  schedule: {rate: 0.0002, warm_up: 0, decay_from: 100, end: 16000, kl_points: [[0, 1.0e-6], [8000, 1.0e-5]]}
  augmentation: {tumble: 0.0, limbs: {arms: 0.9}}
"""


def test_a_file_may_set_everything(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text(EVERYTHING)
    options = read_options(path)
    assert options.model.settings == {"width": 64, "part_codes": 12} and options.model.mannequin
    train = options.train
    assert (train.batch, train.photos, train.betas) == (16, 10, (0.0, 0.99))
    assert train.weights.gram == 1.0 and train.weights.pixel == TrainOptions().weights.pixel
    assert train.schedule.learning_rate(100, 16) == pytest.approx(0.0002)
    assert train.augmentation.tumble == 0 and train.augmentation.limbs.arms == 0.9
    assert read_options(None) == RunOptions()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("train: {stepz: 3}", "train.stepz"),
        ("train: {weights: {pixels: 3}}", "train.weights.pixels"),
        ("train: 3", "table"),
        ("[1, 2]", "table"),
        ("train: {steps: -5}", "steps of 1 or more"),
        ("train: {batch: 0}", "batch of 1 or more"),
        ("train: {batch: 4, pairs: 4}", "at most 3 can be pairs"),
        ("train: {precision: half}", "precision 'half'"),
        ("{", "YAML or JSON"),
    ],
)
def test_what_there_is_not_is_named(tmp_path, text, said):
    path = tmp_path / "run.yaml"
    path.write_text(text)
    with pytest.raises(VUNetError, match=said):
        read_options(path)


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(VUNetError, match="cannot be read"):
        read_options(tmp_path / "none.yaml")
