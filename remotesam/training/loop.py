"""The training loop."""

import math
import random
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate.utils import broadcast, gather_object
from torch import Tensor
from torch.distributed.tensor import DTensor

from remotesam.data.tokenizer import load_tokenizer
from remotesam.training.batches import Collate, ReadableSamples, StepSampler, make_loader
from remotesam.training.build import build_training_network
from remotesam.training.checkpoint import CheckpointFolder
from remotesam.training.config import TrainingConfig, changed_fields, to_plain
from remotesam.training.ema import ExponentialMovingAverage
from remotesam.training.journal import Journal
from remotesam.training.launch import make_accelerator
from remotesam.training.losses import ReferringLoss
from remotesam.training.optimizer import build_optimizer, set_learning_rate
from remotesam.training.schedule import Schedule
from remotesam.training.sources import build_sources, build_training_set
from remotesam.training.state import TrainingModule, capture, restore
from remotesam.training.sync_batch_norm import convert_sync_batch_norm
from remotesam.training.validation import Validator

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
MAX_OVERFLOWS = 50
UNCOUNTED = 10**9  # steps of a run that ends by the clock


class NonFiniteError(RuntimeError):
    """The loss or the gradient is NaN or infinite; the message names the samples and the last good state."""


class Trainer:
    """Trains one network as a configuration says; ``Trainer(config).run()``.

    Everything random at optimiser step s is drawn from (seed, s, process), so a resumed run repeats the loss sequence
    of an uninterrupted one to the bit.

    Args:
        config: See docs/configuration.md.
        resume: Continue from the newest readable state in the run's folder, from the start where there is none.

    Raises:
        ValueError: The configuration does not fit, or the folder already has states and ``resume`` is False.
    """

    def __init__(self, config: TrainingConfig, *, resume: bool = False) -> None:
        self.config = config
        self.folder = Path(config.work_dir)
        self.checkpoints = CheckpointFolder(self.folder / "checkpoints", keep_last=config.keep_last)
        if self.checkpoints.steps() and not resume:
            raise ValueError(f"{self.checkpoints.folder} has training states; pass --resume or another work_dir")
        self.accelerator = make_accelerator(config)
        if self.accelerator.is_main_process:
            self.checkpoints.remove_unfinished()
        self.samples_per_step = config.batch_size * self.accelerator.num_processes * config.gradient_accumulation
        self.sources, self.source_weights = build_sources(config.data.train)
        self.epoch_length = config.data.train.length or sum(len(source) for source in self.sources)
        self.batches_per_epoch = self.epoch_length // (config.batch_size * self.accelerator.num_processes)
        self.max_steps = self._count_steps()
        self.schedule = Schedule(max_steps=self.max_steps, **vars(config.schedule))
        self.seconds = 0.0
        self.tokenizer = load_tokenizer(config.tokenizer)
        self.loss = ReferringLoss(**vars(config.loss))
        self._build_network(initialise=not self.checkpoints.steps())
        self.step, self.best, self.overflows = 0, -math.inf, 0
        self.meter: dict[str, float] = {}
        self.validator: Validator | None = None
        if resume:
            self._resume()

    def _count_steps(self) -> int:
        if self.config.max_steps is not None:
            return self.config.max_steps
        if self.config.max_seconds is not None:
            return UNCOUNTED
        assert self.config.epochs is not None
        steps = self.config.epochs * self.batches_per_epoch // self.config.gradient_accumulation
        if steps == 0:
            raise ValueError(
                f"epochs={self.config.epochs} of {self.epoch_length} samples is less than one step of "
                f"{self.samples_per_step}; raise data.train.length or lower batch_size or gradient_accumulation"
            )
        return steps

    def _build_network(self, *, initialise: bool) -> None:
        config, accelerator = self.config, self.accelerator
        torch.manual_seed(config.seed)
        network = build_training_network(config, initialise=initialise, say=accelerator.print)
        self.max_tokens = int(network.max_tokens)  # type: ignore[arg-type]
        if accelerator.device.type == "cuda":
            torch.backends.cudnn.benchmark = True  # all crops have one size
        if config.channels_last or (config.channels_last is None and accelerator.device.type == "cuda"):
            network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if config.sync_batch_norm and accelerator.num_processes > 1:
            network = convert_sync_batch_norm(network, device=accelerator.device)
        self.module, self.optimizer = accelerator.prepare(
            TrainingModule(network), build_optimizer(network, **vars(config.optimizer))
        )
        self.average = None
        if config.ema_decay is not None:
            self.average = ExponentialMovingAverage(self.bare_module, decay=config.ema_decay)

    @property
    def bare_module(self) -> TrainingModule:
        """The module without its data-parallel wrapper."""
        module: TrainingModule = self.accelerator.unwrap_model(self.module)
        return module

    def _resume(self) -> None:
        found = self.checkpoints.latest()
        steps = gather_object([-1 if found is None else int(found[1]["step"])])
        if len(set(steps)) > 1:
            raise ValueError(
                f"{self.checkpoints.folder}: the processes see different training states (steps {sorted(set(steps))}, "
                "-1 for none); work_dir must be a folder that all nodes share"
            )
        if found is None:
            if self.checkpoints.steps():
                raise ValueError(f"{self.checkpoints.folder}: no state in it can be read; take another work_dir")
            self.accelerator.print(f"{self.checkpoints.folder}: no training state yet; starting from step 0")
            return
        path, state = found
        if self.accelerator.is_main_process:
            self.checkpoints.set_aside_after(int(state["step"]))
        for change in changed_fields(state["config"], to_plain(self.config)):
            self.accelerator.print(f"configuration changed since {path.name}: {change}")
        restore(state, self.module, self.optimizer.optimizer, self.average)
        self.step, self.best, self.meter = int(state["step"]), float(state["best"]), dict(state["meter"])
        self.seconds = float(state.get("seconds", 0.0))
        if state["scaler"] is not None and self.accelerator.scaler is not None:
            self.accelerator.scaler.load_state_dict(state["scaler"])
        length = "" if self.max_steps == UNCOUNTED else f" of {self.max_steps}"
        self.accelerator.print(f"resuming from {path} at step {self.step}{length}")

    @property
    def finished(self) -> bool:
        """Whether the last step is done."""
        limit = self.config.max_seconds
        return self.step >= self.max_steps if limit is None else self.seconds >= limit

    def run(self) -> None:
        """Train to the last step, with validation and checkpoints on the way.

        Raises:
            NonFiniteError: Loss or gradient is not finite.
            ValueError: A sample cannot be read and ``on_bad_sample`` is "raise".
        """
        if self.finished:
            self.accelerator.print(f"nothing to do: step {self.step}, the last of the run, is done")
            return
        batches = iter(self._loader())
        with Journal(
            self.folder,
            start=self.step,
            total=None if self.max_steps == UNCOUNTED else self.max_steps,
            active=self.accelerator.is_main_process,
        ) as journal:
            self.clock, self.clock_step = time.perf_counter(), self.step
            while not self.finished:
                begin = time.perf_counter()
                self._optimise(batches, journal)
                self._count_seconds(time.perf_counter() - begin)
                self._report(journal)
                self._validate_and_save(journal)

    def _loader(self) -> Any:
        config, accelerator = self.config, self.accelerator
        batches = self.max_steps * config.gradient_accumulation
        sampler = StepSampler(
            length=self.epoch_length,
            batch_size=config.batch_size,
            seed=config.seed,
            start=self.step * config.gradient_accumulation,
            stop=batches,
            rank=accelerator.process_index,
            world_size=accelerator.num_processes,
        )
        samples = build_training_set(
            config.data.train,
            self.sources,
            self.source_weights,
            length=self.epoch_length * (1 + batches // sampler.per_epoch),
            seed=config.seed,
        )
        return make_loader(
            ReadableSamples(samples, on_bad_sample=config.on_bad_sample),
            sampler=sampler,
            join=Collate(tokenizer=self.tokenizer, max_tokens=self.max_tokens),
            workers=config.workers,
            pin_memory=accelerator.device.type == "cuda",
        )

    def _optimise(self, batches: Iterator[dict[str, Any]], journal: Journal) -> None:
        config, accelerator = self.config, self.accelerator
        _reseed(config.seed, self.step, accelerator.process_index)
        limit = config.max_seconds
        progress = None if limit is None else self.seconds / limit
        self.rate = set_learning_rate(self.optimizer, self.schedule(self.step, progress=progress))
        self.module.train()
        sums: dict[str, Tensor] = {}
        ids: list[str] = []
        for number in range(config.gradient_accumulation):
            batch = next(batches)
            if "error" in batch:
                raise ValueError(f"{batch['error']}; repair the file, or set on_bad_sample='skip'")
            ids += batch["ids"]
            for reason in batch["skipped"]:
                journal.say(f"skipped a sample: {reason}")
                journal.record("event", step=self.step + 1, values={"skipped": reason})
            last = number == config.gradient_accumulation - 1
            with nullcontext() if last else accelerator.no_sync(self.module):
                loss, parts = self._losses(batch)
                accelerator.backward(loss)
            for name, part in {"loss": loss.detach(), **parts}.items():
                sums[name] = sums.get(name, torch.zeros_like(part)) + part / config.gradient_accumulation
        limit = math.inf if config.clip_grad_norm is None else config.clip_grad_norm
        norm = accelerator.clip_grad_norm_(self.module.parameters(), limit)
        values = {name: float(value) for name, value in sums.items()}
        values["grad_norm"] = float(norm.full_tensor() if isinstance(norm, DTensor) else norm)
        overflow = self._check_finite(values, ids)
        self.optimizer.step()
        self.optimizer.zero_grad()
        if self.average is not None and not overflow:
            self.average.update(self.bare_module)
        self.step += 1
        for name, value in values.items():
            self.meter[name] = self.meter.get(name, 0.0) + value
        self.meter["steps"] = self.meter.get("steps", 0.0) + 1
        journal.advance(step=self.step)

    def _count_seconds(self, seconds: float) -> None:
        """Add what a step took; the first process's clock holds for all, so that they stop together."""
        total = torch.tensor(self.seconds + seconds, dtype=torch.float64)
        if self.config.max_seconds is not None and self.accelerator.num_processes > 1:
            total = broadcast(total.to(self.accelerator.device))
        self.seconds = float(total)

    def _losses(self, batch: dict[str, Any]) -> tuple[Tensor, dict[str, Tensor]]:
        device = self.accelerator.device
        tensors = {name: value.to(device, non_blocking=True) for name, value in batch.items() if torch.is_tensor(value)}
        mean = torch.tensor(IMAGENET_MEAN, device=device).view(1, 3, 1, 1)
        std = torch.tensor(IMAGENET_STD, device=device).view(1, 3, 1, 1)
        images = (tensors["images"].float() / 255 - mean) / std
        outputs = self.module(images, tensors["input_ids"], tensors["attention_mask"], tensors["image_index"])
        total, parts = self.loss(
            outputs,
            tensors["masks"],
            tensors["contours"],
            category_maps=tensors["category_maps"],
            annotated=tensors["annotated"],
            sentence_categories=tensors["sentence_categories"],
        )
        return total, parts

    def _check_finite(self, values: dict[str, float], ids: list[str]) -> bool:
        """Whether the step overflowed fp16 and will be skipped by the scaler, which then lowers its scale."""
        loss, norm = values["loss"], values["grad_norm"]
        if math.isfinite(loss) and math.isfinite(norm):
            self.overflows = 0
            return False
        if math.isfinite(loss) and self.accelerator.scaler is not None and self.overflows < MAX_OVERFLOWS:
            self.overflows += 1
            values["grad_norm"] = 0.0
            return True
        what = f"the gradient norm is {norm}" if math.isfinite(loss) else f"the loss is {loss}"
        steps = self.checkpoints.steps()
        last = f"the last good state is {self.checkpoints.path(steps[-1])}" if steps else "no state was saved before"
        raise NonFiniteError(
            f"step {self.step + 1}: {what} on the samples {gather_object(ids)}; {last}. Look at these samples, lower "
            "optimizer.lr, set clip_grad_norm, or use mixed_precision='bf16' instead of 'fp16', then resume"
        )

    def _report(self, journal: Journal) -> None:
        if self.step % self.config.log_every and not self.finished:
            return
        steps = self.meter.pop("steps")
        now = time.perf_counter()
        speed = (self.step - self.clock_step) * self.samples_per_step / max(now - self.clock, 1e-9)
        values = {name: value / steps for name, value in self.meter.items()}
        values["epoch"] = self.step * self.config.gradient_accumulation / self.batches_per_epoch
        values.update(lr=self.rate, images_per_s=speed)
        self.meter = {}
        self.clock, self.clock_step = now, self.step
        journal.record("train", step=self.step, values=values)
        limit = self.config.max_seconds
        left = "" if limit is None else f"  {max(0.0, limit - self.seconds):.0f} s left"
        journal.advance(step=self.step, note=f"loss {values['loss']:.4f}  {speed:.1f} images/s{left}")

    def _validate_and_save(self, journal: Journal) -> None:
        config, last = self.config, self.finished
        improved = None
        begin = time.perf_counter()
        if config.data.val is not None and (last or (config.eval_every and self.step % config.eval_every == 0)):
            figures = self.validate(journal)
            if config.best_metric not in figures:
                raise ValueError(f"best_metric is {config.best_metric!r}; validation has {sorted(figures)}")
            value = figures[config.best_metric]
            if value is not None and value > self.best:
                improved = self.best = value
        if improved is not None and self.accelerator.is_main_process:
            # Before the state itself: killed in between, a resumed run comes by here again and saves it.
            self.checkpoints.mark_best(step=self.step, metric=config.best_metric, value=improved)
        if last or improved is not None or self.step % config.checkpoint_every == 0:
            self.save()
        self.clock += time.perf_counter() - begin

    def save(self) -> None:
        """Write the state after the current step; every process must call it."""
        state = capture(self.module, self.optimizer.optimizer, self.average)
        scaler = self.accelerator.scaler
        if self.accelerator.is_main_process:
            self.checkpoints.save(
                {
                    **state,
                    "best": self.best,
                    "meter": self.meter,
                    "seconds": self.seconds,
                    "scaler": None if scaler is None else scaler.state_dict(),
                    "config": to_plain(self.config),
                },
                step=self.step,
            )
        self.accelerator.wait_for_everyone()

    def validate(self, journal: Journal) -> dict[str, Any]:
        """Figures of the averaged weights (of the weights, without one) on ``data.val``, with pictures."""
        if self.validator is None:
            self.validator = Validator(self.config, tokenizer=self.tokenizer, accelerator=self.accelerator)
        with self.average.applied(self.bare_module) if self.average is not None else nullcontext():
            figures, pictures = self.validator.run(self.bare_module)
        journal.record("validation", step=self.step, values=figures)
        for number, picture in enumerate(pictures):
            journal.picture(f"validation/{number}", picture, step=self.step)
        shown = [f"{name} {figures[name]:.4f}" for name in ("mIoU", "oIoU", "N-acc") if figures[name] is not None]
        journal.say(f"step {self.step}: " + "  ".join(shown))
        return figures


def _reseed(seed: int, step: int, rank: int) -> None:
    value = ((seed * 1_000_003 + step) * 10_007 + rank) % 2**32
    torch.manual_seed(value)
    np.random.seed(value)
    random.seed(value)
