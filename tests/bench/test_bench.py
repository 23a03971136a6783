"""The benchmark counts arithmetic rightly, compares what draws the same, and measures every part."""

import itertools

import pytest
import torch

from tests.configs import SMALL_PARTS
from vunet.bench import model as bench_model
from vunet.bench import presets as bench_presets
from vunet.bench import training as bench_training
from vunet.bench.growth import latency_by_visitors, memory_by_rows, plot, samples_by_count
from vunet.bench.machine import disturbed
from vunet.bench.model import counted_gflop, render_gflop, verb_numbers, with_shares
from vunet.bench.presets import preset_rows
from vunet.bench.timing import interleaved
from vunet.model import VUNet, VUNetConfig

TINY = VUNetConfig(
    size=64, bottleneck=1, stem=4, width=8, max_width=16, crop_size=16, crop_width=8, layout="body", parts=12,
    part_channels=2, part_codes=2, prior_width=16,
)  # fmt: skip


def test_a_convolution_is_counted_as_the_formula_says():
    convolution, x = torch.nn.Conv2d(4, 8, 3, padding=1), torch.zeros(1, 4, 16, 16)
    assert counted_gflop(lambda: convolution(x)) == pytest.approx(2 * 9 * 4 * 8 * 16 * 16 / 1e9)


def test_the_authors_render_takes_the_arithmetic_that_is_known():
    assert render_gflop(VUNet(VUNetConfig.preset("paper-256"))) == pytest.approx(33.9, rel=0.03)


def test_jobs_take_turns():
    order = []
    rows = interleaved({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, rounds=4)
    assert order == ["a", "b"] * 7 and set(rows) == {"a", "b"}
    assert all(row["median_ms"] <= row["p95_ms"] for row in rows.values())


def test_every_way_to_compute_a_preset_draws_the_same(monkeypatch):
    monkeypatch.setattr(bench_presets, "PRESETS", {"tiny": TINY})
    monkeypatch.setattr(VUNetConfig, "preset", classmethod(lambda cls, name: TINY))
    rows = preset_rows(torch.device("cpu"), torch.float32)
    assert [row["way"] for row in rows] == ["plain eager float32", "eager float32", "openvino float32"]
    assert rows[0]["gain"] == 1 and all(row["difference"] < 1e-4 for row in rows)


def test_the_verbs_are_measured_on_changing_poses(studio):
    rows = verb_numbers(studio)
    assert rows["render (E + D, one look)"]["gflop"] > 0
    assert 0 < rows["sample 1"]["gflop"] < rows["sample 8"]["gflop"] <= 8 * rows["sample 1"]["gflop"]
    poses = bench_model._wave(bench_model.Pose.default())
    assert all(a != b for a, b in itertools.pairwise(poses))


def test_a_run_that_contradicts_itself_is_called_disturbed():
    rows = with_shares({"render": {"median_ms": 10.0, "gflop": 2.0}, "jpeg": {"median_ms": 1.0}}, peak=400.0)
    assert rows["render"]["share_of_peak"] == 0.5 and "share_of_peak" not in rows["jpeg"]
    peak = {"matrix": 300.0, "convolution": 400.0}
    assert not disturbed(peak, {"matrix": 310.0, "convolution": 390.0}, rows)
    assert disturbed(peak, {"matrix": 310.0, "convolution": 200.0}, rows)  # half of the machine was away
    assert disturbed(peak, peak, with_shares(rows, peak=150.0))  # 133 % of a peak


def test_curves_grow_where_there_is_more_to_do(studio, tmp_path):
    curves = {
        "visitors": latency_by_visitors(studio, (1, 4), seconds=0.4),
        "samples": samples_by_count(studio, (1, 16)),
        "rows": memory_by_rows((1_000, 8_000)),
    }
    for curve in curves.values():
        (fewer, before), (more, after) = curve["points"]
        assert fewer < more and before > 0 and after > 0
    (_, few), (_, many) = curves["rows"]["points"]
    assert many - few < 7_000 * 60 / 1e6  # flat: some dozen bytes a person, where a record is a kilobyte
    plot(curves, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size > 10_000


def test_training_is_measured_with_and_without_the_discriminator(monkeypatch, capsys):
    monkeypatch.setattr(bench_training.VUNetConfig, "preset", lambda _: SMALL_PARTS)
    monkeypatch.setattr(bench_training, "LOOP", 2)
    numbers = bench_training.training_report("cpu", batch=4, workers=0)
    assert numbers["rows"].keys() == {"plain step", "step with the discriminator"}
    for row in numbers["rows"].values():
        assert 0 < row["device_share"] <= 1 and row["people_per_second"] < 4 / row["median_ms"] * 1e3 * 1.5
    assert numbers["unlike_cpu"] == 0  # it is one
    assert numbers["planned_per_second"] > 0 and numbers["drawn_per_second"] > 0
    assert "people/s" in capsys.readouterr().out
