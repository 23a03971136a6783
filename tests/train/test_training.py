"""The whole path on rendered people: prepare, train, resume, export."""

import dataclasses
import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.configs import SMALL, SMALL_PARTS
from tests.prepared import Known, drawing, drawn, options
from vunet import Pose, VUNet, VUNetError
from vunet.checkpoints import load_checkpoint
from vunet.data.dataset import PeopleDataset, Sampling
from vunet.data.index import Record, read_index
from vunet.data.pack import pack
from vunet.data.prepare import prepare
from vunet.losses import LossWeights, load_perceptual, objective
from vunet.losses.adversarial import around_person
from vunet.model import VUNetConfig
from vunet.model.vunet import rerendered_rows
from vunet.pose.joints import JOINTS
from vunet.train.ablation import ABLATIONS, ablated_config, ablated_schedule
from vunet.train.command import export_command, train_command
from vunet.train.discriminator_training import RERENDER, AdversarialTrainer
from vunet.train.options import RunOptions, TrainOptions
from vunet.train.run import Run
from vunet.train.schedule import Schedule
from vunet.train.steps import Interval
from vunet.train.trainer import Trainer
from vunet.train.weight_norm import fold_weights, initialise_from_data, normalise_weights, sample_weights


def test_prepare_frames_refuses_with_a_reason_and_resumes(data):
    photos, out, counts = data
    assert counts == {"accepted": 42, "NoPersonFound": 1, "BadImage": 2}
    refused = [json.loads(line) for line in (out / "refused.jsonl").read_text().splitlines()]
    assert {r["photo"] for r in refused} == {"nobody.png", "broken.jpg", "unread.jxl"}
    before = (out / "index.jsonl").read_text()
    assert prepare(photos, out, Known()) == {"accepted": 42}
    assert (out / "index.jsonl").read_text() == before
    with pytest.raises(VUNetError, match="no photos"):
        prepare(out / "frames" / "none", out, Known())


def write_index(path, pictures=3, **changes):
    order = [*reversed(JOINTS), "reye2"]  # another order, and a joint that we do not have
    joints = np.array([[*Pose.default().joints[::-1], (-1, -1)]] * pictures)
    joints[-1, order.index("lhip")] = -1
    for i in range(pictures):
        Image.fromarray(drawing(i)).resize((120, 240)).save(path.parent / f"{i}.png")
    data = {"imgs": [f"{i}.png" for i in range(pictures)], "joints": joints, "joint_order": order}
    data |= {"train": [i != 1 for i in range(pictures)], **changes}
    path.write_bytes(pickle.dumps(data, protocol=2))


def test_the_authors_layout_is_read(tmp_path):
    write_index(tmp_path / "index.p")
    counts = prepare(tmp_path / "index.p", tmp_path / "people")
    assert counts == {"accepted": 2, "NoPersonFound": 1}
    train, held_out = (read_index(tmp_path / "people", split) for split in ("train", "held-out"))
    assert [r.photo for r in train] == ["0.png"] and [r.photo for r in held_out] == ["1.png"]
    x, y = Pose.default().xy("lwrist")
    assert train[0].pose.xy("lwrist") == pytest.approx([0.25 + x / 2, y], abs=1e-3)  # a tall picture in a square
    mask = np.array(Image.open(tmp_path / "people" / train[0].file))[..., 3]
    assert mask[2:-2, 102:218].min() == 255 and mask[:, :60].max() == 0
    assert Record.from_json(held_out[0].to_json()) == held_out[0]


class Hostile:
    def __reduce__(self):
        return Path.touch, (Path("made-by-a-pickle"),)


@pytest.mark.parametrize(
    "changes",
    [
        {"imgs": Hostile()},
        {"imgs": ["0.png", "../1.png", "2.png"]},
        {"joints": [1]},
        {"joint_order": ["nose"]},
        {"train": [True]},
    ],
)
def test_an_index_that_is_none_is_refused_and_runs_nothing(tmp_path, monkeypatch, changes):
    monkeypatch.chdir(tmp_path)
    write_index(tmp_path / "index.p", **changes)
    with pytest.raises(VUNetError, match="index"):
        prepare(tmp_path / "index.p", tmp_path / "people")
    assert not Path("made-by-a-pickle").exists()


def test_the_split_depends_on_names_alone(data):
    train, held_out = read_index(data[1], "train"), read_index(data[1], "held-out")
    assert len(train) + len(held_out) == 42 and train and held_out
    assert all(r.held_out for r in held_out)
    assert Record.from_json(train[0].to_json()) == train[0]
    with pytest.raises(VUNetError, match="prepare"):
        read_index(data[0])


