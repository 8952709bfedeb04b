"""Which samples make up which step, and the loader that starts at any of them."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

log = logging.getLogger(__name__)

Position = tuple[int, int]


class StepSampler(Sampler[list[Position]]):
    """Batches of (epoch, index) for one process, from any step on.

    Every epoch is a permutation drawn from (seed, epoch) and cut into global batches of ``world_size * batch_size``;
    process r takes its slice. So n processes with batch b see exactly the global batches of one process with batch
    n * b, and starting late reads nothing that was skipped. An incomplete last batch is dropped.

    Args:
        length: Samples in an epoch.
        batch_size: Samples per process and batch.
        seed: With the epoch it decides the order.
        start: First batch, counted from the beginning of the run.
        stop: Batch to stop before.
        rank: This process.
        world_size: Number of processes.

    Raises:
        ValueError: An epoch is shorter than one global batch.
    """

    def __init__(
        self, *, length: int, batch_size: int, seed: int, start: int, stop: int, rank: int = 0, world_size: int = 1
    ) -> None:
        self.per_epoch = length // (batch_size * world_size)
        if self.per_epoch == 0:
            raise ValueError(
                f"an epoch has {length} samples, fewer than one batch of {batch_size} x {world_size} processes; "
                "raise data.train.length or lower batch_size"
            )
        self.length, self.batch_size, self.seed = length, batch_size, seed
        self.start, self.stop, self.rank, self.world_size = start, stop, rank, world_size

    def __len__(self) -> int:
        return max(0, self.stop - self.start)

    def __iter__(self) -> Iterator[list[Position]]:
        order: list[int] = []
        known = -1
        for batch in range(self.start, self.stop):
            epoch, within = divmod(batch, self.per_epoch)
            if epoch != known:
                generator = torch.Generator().manual_seed((self.seed * 1_000_003 + epoch) % 2**63)
                order = torch.randperm(self.length, generator=generator).tolist()
                known = epoch
            first = (within * self.world_size + self.rank) * self.batch_size
            yield [(epoch, index) for index in order[first : first + self.batch_size]]


class EpochDataset(Dataset[dict[str, Any]]):
    """Answers (epoch, index), so that worker processes and their caches outlive the epoch.

    Args:
        dataset: Has ``__len__``, ``__getitem__(index)`` and ``set_epoch(epoch)``.
        on_bad_sample: ``raise``, or ``skip`` to take the next sample that can be read; the items then carry what was
            skipped under ``skipped``.
    """

    def __init__(self, dataset: Any, *, on_bad_sample: Literal["raise", "skip"] = "raise") -> None:
        self.dataset, self.on_bad_sample = dataset, on_bad_sample

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, position: Position) -> dict[str, Any]:
        epoch, index = position
        self.dataset.set_epoch(epoch)
        skipped: list[str] = []
        for offset in range(len(self.dataset)):
            try:
                item: dict[str, Any] = self.dataset[(index + offset) % len(self.dataset)]
            except (ValueError, OSError) as error:
                if self.on_bad_sample == "raise":
                    raise
                skipped.append(str(error))
            else:
                return {**item, "skipped": skipped}
        raise ValueError(f"no sample of the data set can be read; the last reason: {skipped[-1]}")


class Collate:
    """Joins samples and turns their expressions into tokens, in the worker.

    Args:
        collate: ``remotesam.data.dataset.collate``.
        tokenizer: A ``transformers`` tokenizer.
        max_tokens: Longer expressions are cut.
    """

    def __init__(self, *, collate: Callable[[Sequence[Any]], dict[str, Any]], tokenizer: Any, max_tokens: int) -> None:
        self.collate, self.tokenizer, self.max_tokens = collate, tokenizer, max_tokens

    def __call__(self, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
        batch = self.collate(items)
        ids, attention = tokenize(self.tokenizer, batch["expressions"], max_tokens=self.max_tokens)
        skipped = [reason for item in items for reason in item.get("skipped", ())]
        return {**batch, "input_ids": ids, "attention_mask": attention, "skipped": skipped}


def tokenize(tokenizer: Any, expressions: Sequence[str], *, max_tokens: int) -> tuple[Tensor, Tensor]:
    """Expressions as (K, T) int64 ``input_ids`` and ``attention_mask``, padded to the longest, T <= ``max_tokens``."""
    tokens = tokenizer(list(expressions), padding=True, truncation=True, max_length=max_tokens, return_tensors="pt")
    return tokens["input_ids"], tokens["attention_mask"]


def make_loader(
    dataset: EpochDataset, *, sampler: StepSampler, collate: Collate, workers: int, pin_memory: bool
) -> DataLoader[dict[str, Any]]:
    """One loader for the whole run; its workers prefetch across epoch boundaries."""
    return DataLoader(
        dataset,
        batch_sampler=sampler,
        collate_fn=collate,
        num_workers=workers,
        pin_memory=pin_memory,
        prefetch_factor=4 if workers else None,
        worker_init_fn=_single_threaded if workers else None,
    )


def _single_threaded(worker: int) -> None:
    torch.set_num_threads(1)
    import cv2

    cv2.setNumThreads(0)
