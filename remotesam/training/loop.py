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
from accelerate import Accelerator, FullyShardedDataParallelPlugin
from accelerate.utils import gather_object
from torch import Tensor
from torch.distributed.tensor import DTensor

from remotesam.evaluation.referring import ReferringMetrics
from remotesam.training.batches import Collate, EpochDataset, StepSampler, make_loader
from remotesam.training.build import build_training_network, load_tokenizer
from remotesam.training.checkpoint import CheckpointFolder
from remotesam.training.config import TrainingConfig, to_plain
from remotesam.training.ema import ExponentialMovingAverage
from remotesam.training.journal import Journal
from remotesam.training.losses import ReferringLoss
from remotesam.training.optimizer import build_optimizer, set_learning_rate
from remotesam.training.schedule import Schedule
from remotesam.training.sources import build_source, build_training_set
from remotesam.training.state import TrainingModule, capture, restore
from remotesam.training.sync_batch_norm import convert_sync_batch_norm
from remotesam.training.validation import answers, count, normalise, picture, summary

PICTURES = 4
MAX_SKIPPED = 50


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
        self.accelerator = Accelerator(
            cpu=not torch.cuda.is_available(),
            mixed_precision=config.mixed_precision,
            gradient_accumulation_steps=config.gradient_accumulation,
            fsdp_plugin=_fsdp_plugin() if config.fsdp else None,
            kwargs_handlers=_ddp_options(config),
        )
        self.folder = Path(config.work_dir)
        self.checkpoints = CheckpointFolder(self.folder / "checkpoints", keep_last=config.keep_last)
        if self.checkpoints.steps() and not resume:
            raise ValueError(f"{self.checkpoints.folder} has training states; pass --resume or another work_dir")
        self.tokenizer = load_tokenizer(config.tokenizer)
        self.dataset = EpochDataset(
            build_training_set(config.data.train, seed=config.seed), on_bad_sample=config.on_bad_sample
        )
        self._build_network()
        self._plan_steps()
        self.step, self.best = 0, -math.inf
        self.meter: dict[str, float] = {}
        if resume:
            self._resume()

    def _build_network(self) -> None:
        config, accelerator = self.config, self.accelerator
        torch.manual_seed(config.seed)
        network = build_training_network(config, say=accelerator.print)
        self.max_tokens = int(network.max_tokens)  # type: ignore[arg-type]
        if config.sync_batch_norm and accelerator.num_processes > 1:
            network = convert_sync_batch_norm(network, device=accelerator.device)
        optimizer = build_optimizer(
            network,
            lr=config.optimizer.lr,
            weight_decay=config.optimizer.weight_decay,
            betas=config.optimizer.betas,
            lr_multipliers=config.optimizer.lr_multipliers,
        )
        self.module, self.optimizer = accelerator.prepare(TrainingModule(network), optimizer)
        self.average = None
        if config.ema_decay is not None:
            self.average = ExponentialMovingAverage(self.bare_module, decay=config.ema_decay)
        loss = config.loss
        self.loss = ReferringLoss(**vars(loss))

    @property
    def bare_module(self) -> TrainingModule:
        """The module without its data-parallel wrapper."""
        module: TrainingModule = self.accelerator.unwrap_model(self.module)
        return module

    def _plan_steps(self) -> None:
        config = self.config
        self.micro_batch = config.batch_size * self.accelerator.num_processes
        self.samples_per_step = self.micro_batch * config.gradient_accumulation
        self.steps_per_epoch = len(self.dataset) // self.samples_per_step
        if config.max_steps is not None:
            self.max_steps = config.max_steps
        else:
            assert config.epochs is not None
            if self.steps_per_epoch == 0:
                raise ValueError(
                    f"an epoch has {len(self.dataset)} samples, fewer than the {self.samples_per_step} of one step; "
                    "raise data.train.length or lower batch_size or gradient_accumulation"
                )
            self.max_steps = config.epochs * self.steps_per_epoch
        self.schedule = Schedule(max_steps=self.max_steps, **vars(config.schedule))

    def _resume(self) -> None:
        found = self.checkpoints.latest()
        if found is None:
            self.accelerator.print(f"{self.checkpoints.folder}: no training state yet; starting from step 0")
            return
        path, state = found
        restore(state, self.module, _inner(self.optimizer), self.average)
        self.step, self.best, self.meter = int(state["step"]), float(state["best"]), dict(state["meter"])
        if state["scaler"] is not None and self.accelerator.scaler is not None:
            self.accelerator.scaler.load_state_dict(state["scaler"])
        self.accelerator.print(f"resuming from {path} at step {self.step} of {self.max_steps}")

    def run(self) -> None:
        """Train to the last step, with validation and checkpoints on the way.

        Raises:
            NonFiniteError: Loss or gradient is not finite.
        """
        config, accelerator = self.config, self.accelerator
        accumulation = config.gradient_accumulation
        sampler = StepSampler(
            length=len(self.dataset),
            batch_size=config.batch_size,
            seed=config.seed,
            start=self.step * accumulation,
            stop=self.max_steps * accumulation,
            rank=accelerator.process_index,
            world_size=accelerator.num_processes,
        )
        from remotesam.data.dataset import collate

        loader = make_loader(
            self.dataset,
            sampler=sampler,
            collate=Collate(collate=collate, tokenizer=self.tokenizer, max_tokens=self.max_tokens),
            workers=config.workers,
            pin_memory=accelerator.device.type == "cuda",
        )
        batches = iter(loader)
        journal = Journal(self.folder, start=self.step, total=self.max_steps, active=accelerator.is_main_process)
        with journal:
            self.clock, self.clock_step = time.perf_counter(), self.step
            while self.step < self.max_steps:
                self._optimise(batches, journal)
                self._report(journal)
                self._evaluate_and_save(journal)

    def _optimise(self, batches: Iterator[dict[str, Any]], journal: Journal) -> None:
        config, accelerator = self.config, self.accelerator
        _reseed(config.seed, self.step, accelerator.process_index)
        self.rate = set_learning_rate(self.optimizer, self.schedule(self.step))
        self.module.train()
        accumulated: dict[str, Tensor] = {}
        ids: list[str] = []
        for number in range(config.gradient_accumulation):
            batch = next(batches)
            ids += batch["ids"]
            for reason in batch["skipped"]:
                journal.say(f"skipped a sample: {reason}")
                journal.record("event", step=self.step + 1, values={"skipped": reason})
            last = number == config.gradient_accumulation - 1
            with nullcontext() if last else accelerator.no_sync(self.module):
                loss, parts = self._losses(batch)
                accelerator.backward(loss)
            for name, value in {"loss": loss.detach(), **parts}.items():
                accumulated[name] = (
                    accumulated.get(name, torch.zeros_like(value)) + value / config.gradient_accumulation
                )
        limit = math.inf if config.clip_grad_norm is None else config.clip_grad_norm
        norm = _scalar(accelerator.clip_grad_norm_(self.module.parameters(), limit))
        values = {name: float(value) for name, value in accumulated.items()}
        self._check_finite(values["loss"], norm, ids)
        self.optimizer.step()
        self.optimizer.zero_grad()
        if self.average is not None:
            self.average.update(self.bare_module)
        self.step += 1
        for name, value in {**values, "grad_norm": norm}.items():
            self.meter[name] = self.meter.get(name, 0.0) + value
        self.meter["steps"] = self.meter.get("steps", 0.0) + 1
        journal.advance(step=self.step)

    def _losses(self, batch: dict[str, Any]) -> tuple[Tensor, dict[str, Tensor]]:
        device = self.accelerator.device
        tensors = {name: value.to(device, non_blocking=True) for name, value in batch.items() if torch.is_tensor(value)}
        images = normalise(tensors["images"])
        outputs = self.module(images, tensors["input_ids"], tensors["attention_mask"], tensors["image_index"])
        total, parts = self.loss(outputs, tensors["masks"], tensors["contours"])
        return total, parts

    def _check_finite(self, loss: float, norm: float, ids: list[str]) -> None:
        overflow = self.accelerator.scaler is not None and not math.isfinite(norm)
        self.skipped_steps = getattr(self, "skipped_steps", 0) + 1 if overflow else 0
        if math.isfinite(loss) and (math.isfinite(norm) or (overflow and self.skipped_steps <= MAX_SKIPPED)):
            return
        what = f"the loss is {loss}" if not math.isfinite(loss) else f"the gradient norm is {norm}"
        all_ids = gather_object(ids)
        steps = self.checkpoints.steps()
        last = f"the last good state is {self.checkpoints.path(steps[-1])}" if steps else "no state was saved before"
        raise NonFiniteError(
            f"step {self.step + 1}: {what} on the samples {all_ids}; {last}. Look at these samples, lower optimizer.lr, "
            "set clip_grad_norm, or use mixed_precision='bf16' instead of 'fp16', then resume"
        )

    def _report(self, journal: Journal) -> None:
        if self.step % self.config.log_every and self.step != self.max_steps:
            return
        steps = self.meter.pop("steps")
        now = time.perf_counter()
        speed = (self.step - self.clock_step) * self.samples_per_step / max(now - self.clock, 1e-9)
        values = {name: value / steps for name, value in self.meter.items()}
        values.update(lr=self.rate, epoch=self.step * self.samples_per_step / len(self.dataset), images_per_s=speed)
        self.meter = {}
        self.clock, self.clock_step = now, self.step
        journal.record("train", step=self.step, values=values)
        journal.advance(step=self.step, note=f"loss {values['loss']:.4f}  {speed:.1f} images/s")

    def _evaluate_and_save(self, journal: Journal) -> None:
        config, last = self.config, self.step == self.max_steps
        improved = None
        begin = time.perf_counter()
        if config.data.val is not None and (last or (config.eval_every and self.step % config.eval_every == 0)):
            figures = self.validate(journal)
            value = figures[config.best_metric]
            if value is not None and value > self.best:
                improved = self.best = value
            journal.record("validation", step=self.step, values=figures)
            journal.say(
                f"step {self.step}: "
                + "  ".join(f"{k} {figures[k]:.4f}" for k in ("mIoU", "oIoU", "N-acc") if figures[k] is not None)
            )
        if last or improved is not None or self.step % config.checkpoint_every == 0:
            self.save()
            if improved is not None and self.accelerator.is_main_process:
                self.checkpoints.mark_best(step=self.step, metric=config.best_metric, value=improved)
        self.clock += time.perf_counter() - begin

    def save(self) -> None:
        """Write the state after the current step."""
        state = capture(self.module, _inner(self.optimizer), self.average)
        scaler = self.accelerator.scaler
        if self.accelerator.is_main_process:
            self.checkpoints.save(
                {
                    **state,
                    "best": self.best,
                    "meter": self.meter,
                    "scaler": None if scaler is None else scaler.state_dict(),
                    "config": to_plain(self.config),
                },
                step=self.step,
            )
        self.accelerator.wait_for_everyone()

    @torch.no_grad()
    def validate(self, journal: Journal) -> dict[str, Any]:
        """Figures of the averaged weights (or the weights, without an average) on ``data.val``."""
        config, accelerator = self.config, self.accelerator
        assert config.data.val is not None
        arguments = dict(config.data.val)
        size, limit = int(arguments.pop("size")), arguments.pop("limit", None)
        if not hasattr(self, "validation_source"):
            self.validation_source = build_source(arguments, field="data.val")
        metrics = ReferringMetrics()
        module = self.module if config.fsdp else self.bare_module
        module.eval()

        def predict(images: Tensor, ids: Tensor, attention: Tensor) -> Tensor:
            index = torch.zeros(len(ids), dtype=torch.int64, device=images.device)
            with accelerator.autocast():
                logits: Tensor = module(images, ids, attention, index)
            return logits

        with self.average.applied(self.bare_module) if self.average is not None else nullcontext():
            for number, answer in enumerate(
                answers(
                    self.validation_source,
                    predict=predict,
                    tokenizer=self.tokenizer,
                    max_tokens=self.max_tokens,
                    size=size,
                    device=accelerator.device,
                    rank=accelerator.process_index,
                    world_size=accelerator.num_processes,
                    limit=limit,
                )
            ):
                count(answer, metrics, threshold=config.threshold)
                if number < PICTURES:
                    shown = picture(answer, threshold=config.threshold, presence_threshold=config.presence_threshold)
                    journal.picture(f"validation/{number}", shown, step=self.step)
        samples = gather_object(metrics.samples)
        everything = ReferringMetrics(samples=samples)
        return summary(everything, presence_threshold=config.presence_threshold, gates=config.presence_gates)


def _inner(optimizer: Any) -> torch.optim.Optimizer:
    result: torch.optim.Optimizer = getattr(optimizer, "optimizer", optimizer)
    return result


def _scalar(value: Any) -> float:
    return float(value.full_tensor() if isinstance(value, DTensor) else value)


def _reseed(seed: int, step: int, rank: int) -> None:
    value = ((seed * 1_000_003 + step) * 10_007 + rank) % 2**32
    torch.manual_seed(value)
    np.random.seed(value)
    random.seed(value)


def _fsdp_plugin() -> FullyShardedDataParallelPlugin:
    return FullyShardedDataParallelPlugin(fsdp_version=2, auto_wrap_policy="no_wrap")


def _ddp_options(config: TrainingConfig) -> list[Any]:
    from accelerate import DistributedDataParallelKwargs

    return [DistributedDataParallelKwargs(find_unused_parameters=config.find_unused_parameters)]