def test_colourful_people_are_drawn_more_often():
    grey, red = (Record(f"{c}", "", Pose.default(), c) for c in (0.0, 100.0))
    sampling = Sampling(np.array([grey.colourfulness, red.colourfulness]), 1.5)
    chosen = [key.row for key in sampling.keys(1000, 0, [0])]
    assert 0.9 < np.mean(chosen) < 1
    assert sampling.keys(8, 0, [0, 1]) != sampling.keys(8, 0, [1, 0])  # a seed is not another one, a step later


def test_weight_normalisation_keeps_the_function_and_data_sets_the_scale():
    torch.manual_seed(0)
    model = sample_weights(VUNet(SMALL)).eval()
    parts = torch.randn(4, 36, 32, 32)
    before = model.posterior(parts)[1].mean
    normalise_weights(model)
    assert torch.allclose(model.posterior(parts)[1].mean, before, atol=1e-5)
    initialise_from_data(model, lambda: model.posterior(parts))
    after = model.posterior(parts)[1].mean
    assert after.mean().abs() < 0.05 and abs(after.std() - 1) < 0.1
    assert torch.allclose(fold_weights(model).posterior(parts)[1].mean, after, atol=1e-5)


def test_the_schedule_guards_against_collapse():
    schedule = Schedule()
    assert schedule.noise(0) == 0 and schedule.noise(schedule.noise_until) == 1
    assert schedule.kl_weight(0) < 1e-5 < schedule.kl_weight(0.45 * schedule.end)
    assert schedule.kl_weight(schedule.end) < schedule.kl_weight(0.45 * schedule.end)
    assert schedule.learning_rate(0, 8) < schedule.learning_rate(4000, 8) > schedule.learning_rate(schedule.end - 100, 8)


def test_times_are_in_images_and_stretch_over_the_plan():
    short, long = Schedule.planned(4800), Schedule.planned(96_000)
    assert short.noise(1200) == long.noise(24_000) == 1 and short.learning_rate(4800, 8) == 0
    assert short.kl_weight(2160) == pytest.approx(long.kl_weight(43_200))
    assert Schedule.continued(4800).noise(0) == 1


