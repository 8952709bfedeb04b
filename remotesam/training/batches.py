"""Which samples make up which step, and the loader that starts at any of them."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, Protocol

import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from remotesam.data.dataset import collate, worker_init
from remotesam.data.tokenizer import tokenize

ATTEMPTS = 20


class StepSampler(Sampler[list[int]]):
    """Batches of sample numbers for one process, from any step on.

    Sample i of epoch e has the number e * length + i, so that the data set needs no notion of epochs and one loader
    with its workers and their caches serves the whole run. Every epoch is a permutation drawn from (seed, epoch) and
    cut into global batches of ``world_size * batch_size``; process r takes its slice. So n processes with batch b see
    exactly the global batches of one process with batch n * b, and starting late reads nothing that was skipped. An
    incomplete last batch is dropped.

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

    def __iter__(self) -> Iterator[list[int]]:
        order: list[int] = []
        known = -1
        for batch in range(self.start, self.stop):
            epoch, within = divmod(batch, self.per_epoch)
            if epoch != known:
                generator = torch.Generator().manual_seed((self.seed * 1_000_003 + epoch) % 2**63)
                order = torch.randperm(self.length, generator=generator).tolist()
                known = epoch
            first = (within * self.world_size + self.rank) * self.batch_size
            yield [epoch * self.length + index for index in order[first : first + self.batch_size]]


class Samples(Protocol):
    """What ``remotesam.data.dataset.TripletDataset`` is here: samples by number."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> dict[str, Any]: ...


class ReadableSamples(Dataset[dict[str, Any]]):
    """A data set with a rule for samples that cannot be read.

    Args:
        samples: Raises ValueError or OSError, naming the file, for such a sample.
        on_bad_sample: ``raise``, or ``skip`` to take the next sample that can be read. Items carry the reasons of what
            was skipped under ``skipped``; one that could not be replaced has nothing but ``error``, because an
            exception from a worker process would reach the user as two tracebacks.
    """

    def __init__(self, samples: Samples, *, on_bad_sample: Literal["raise", "skip"] = "raise") -> None:
        self.samples, self.on_bad_sample = samples, on_bad_sample

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> dict[str, Any]:
        skipped: list[str] = []
        for offset in range(ATTEMPTS):
            try:
                return {**self.samples[(index + offset) % len(self.samples)], "skipped": skipped}
            except (ValueError, OSError) as error:
                if self.on_bad_sample == "raise":
                    return {"error": str(error)}
                skipped.append(str(error))
        return {"error": f"{ATTEMPTS} samples in a row cannot be read; the last reason: {skipped[-1]}"}


class Collate:
    """Joins samples and turns their expressions into tokens, in the worker; ``error`` of a sample is handed on alone.

    Args:
        tokenizer: A ``transformers`` tokenizer.
        max_tokens: Longer expressions are cut.
    """

    def __init__(self, *, tokenizer: Any, max_tokens: int) -> None:
        self.tokenizer, self.max_tokens = tokenizer, max_tokens

    def __call__(self, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
        errors = [item["error"] for item in items if "error" in item]
        if errors:
            return {"error": errors[0]}
        batch = collate(items)
        if batch["expressions"]:
            ids, attention = tokenize(self.tokenizer, batch["expressions"], self.max_tokens)
        else:
            ids = attention = torch.zeros((0, 1), dtype=torch.long)
        skipped = [reason for item in items for reason in item["skipped"]]
        return {**batch, "input_ids": ids, "attention_mask": attention, "skipped": skipped}


def make_loader(
    samples: ReadableSamples, *, sampler: StepSampler, join: Collate, workers: int, pin_memory: bool
) -> DataLoader[dict[str, Any]]:
    """One loader for the whole run; its workers prefetch across epoch boundaries."""
    return DataLoader(
        samples,
        batch_sampler=sampler,
        collate_fn=join,
        num_workers=workers,
        pin_memory=pin_memory,
        prefetch_factor=4 if workers else None,
        worker_init_fn=worker_init if workers else None,
    )
