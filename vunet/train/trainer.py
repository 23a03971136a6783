"""The training of F, E and D: one loop over photos and pairs."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import default_collate
from tqdm import tqdm

from vunet.data.batches import BatchMaker, frame_bytes, held_frames
from vunet.data.dataset import Key, PairDataset, PeopleDataset, Sampling, TrainingPeople
from vunet.data.index import read_index
from vunet.errors import VUNetError
from vunet.losses import PerceptualLoss, objective
from vunet.model import VUNet
from vunet.model.latent import Gaussian
from vunet.model.vunet import rerendered_rows
from vunet.person.tensors import Batch
from vunet.train.balance import LossTerm, balanced_gradients
from vunet.train.discriminator_training import RERENDER
from vunet.train.held_out import HeldOutPeople
from vunet.train.options import TrainOptions
from vunet.train.people_loader import rendered_batches
from vunet.train.processes import Processes
from vunet.train.run import SHEETS, Run
from vunet.train.sample_sheet import sample_sheet
from vunet.train.schedule import Schedule
from vunet.train.state_file import step_seed
from vunet.train.steps import Interval
from vunet.train.weight_norm import initialise_from_data

CLIP_ABOVE, SKIP_ABOVE = 1.5, 4.0  # clip at 1.5 times, skip at 4 times the running median of the gradient's norm
REMEMBERED = 100
SHOWN = 6  # people on a sheet
EARLY = (100, 250)  # steps after which there is something new to see
MAX_SKIPS_IN_A_ROW = 8  # more mean that the weights themselves have diverged
JUDGED = ("shape", "mask", "joints")  # what the discriminator is conditioned on


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
        self.processes = Processes(options.device, run.folder)
        self.stopping: Callable[[], bool] = lambda: False
        self.time_to_save, self.time_for_sheet = Interval(options.save_every), Interval(options.sheet_every)
        config, index = run.model.config, read_index(data, "train")
        self.photos = PeopleDataset(data, index, config, options.augmentation)
        held_out = PeopleDataset(data, read_index(data, "held-out"), config)
        if not len(self.photos) or not len(held_out):
            raise VUNetError("There are too few people to train on: prepare some hundreds of photos.")
        self.people = TrainingPeople(self.photos, self._pairs(pairs))
        targets = len(self.people.pairs) if self.people.pairs else 0
        self.sampling = Sampling(index.colourfulness, options.colour_power, targets)
        self.schedule = options.schedule or self._usual_schedule()
        self.anchor = start.eval().requires_grad_(False).to(options.device) if start else None
        self.make_batch = self._batch_maker()
        self.held_out = held_out
        self.preview = BatchMaker(config, options.device)(_first(held_out, SHOWN))
        if perceptual is not None:
            perceptual.to(options.device)
        run.record(asdict(options))
        run.share(self.processes)
        torch.backends.cudnn.benchmark = True  # all batches are of one shape

    @property
    def images(self) -> int:
        """How many a step passes, in all processes."""
        return self.processes.count * self.options.batch * self.options.accumulate

    def _usual_schedule(self) -> Schedule:
        planned = self.options.steps * self.images
        return Schedule.continued(planned) if self.run.continued else Schedule.planned(planned)

    def _pairs(self, folder: Path | None) -> PairDataset | None:
        if folder is None or not self.options.pairs:
            return None
        size, config = self.photos.read(self.photos.records[0]).size, self.photos.config
        return PairDataset(folder, list(read_index(folder, "train")), config, self.options.augmentation, size)

    def _batch_maker(self) -> BatchMaker:
        """On a GPU everybody's photo is held in its memory, if there is room."""
        frames = held_frames(self.photos, self.options.device) if self._has_room() else None
        self.photos.with_frames = frames is None
        return BatchMaker(self.photos.config, self.options.device, frames)

    def _has_room(self) -> bool:
        if torch.device(self.options.device).type != "cuda" or self.people.pairs is not None:
            return False
        free, _ = torch.cuda.mem_get_info(self.options.device)
        return frame_bytes(self.photos) < free / 2

    def train(self) -> None:
        """Runs to the planned number of steps, saving as it goes; asked to stop, it saves, `KeyboardInterrupt`."""
        if self.run.is_new:
            self._initialise()
        main, options = self.processes.main, self.options
        self.judge = HeldOutPeople(self.held_out, options.device, options.weights, self.perceptual) if main else None
        bar = tqdm(total=options.steps, initial=self.run.step, desc="train", unit="step", disable=not main)
        batches, started = self.batches(), time.perf_counter()
        while self.run.step < options.steps and (together := self._together(batches)):
            terms = self.step(*together)
            self.run.step += 1
            seconds, started = time.perf_counter() - started, time.perf_counter()
            if main:
                self._report(bar, terms | {"images_per_second": self.images / seconds})
            if self.processes.any(self.stopping()):
                self._finish()
                raise KeyboardInterrupt
        if main:
            self._save_sheet()
        self._finish()

    def _together(self, batches: Iterator[Batch]) -> list[Batch]:
        """The batches of a step."""
        return [batch for _, batch in zip(range(self.options.accumulate), batches, strict=False)]

    def _finish(self) -> None:
        if self.processes.main:
            self.run.save()
        self.processes.finish()

    def batches(self) -> Iterator[Batch]:
        """The batches that are still to come, on the device; who is in them depends on seed and step alone."""
        options = self.options
        keys = (key for step in range(self.run.step, options.steps) for key in self._keys(step))
        return rendered_batches(self.people, keys, self.make_batch, options.batch, options.workers)

    def _keys(self, step: int) -> list[Key]:
        """This process's share of a step, batch by batch, photos first."""
        share, options = self.processes.share, self.options
        return [
            key
            for part in range(options.accumulate)
            for kind in self._all_keys(step, part)
            for key in share(kind)
        ]  # fmt: skip

    def _all_keys(self, step: int, part: int) -> tuple[list[Key], list[Key]]:
        """Photos and pairs of all processes."""
        count, pairs = self.processes.count * self.options.batch, self.processes.count * self.options.pairs
        keys = self.sampling.keys(count, pairs, [self.options.seed, step, part])
        return keys[: count - pairs], keys[count - pairs :]

    def autocast(self) -> torch.autocast:
        """In which networks and losses compute."""
        kind, dtype = torch.device(self.options.device).type, self.options.dtype
        return torch.autocast(kind, dtype if dtype != torch.float32 else torch.bfloat16, enabled=dtype != torch.float32)

    def _forward(self, batch: Batch, noise: float, rerender: int = 0) -> tuple:
        with self.autocast():
            batch = {**batch, "shape": batch["shape"].contiguous(memory_format=torch.channels_last)}
            # Everybody's noise is their own: it does not depend on the process, or on who else is in the batch.
            own = [torch.Generator(self.options.device).manual_seed(seed) for seed in batch.pop("seed").tolist()]
            return self.run.model(batch, noise, own, rerender, self.options.photos)

    def _initialise(self) -> None:
        self.run.model.eval()
        keys = [key for kind in self._all_keys(0, 0) for key in kind]
        batch = self.make_batch(default_collate([self.people[key] for key in keys]))
        initialise_from_data(self.run.model, lambda: self._forward(batch, 1.0))
        self.run.average.module.load_state_dict(self.run.model.state_dict())

    def step(self, *batches: Batch) -> dict[str, float | Tensor]:
        """One step on batches that are on the device; returns the mean terms of the loss, the gradient's norm and the rate.

        The discriminator's own terms are tensors: a GPU may still be at work on them.
        """
        run, seen = self.run, self.run.step * self.images
        torch.manual_seed(step_seed(self.options.seed, run.step))  # windows and augmentation of the discriminator's
        rate = self.schedule.learning_rate(seen, self.images)
        for group in run.optimizer.param_groups:
            group["lr"] = rate
        run.model.train()
        run.optimizer.zero_grad()
        passes = [self._backward(batch, seen, len(batches)) for batch in batches]
        self.processes.average_gradients(run.model.parameters())
        run.scaler.unscale_(run.optimizer)
        terms = {name: torch.stack([each[0][name] for each in passes]).mean() for name in passes[0][0]}
        numbers = self.processes.mean({"norm": self._norm()} | terms)  # a GPU is waited for here alone
        self._update(numbers["loss"], numbers["norm"])
        learned: dict[str, Tensor] = {}
        if run.adversarial and math.isfinite(numbers["loss"]):  # what is not a number would stay in its weights
            for (_, output, conditions), batch in zip(passes, batches, strict=True):
                photos = {name: value[: self.options.photos] for name, value in batch.items()}
                learned = run.adversarial.learn(self._judged(output), conditions, photos)
        return numbers | {"lr": rate} | learned

    def _backward(self, batch: Batch, seen: int, parts: int) -> tuple[dict[str, Tensor], Tensor, Batch]:
        """Gradients of one batch of `parts`. Returns the terms, the pictures, and what those that are judged show."""
        run, schedule = self.run, self.schedule
        output, posteriors, priors = self._forward(batch, schedule.noise(seen), RERENDER if run.adversarial else 0)
        ends = [output, *(each.mean for each in (*posteriors, *priors))]
        cut = [end.detach().requires_grad_() for end in ends]
        loss, terms = self._objective(cut, batch, schedule.kl_weight(seen))
        balanced: dict[str, LossTerm] = {}
        conditions: Batch = {}
        if run.adversarial:
            conditions = {
                name: self._judged(rerendered_rows(batch[name], RERENDER, self.options.photos)) for name in JUDGED
            }
            values = run.adversarial.losses(self._judged(self._without_gradient_in_faces(cut[0], batch)), conditions)
            pull = self.options.weights.adversarial
            balanced = {name: LossTerm(value, pull * run.adversarial.weight(name)) for name, value in values.items()}
        loss, gradients = balanced_gradients(loss, balanced, cut, self.processes.averaged)
        scale = run.scaler.scale(torch.ones((), device=loss.device)) / parts
        torch.autograd.backward(ends, [gradient * scale.to(gradient.dtype) for gradient in gradients])
        terms |= {name: term.value.detach() for name, term in balanced.items()} | {"loss": loss.detach()}
        return terms, output, conditions

    def _judged(self, rows: Tensor) -> Tensor:
        """Of a training pass's rows those that the discriminator sees: no rendered person, so that none looks rendered."""
        return torch.cat([rows[: self.options.photos], rows[self.options.batch :]])

    def _without_gradient_in_faces(self, output: Tensor, batch: Batch) -> Tensor:
        """No adversarial gradient inside faces: ten pixels wide, they taught D to render eyes as dark bars."""
        return torch.where(rerendered_rows(batch["face"], RERENDER, self.options.photos) > 0, output.detach(), output)

    def _objective(self, ends: list[Tensor], batch: Batch, kl_weight: float) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss and its terms from the network's ends: pictures, means of the posteriors, means of the priors."""
        latents, codes = self.run.model.config.latents, [Gaussian(mean) for mean in ends[1:]]
        own, weights, priors = ends[0][: len(batch["image"])], self.options.weights, codes[latents:]
        with self.autocast():
            posteriors = codes[:latents] if priors else []
            loss, terms = objective(own, batch, posteriors, priors, weights, kl_weight, self.perceptual)
            if not priors:  # every end needs a gradient
                loss = loss + 0.0 * sum(mean.float().sum() for mean in ends[1 : 1 + latents])
            if self.anchor is not None and weights.anchor:
                terms["anchor"] = self._from_anchor(ends[1 : 1 + latents], batch)
                loss = loss + weights.anchor * terms["anchor"]
        return loss, {name: value.detach() for name, value in terms.items()}

    def _from_anchor(self, means: list[Tensor], batch: Batch) -> Tensor:
        """How far the photos' codes have moved since the start, relative to the codes' variance."""
        assert self.anchor is not None
        photos, facing = self.options.photos, batch.get("seen_facing")
        with torch.no_grad():
            codes = self.anchor.posterior(batch["parts"][:photos], None if facing is None else facing[:photos])
        wanted = [q.mean.float() for q in codes]
        pairs = zip(means, wanted, strict=True)
        return torch.stack([(a[:photos].float() - b).square().mean() / b.var() for a, b in pairs]).mean()

    def _norm(self) -> Tensor:
        """Of the gradient, a scalar."""
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
        judged = self._judge() if run.step % options.judge_every == 0 or run.step == options.steps else {}
        if run.step % options.report_every == 0 or judged:
            numbers = {name: float(value) for name, value in terms.items()} | judged
            bar.set_postfix({k: f"{v:.3g}" for k, v in numbers.items()} | {"skipped": run.skipped}, refresh=False)
            run.log({"step": run.step, "skipped": run.skipped, "rollbacks": run.rollbacks} | numbers)
            self.processes.log(numbers, run.step)
        if options.snapshot_every and run.step % options.snapshot_every == 0:
            run.snapshot()
        if self.time_to_save():
            run.save()
        if self.time_for_sheet() or run.step in EARLY:
            self._save_sheet()

    def _judge(self) -> dict[str, float]:
        assert self.judge is not None
        model = self.run.averaged()
        scores = self.judge.scores(model)
        self.run.keep_best(model, scores["held_out_loss"])
        return scores

    def _save_sheet(self) -> None:
        sheet = Image.fromarray(sample_sheet(self.run.averaged(), self.preview))
        sheet.save(self.run.folder / SHEETS / f"{self.run.step:06d}.jpg", quality=88)


def _first(people: PeopleDataset, count: int) -> Batch:
    return default_collate([people[i] for i in range(min(count, len(people)))])