def losses(folder):
    return [json.loads(line)["loss"] for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("config", [SMALL, SMALL_PARTS], ids=["body", "parts"])
def test_training_learns(data, tmp_path, config):
    Trainer(Run.open(tmp_path, config), data[1], options(80), None).train()
    log = losses(tmp_path)
    assert log[-1] < 0.6 * log[0]
    assert list((tmp_path / "sheets").glob("*.jpg"))
    export_command(tmp_path, tmp_path / "out.safetensors")
    assert load_checkpoint(tmp_path / "out.safetensors").config == config


def test_a_resumed_run_ends_where_the_unbroken_one_does(data, tmp_path):
    config = dataclasses.replace(SMALL, dropout=0.1)  # with the windows of the perceptual loss: two that draw as they go

    def trainer_of(run):
        return Trainer(run, data[1], options(12), load_perceptual("efficientnet"))

    def finish(run):
        trainer_of(run).train()
        return run.model.state_dict()

    whole = finish(Run.open(tmp_path / "whole", config))
    run = Run.open(tmp_path / "broken", config)
    trainer = trainer_of(run)
    batches = trainer.batches

    def first_half():
        for i, batch in enumerate(batches()):
            if i == 6:
                return
            yield batch

    trainer.batches = first_half
    trainer.train()
    resumed = finish(Run.open(tmp_path / "broken", config))
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_a_run_against_a_discriminator_learns_and_resumes_with_it(data, tmp_path):
    """The discriminator comes to tell photos from pictures, D is told, and the discriminator is part of the saved state."""
    run = Run.open(tmp_path, SMALL_PARTS, adversarial=AdversarialTrainer("cpu"))
    against = dataclasses.replace(options(20), weights=LossWeights(adversarial=1.0))
    trainer = Trainer(run, data[1], against, None)
    losses = [trainer.step(batch)["discriminator"] for batch in trainer.batches()]
    assert losses[0] > 1.9 and np.mean(losses[-5:]) < 1.5 and run.adversarial.step == 20
    batch = next(trainer.batches())
    output = rerendered_rows(batch["image"], RERENDER).clone().requires_grad_(True)
    conditions = {name: rerendered_rows(batch[name], RERENDER) for name in ("shape", "mask", "joints")}
    run.adversarial.losses(trainer._without_gradient_in_faces(output, batch), conditions)["adversarial"].backward()
    assert output.grad.flatten(1).abs().sum(dim=1).min() > 0  # the pictures that are drawn from the prior are judged too
    face = rerendered_rows(batch["face"], RERENDER).expand_as(output) > 0
    assert face.any() and not output.grad[face].any()  # but not for their faces
    corner = torch.zeros(1, 1, 64, 64)
    corner[..., 20, 40] = 1
    assert torch.equal(around_person(corner, (4, 4)).nonzero(), torch.tensor([[0, 0, 1, 2]]))  # the plain background is not
    run.save()
    again = Run.open(tmp_path, SMALL_PARTS, adversarial=AdversarialTrainer("cpu"))
    assert again.adversarial.step == 20
    terms = []
    for each in again, run:
        torch.manual_seed(0)  # it looks through a random window
        terms.append(each.adversarial.losses(output, conditions)["adversarial"])
    assert torch.equal(*terms)
    Run.open(tmp_path, SMALL_PARTS).save()  # a part of the run that does without it
    assert Run.open(tmp_path, SMALL_PARTS, adversarial=AdversarialTrainer("cpu")).adversarial.step == 20
    before = [value.clone() for value in run.adversarial.network.parameters()]
    numbers = trainer.step(batch | {"image": torch.full_like(batch["image"], torch.nan)})
    assert "discriminator" not in numbers and all(map(torch.equal, before, run.adversarial.network.parameters()))


def test_a_discriminator_sees_through_every_scale_of_fixed_features(tmp_path):
    perceptual = load_perceptual("efficientnet")
    discriminator = AdversarialTrainer("cpu", perceptual.features).network
    assert len(list(discriminator.features.parameters())) == 5 * 6  # three layers a scale
    for score in range(1, 6):
        picture = torch.rand(1, 3, 64, 64, requires_grad=True)
        discriminator(picture, torch.zeros(1, 3, 64, 64))[0][score].mean().backward()
        assert picture.grad.abs().sum() > 0
    assert all(p.grad is None for p in perceptual.parameters())
    Run.open(tmp_path, SMALL_PARTS, adversarial=AdversarialTrainer("cpu", perceptual.features)).save()
    with pytest.raises(VUNetError, match="other features"):
        Run.open(tmp_path, SMALL_PARTS, adversarial=AdversarialTrainer("cpu"))


def test_a_discriminator_moves_d_once_it_has_warmed_up(data, tmp_path):
    """The same step without a discriminator, with a new one, and with one that has learned."""
    moved = []
    for name, steps in ("none", None), ("new", 0), ("learned", 1000):
        run = Run.open(tmp_path / name, SMALL_PARTS, adversarial=None if steps is None else AdversarialTrainer("cpu"))
        if run.adversarial and steps is not None:
            run.adversarial.step = steps
        trainer = Trainer(run, data[1], dataclasses.replace(options(2), weights=LossWeights(adversarial=1.0)), None)
        trainer.step(next(trainer.batches()))
        moved.append(torch.cat([p.grad.flatten() for p in run.model.shape.parameters()]))
    assert torch.allclose(moved[0], moved[1], atol=1e-5) and not torch.allclose(moved[0], moved[2], rtol=0.05)


def test_states_and_sheets_come_by_the_clock(data, tmp_path):
    often = dataclasses.replace(options(3), save_every=0.0, sheet_every=0.0)
    trainer = Trainer(Run.open(tmp_path, SMALL_PARTS), data[1], often, None)
    written = []  # before the end, which writes the state in any case

    def stop_after_a_step():
        written.extend((tmp_path / name).exists() for name in ("state.pt", "sheets/000001.jpg"))
        return True

    trainer.stopping = stop_after_a_step
    with pytest.raises(KeyboardInterrupt):
        trainer.train()
    assert written == [True, True]
    seldom = Interval(3600)
    assert not seldom()


def test_two_processes_are_one_with_the_doubled_batch(data, tmp_path):
    """One reads the files that `prepare` wrote, two read the same people from archives of `pack`."""
    packed = tmp_path / "packed"
    pack(data[1], packed, most=15)
    script = ["-m", "tests.train.small_run"]
    # `accelerate launch` starts several processes on a CPU through MPI only; PyTorch's own launcher needs nothing else.
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    folders = tmp_path / "one", tmp_path / "two"
    commands = [sys.executable, *script, data[1], folders[0], "8"], [*launch, *script, packed, folders[1], "4"]
    for command in commands:
        subprocess.run([str(word) for word in command], check=True, timeout=300, cwd=Path(__file__).parents[2])
    one, two = (torch.load(folder / "state.pt", weights_only=True) for folder in folders)
    assert one["step"] == two["step"] == 6
    start = Run.open(tmp_path / "start", SMALL).model.state_dict()
    weights = [name for name in start if name.endswith("original1")]
    moved = torch.cat([(one["model"][name] - start[name]).flatten() for name in weights]).abs()
    apart = torch.cat([(one["model"][name] - two["model"][name]).flatten() for name in weights]).abs()
    # Adam goes as far for the smallest gradient as for the largest: rounding turns some weights the other way.
    assert apart.median() < 0.05 * moved.median()
    assert losses(folders[0]) == pytest.approx(losses(folders[1]), rel=1e-4)


@pytest.mark.parametrize("without", ABLATIONS)
def test_an_ablation_leaves_out_what_it_says(data, without):
    config = ablated_config(SMALL_PARTS, without)
    people = PeopleDataset(data[1], read_index(data[1], "all"), config)
    batch = drawn(people, 0)
    parts = batch["parts"][0].unflatten(0, (12, 3))
    model = VUNet(config).eval()
    whole_picture = torch.nn.functional.interpolate(batch["image"], size=32, mode="bilinear", antialias=True)
    assert (without == "kl") == (ablated_schedule(Schedule(), without).kl_weight(24_000) == 0)
    assert (without == "part-maps") == (model.decoder.part_maps is None)
    assert (without == "appearance") == (not (parts.abs() > 0.01).any())
    assert (without == "crops") == bool((parts[0] - whole_picture[0]).abs().mean() < 0.05)
    assert model(batch)[0].shape == (1, 3, 64, 64)


@pytest.mark.parametrize(
    ("perceptual", "precision", "said"),
    [("resnet", "float32", "perceptual features 'resnet'"), ("none", "half", "precision 'half'")],
)
def test_options_that_there_are_not_are_refused(tmp_path, perceptual, precision, said):
    with pytest.raises(VUNetError, match=said):
        options = TrainOptions(steps=1, batch=1, perceptual=perceptual, precision=precision)
        train_command(tmp_path, tmp_path, RunOptions(train=options), device="cpu")


def test_an_ablation_that_is_none_is_refused():
    with pytest.raises(VUNetError, match="choose among"):
        ablated_config(SMALL_PARTS, "everything")
    with pytest.raises(VUNetError, match="crops of their own"):
        ablated_config(VUNetConfig.preset("paper-128"), "crops")


def test_outlier_steps_are_skipped_and_too_many_bring_the_average_back(tmp_path):
    run = Run.open(tmp_path, SMALL)
    average = {k: v.clone() for k, v in run.average.module.state_dict().items()}
    with torch.no_grad():
        for p in run.model.parameters():
            p.add_(100)
    for _ in range(3):
        run.skip(most=3)
    assert run.skipped == 3 and run.rollbacks == 1
    assert all(torch.equal(v, average[k]) for k, v in run.model.state_dict().items())


def test_another_models_run_is_refused(tmp_path):
    Run.open(tmp_path, SMALL).save()
    with pytest.raises(VUNetError, match="another model"):
        Run.open(tmp_path, dataclasses.replace(SMALL, width=16))


def test_the_objective_counts_the_persons_pixels_more():
    target = torch.zeros(1, 3, 32, 32)
    mask = torch.zeros(1, 1, 32, 32)
    mask[..., :16] = 1
    face = torch.zeros(1, 1, 32, 32)
    face[..., 20:28, 4:12] = 1
    hands = face.flip(3)
    on, beside, edge, looks, gesture = (target.clone() for _ in range(5))
    on[..., 8:16, 8:16] = 0.5
    looks[..., 20:28, 4:12] = 0.5
    gesture[..., 20:28, 20:28] = 0.5
    beside[..., 8:16, 16:24] = 0.5
    edge[..., :2, :] = 0.5  # as many pixels, where zero padding draws its line
    batch = {"image": target, "mask": mask, "face": face, "hands": hands}

    def loss(output):
        return objective(output, batch, [], [], LossWeights(), 0.0, None)[0]

    assert min(loss(edge), loss(looks), loss(gesture)) > loss(on) > 2 * loss(beside) > 0
