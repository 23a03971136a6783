"""The training loop."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, default_collate
from tqdm import tqdm

from vunet.data.augment import Augmentation
from vunet.data.batches import BatchMaker, frame_bytes, held_frames
from vunet.data.dataset import Key, PairDataset, PeopleDataset, Sampling, TrainingPeople
from vunet.data.index import read_index
from vunet.errors import VUNetError
from vunet.losses import LossWeights, PerceptualLoss, objective
from vunet.model import VUNet, VUNetConfig
from vunet.model.latent import Gaussian
from vunet.model.vunet import redrawn
from vunet.person.tensors import Batch
from vunet.train.discriminator_training import REDRAW
from vunet.train.processes import Processes
from vunet.train.run import SHEETS, Run
from vunet.train.sample_sheet import sample_sheet
from vunet.train.schedule import Schedule
from vunet.train.steps import Interval
from vunet.train.stop import leave_stopping_to_the_run
from vunet.train.weight_norm import initialise_from_data

CLIP_ABOVE, SKIP_ABOVE = 1.5, 4.0  # a gradient longer than so many running medians is shortened, or skipped
REMEMBERED = 100
SHOWN = 6  # people on a sheet
AHEAD = 4  # batches that each process loads before they are asked for
EPSILON = 1e-12  # of a gradient's squared length, to divide by
JUDGED = ("shape", "mask", "joints")  # what the discriminator is told of a picture
EARLY = (100, 250)  # steps after which there is something new to see
MAX_SKIPS_IN_A_ROW = 8  # more mean that the weights themselves have diverged


@dataclass(frozen=True)
class TrainOptions:
    """What a run may choose. steps: planned length, which the schedules stretch over. pairs: how many of a batch are pairs.
    save_every, sheet_every: seconds."""

    steps: int = 6000
    batch: int = 8
    seed: int = 0
    colour_power: float = 1.5
    half_precision: bool = True
    pairs: int = 0
    anchored: bool = False
    report_every: int = 10
    save_every: float = 180.0
    sheet_every: float = 600.0
    workers: int = 1
    device: str = "cpu"
    weights: LossWeights = field(default_factory=LossWeights)
    schedule: Schedule = field(default_factory=Schedule)


class Trainer:
    """Trains a run on a prepared folder. stopping: asked after every step whether it is to end there."""

    def __init__(
        self,
        run: Run,
        data: Path,
        options: TrainOptions,
        perceptual: PerceptualLoss | None,
        pairs: Path | None = None,
        start: VUNet | None = None,
    ) -> None:
        """pairs: a folder of pictures of which several are of one person. start: the model whose codes are the anchor."""
        self.run, self.options, self.perceptual = run, options, perceptual
        run.record(asdict(options))
        self.stopping: Callable[[], bool] = lambda: False
        self.time_to_save, self.time_for_sheet = Interval(options.save_every), Interval(options.sheet_every)
        config = run.model.config
        index = read_index(data, "train")
        self.photos = PeopleDataset(data, index, config, Augmentation())
        held_out = PeopleDataset(data, read_index(data, "held-out"), config)
        if not len(self.photos) or not len(held_out):
            raise VUNetError("There are too few people to train on: prepare some hundreds of photos.")
        self.people = TrainingPeople(self.photos, self._pairs(pairs, config))
        targets = len(self.people.pairs) if self.people.pairs else 0
        self.sampling = Sampling(index.colourfulness, options.colour_power, targets)
        self.anchor = start.appearance.eval().requires_grad_(False).to(options.device) if start else None
        self.make_batch = self._batch_maker()
        shown = default_collate([held_out[i] for i in range(min(SHOWN, len(held_out)))])
        self.preview = BatchMaker(config, options.device)(shown)
        self.processes = Processes(options.device)
        self.network: nn.Module = run.model  # as it is trained: shared with the other processes, if there are any
        if perceptual is not None:
            perceptual.to(options.device)
        torch.backends.cudnn.benchmark = True  # all batches are of one shape

    def _pairs(self, folder: Path | None, config: VUNetConfig) -> PairDataset | None:
        if folder is None or not self.options.pairs:
            return None
        size = self.photos.read(self.photos.records[0]).size
        return PairDataset(folder, list(read_index(folder, "train")), config, Augmentation(), size)

    def _batch_maker(self) -> BatchMaker:
        """On a GPU everybody's photo is held in its memory, if there is room."""
        frames = held_frames(self.photos, self.options.device) if self._has_room() else None
        self.photos.with_frames = frames is None
        return BatchMaker(self.photos.config, self.options.device, frames)

    def _has_room(self) -> bool:
        if torch.device(self.options.device).type != "cuda":
            return False
        free, _ = torch.cuda.mem_get_info(self.options.device)
        return self.people.pairs is None and frame_bytes(self.photos) < free / 2

    def train(self) -> None:
        """Runs to the planned number of steps, saving as it goes; asked to stop, it saves, `KeyboardInterrupt`."""
        if self.run.is_new:
            self._initialise()
        self.share()
        self.run.restore_random_state()
        bar = tqdm(
            total=self.options.steps, initial=self.run.step, desc="train", unit="step", disable=not self.processes.main
        )
        started = time.perf_counter()
        for batch in self.batches():
            terms = self.step(batch)
            self.run.step += 1
            seconds, started = time.perf_counter() - started, time.perf_counter()
            if self.processes.main:
                self._report(bar, terms | {"images_per_second": self.processes.count * self.options.batch / seconds})
            if self.processes.any(self.stopping()):
                self._finish()
                raise KeyboardInterrupt
        if self.processes.main:
            self._save_sheet()
        self._finish()

    def share(self) -> None:
        """Joins the networks of all processes; before it, a step is this process's own."""
        self.network = self.processes.share(self.run.model)
        if self.run.adversarial:
            self.run.adversarial.shared = self.processes.share(self.run.adversarial.network)

    def _finish(self) -> None:
        if self.processes.main:
            self.run.save()
        self.processes.finish()

    def batches(self) -> Iterator[Batch]:
        """The batches that are still to come, on the device; who is in them depends on seed and step alone.

        A GPU draws them; on the CPU those processes do that load people.
        """
        options = self.options
        keys = (key for step in range(self.run.step, options.steps) for key in self._keys(step))
        ahead: dict[str, Any] = {"num_workers": options.workers, "prefetch_factor": AHEAD} if options.workers else {}
        drawn_there = torch.device(options.device).type != "cpu"
        ahead["pin_memory"] = torch.device(options.device).type == "cuda"
        if options.workers:
            cv2.setNumThreads(1)  # in the workers it would wait for threads that no fork copies, and they are many
        # A generator of its own: the loader's draws must not shift the noise of a resumed run.
        loader = DataLoader(
            self.people,
            options.batch,
            sampler=keys,  # type: ignore[arg-type]
            generator=torch.Generator(),
            collate_fn=default_collate if drawn_there else partial(_collated_and_drawn, self.make_batch),
            worker_init_fn=leave_stopping_to_the_run,
            **ahead,
        )
        return map(self.make_batch, loader) if drawn_there else iter(loader)

    def _keys(self, step: int) -> list[Key]:
        """This process's share of a step, photos first."""
        keys, rank, photos, pairs = self._all_keys(step), self.processes.rank, self._photos, self.options.pairs
        first = self.processes.count * photos + rank * pairs
        return keys[rank * photos : (rank + 1) * photos] + keys[first : first + pairs]

    def _all_keys(self, step: int) -> list[Key]:
        count = self.processes.count
        return self.sampling.keys(count * self.options.batch, count * self.options.pairs, [self.options.seed, step])

    @property
    def _photos(self) -> int:
        """How many of a batch are photos; they come first."""
        return self.options.batch - self.options.pairs

    def _forward(self, batch: Batch, noise: float, redraw: int = 0) -> tuple:
        device = torch.device(self.options.device).type
        with torch.autocast(device, torch.bfloat16, enabled=self.options.half_precision):
            batch = {**batch, "shape": batch["shape"].contiguous(memory_format=torch.channels_last)}
            # Everybody's noise is their own: it does not depend on the process, or on who else is in the batch.
            own = [torch.Generator(self.options.device).manual_seed(seed) for seed in batch.pop("seed").tolist()]
            return self.network(batch, noise, own, redraw, self._photos)

    def _initialise(self) -> None:
        self.run.model.eval()
        batch = self.make_batch(default_collate([self.people[key] for key in self._all_keys(0)]))
        initialise_from_data(self.run.model, lambda: self._forward(batch, 1.0))
        self.run.average.module.load_state_dict(self.run.model.state_dict())

    def step(self, batch: Batch) -> dict[str, float | Tensor]:
        """One step on a batch that is on the device; returns the terms of the loss, the gradient's norm and the rate.

        The discriminator's own terms are tensors: a GPU may still be at work on them.
        """
        run, schedule = self.run, self.options.schedule
        progress = run.step / self.options.steps
        rate = schedule.learning_rate(run.step, progress)
        for group in run.optimizer.param_groups:
            group["lr"] = rate
        run.model.train()
        output, posteriors, priors = self._forward(batch, schedule.noise(progress), REDRAW if run.adversarial else 0)
        ends = [output, *(each.mean for each in (*posteriors, *priors))]
        cut = [end.detach().requires_grad_() for end in ends] if run.adversarial else ends
        loss, terms = self._objective(cut, batch, schedule.kl_weight(progress))
        run.optimizer.zero_grad()
        if run.adversarial:
            conditions = {name: self._judged(redrawn(batch[name], REDRAW, self._photos)) for name in JUDGED}
            pictures = self._judged(self._without_gradient_in_faces(cut[0], batch))
            learned = run.adversarial.losses(pictures, conditions)
            loss, terms = self._joined_backward(loss, learned, cut, ends), terms | learned
        else:
            loss.backward()
        numbers = self.processes.mean({"loss": loss, "norm": self._gradient()} | terms)  # a GPU is waited for here alone
        self._update(numbers["loss"], numbers["norm"])
        learned_now = {}
        if run.adversarial and math.isfinite(numbers["loss"]):  # what is not a number would stay in its weights
            photos = {name: value[: self._photos] for name, value in batch.items()}
            learned_now = run.adversarial.learn(self._judged(output), conditions, photos)
        return numbers | {"lr": rate} | learned_now

    def _judged(self, rows: Tensor) -> Tensor:
        """Of a training pass's rows those that the discriminator sees: no rendered person, so that none looks rendered."""
        return torch.cat([rows[: self._photos], rows[self.options.batch :]])

    def _without_gradient_in_faces(self, output: Tensor, batch: Batch) -> Tensor:
        """Ten pixels wide, faces taught the discriminator that eyes are dark bars, and D rendered bars."""
        return torch.where(redrawn(batch["face"], REDRAW, self._photos) > 0, output.detach(), output)

    def _objective(self, ends: list[Tensor], batch: Batch, kl_weight: float) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss and its terms from the network's ends: pictures, means of the posteriors, means of the priors."""
        latents, codes = self.run.model.config.latents, [Gaussian(mean) for mean in ends[1:]]
        own, weights, priors = ends[0][: len(batch["image"])], self.options.weights, codes[latents:]
        device = torch.device(self.options.device).type
        with torch.autocast(device, torch.bfloat16, enabled=self.options.half_precision):
            posteriors = codes[:latents] if priors else []
            loss, terms = objective(own, batch, posteriors, priors, weights, kl_weight, self.perceptual)
            if self.anchor is not None and weights.anchor:
                terms["anchor"] = self._from_anchor(ends[1 : 1 + latents], batch)
                loss = loss + weights.anchor * terms["anchor"]
        return loss, {name: value.detach() for name, value in terms.items()}

    def _from_anchor(self, means: list[Tensor], batch: Batch) -> Tensor:
        """How far the photos' codes have moved since the start, in the codes' variance."""
        assert self.anchor is not None
        photos = self._photos
        with torch.no_grad():
            wanted = [q.mean.float() for q in self.anchor(batch["parts"][:photos])[0]]
        pairs = zip(means, wanted, strict=True)
        return torch.stack([(a[:photos].float() - b).square().mean() / b.var() for a, b in pairs]).mean()

    def _joined_backward(self, loss: Tensor, learned: dict[str, Tensor], cut: list[Tensor], ends: list[Tensor]) -> Tensor:
        """Backward passes of the loss and of the learned terms down to `cut`, detached copies of the network's outputs
        `ends`, pictures first; then one pass of their sum through the network. Returns the loss that it belongs to."""
        rest, *codes = torch.autograd.grad(loss, cut)
        adversarial, total = self.run.adversarial, rest
        assert adversarial
        for name, term in learned.items():
            pull = torch.autograd.grad(term, cut[0], retain_graph=True)[0]
            weight = self.options.weights.adversarial * adversarial.weight(name) * self._balance(rest, pull)
            loss, total = loss + weight * term, total + weight * pull
        torch.autograd.backward(ends, [total, *codes])
        return loss

    def _balance(self, rest: Tensor, pull: Tensor) -> Tensor:
        """How much longer the loss's gradient is than an adversarial term's, where they reach the pictures; a scalar.

        Esser, Rombach, Ommer, "Taming Transformers", CVPR 2021, equation 7, at the output instead of the last layer.
        """
        squares = self.processes.averaged(torch.stack([each.float().square().sum() for each in (rest, pull)]))
        return (squares[0] / squares[1].clamp_min(EPSILON)).sqrt().nan_to_num(0.0, posinf=0.0)

    def _gradient(self) -> Tensor:
        """Length of the gradient, a scalar."""
        return torch.nn.utils.get_total_norm([p.grad for p in self.run.model.parameters() if p.grad is not None])

    def _update(self, loss: float, norm: float) -> None:
        """One optimiser step, unless the gradient is an outlier; too many outliers, and the average takes over."""
        run = self.run
        usual = statistics.median(run.norms) if len(run.norms) >= REMEMBERED // 2 else math.inf
        if not math.isfinite(norm) or not math.isfinite(loss) or norm > SKIP_ABOVE * usual:
            run.skip(MAX_SKIPS_IN_A_ROW)
            return
        run.norms = [*run.norms, norm][-REMEMBERED:]
        if norm > CLIP_ABOVE * usual:
            gradients = [p.grad for p in run.model.parameters() if p.grad is not None]
            torch._foreach_mul_(gradients, CLIP_ABOVE * usual / norm)
        run.advance(self.options.anchored)

    def _report(self, bar: tqdm, terms: dict[str, float | Tensor]) -> None:
        run, options = self.run, self.options
        bar.update()
        if run.step % options.report_every == 0:
            numbers = {name: float(value) for name, value in terms.items()}
            bar.set_postfix({k: f"{v:.3g}" for k, v in numbers.items()} | {"skipped": run.skipped}, refresh=False)
            run.log({"step": run.step, "skipped": run.skipped, "rollbacks": run.rollbacks} | numbers)
        if self.time_to_save():
            run.save()
        if self.time_for_sheet() or run.step in EARLY:
            self._save_sheet()

    def _save_sheet(self) -> None:
        model = self.run.averaged()
        Image.fromarray(sample_sheet(model, self.preview)).save(
            self.run.folder / SHEETS / f"{self.run.step:06d}.jpg", quality=88
        )


def _collated_and_drawn(make_batch: BatchMaker, items: list[Batch]) -> Batch:
    return make_batch(default_collate(items))
