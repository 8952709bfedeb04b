"""Keeping many probability maps: in memory while they are few, else in a temporary file."""

from __future__ import annotations

import shutil
import tempfile
from typing import IO

import numpy as np

MEMORY_LIMIT = 512 * 2**20


class MapStore:
    """Takes maps one after another and gives them back as one array.

    What needs more than ``memory_limit`` goes to a file without a name in Python's temporary folder (environment
    variable ``TMPDIR``), whose space is free again once the array is gone, also after a crash. Until it is complete it
    is written, not mapped: so a full disk is an error and no crash, and what was written takes no memory of the
    process.

    Args:
        shape: (N, H, W) of all maps together.
        memory_limit: In bytes.

    Raises:
        OSError: The temporary folder has too little room, or cannot be written to.

    Example:
        >>> store = MapStore((1, 1, 3))
        >>> store.append(np.array([[0.25, 0.5, 1]], dtype=np.float32))
        >>> store.array()
        array([[[0.25, 0.5 , 1.  ]]], dtype=float32)
    """

    def __init__(self, shape: tuple[int, int, int], *, memory_limit: int = MEMORY_LIMIT) -> None:
        self._shape = shape
        self._count = 0
        self._memory: np.ndarray | None = None
        self._file: IO[bytes] | None = None
        self._bytes = 4 * shape[0] * shape[1] * shape[2]
        if self._bytes <= memory_limit:
            self._memory = np.empty(shape, dtype=np.float32)
            return
        try:
            self._folder = tempfile.gettempdir()
            free = shutil.disk_usage(self._folder).free
            if free >= self._bytes:
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
        except OSError as error:
            raise self._failure(str(error)) from error
        if self._file is None:
            raise self._failure(f"only {free / 1e9:.2f} GB are free there")

    def append(self, probability: np.ndarray) -> None:
        """Keeps the next map, (H, W) float32.

        Raises:
            OSError: The disk is full.
        """
        if self._memory is not None:
            self._memory[self._count] = probability
        elif self._file is not None:
            try:
                self._file.write(np.ascontiguousarray(probability).data)
                self._file.flush()
            except OSError as error:
                raise self._failure(str(error)) from error
        self._count += 1

    def array(self) -> np.ndarray:
        """All maps, (N, H, W) float32: an array, or a memory map whose changes never reach the file."""
        assert self._count == self._shape[0], "a map is missing"
        if self._memory is not None:
            return self._memory
        return np.memmap(self._file, dtype=np.float32, mode="c", shape=self._shape)  # type: ignore[call-overload]

    def close(self) -> None:
        """Closes the file; an array made before stays valid, and only then is the space given back with it."""
        if self._file is not None:
            self._file.close()

    def _failure(self, reason: str) -> OSError:
        count, height, width = self._shape
        return OSError(
            f"cannot keep {count} probability maps of {height} x {width} pixels ({self._bytes / 1e9:.2f} GB) in the "
            f"temporary folder {self._folder}: {reason}; let the environment variable TMPDIR name a folder with more "
            "room, or ask for fewer categories at a time"
        )
