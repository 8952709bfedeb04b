"""Answers on disk: whole files, each layer by itself, and no memory kept."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest

from remotesam.rasters.tile_store import NO_DATA, TileAnswer, TileStore, above, encode_unit, to_bytes
from remotesam.rasters.tiles import Tiling

TILING = Tiling(96, 40, 40, 8, batch=2)


def store_of(folder: Path) -> tuple[TileStore, np.ndarray]:
    """Three tiles, the second of which failed and the third of which has no data; the layers of the first."""
    layers = np.random.default_rng(0).integers(0, 256, (2, 40, 40), np.uint8)
    store = TileStore(folder, TILING)
    assert store.done() == set()
    first = TileAnswer("partial", tuple(layers), (0.25,))
    store.write(0, encode_unit([first, TileAnswer("failed", error="of no reason")]))
    store.write(1, encode_unit([TileAnswer("empty")]))
    return store, layers


def test_comes_back(tmp_path: Path) -> None:
    store, layers = store_of(tmp_path / "tiles")
    assert store.done() == {0, 1}
    for number in (1, 0):
        np.testing.assert_array_equal(store.layer(0, number), layers[number])
    assert [store.entry(tile)["status"] for tile in range(3)] == ["partial", "failed", "empty"]
    assert store.entry(0)["presence"] == [0.25]
    assert store.failures() == [(1, "of no reason")]
    assert store.drop_failed() == 1
    assert store.done() == {1}


def test_keeps_no_memory_when_it_is_gone(tmp_path: Path) -> None:
    store, _ = store_of(tmp_path / "tiles")
    store.layer(0, 0)
    gone = weakref.ref(store)
    gc.disable()
    try:
        del store
        assert gone() is None, "a cycle would keep the layers of every block until garbage is collected"
    finally:
        gc.enable()


@pytest.mark.parametrize("threshold", [0.0, 0.1, 0.25, 0.5, 0.94, 1.0])
def test_thresholds_are_those_of_probabilities(threshold: float) -> None:
    values = np.arange(NO_DATA, dtype=np.uint8)
    np.testing.assert_array_equal(values > above(threshold), values / 254 > threshold)
    np.testing.assert_array_equal(to_bytes((values / 254).astype(np.float32)), values)
