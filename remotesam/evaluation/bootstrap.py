"""How sure a figure is, and whether one system is better than another on the same samples: by resampling images."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from remotesam.evaluation.metric import Metric

DRAWS = 1000
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """Where a figure lies with the given certainty.

    Attributes:
        low: The lower end.
        high: The upper end.
    """

    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """One figure of two systems on the same samples.

    Attributes:
        first: The figure of the first system.
        second: That of the second.
        difference: ``second - first``.
        interval: Of the difference; None where too few draws can compute it.
    """

    first: float
    second: float
    difference: float
    interval: Interval | None


def draw_weights(images: pa.ChunkedArray | pa.Array, *, draws: int = DRAWS, seed: int = 0) -> Iterator[NDArray]:
    """How often each sample counts in each draw, where whole images are drawn with replacement.

    The sentences about one image stand and fall together: to draw them one by one would make intervals too narrow.

    Args:
        images: (S,) the image of each sample.
        draws: How many draws.
        seed: The same seed gives the same draws for the same images, so that systems can be compared draw by draw.

    Yields:
        (S,) int64.

    Example:
        >>> [weights.tolist() for weights in draw_weights(pa.array(["a", "a", "b"]), draws=2, seed=1)]
        [[1, 1, 1], [2, 2, 0]]
    """
    column = images.combine_chunks() if isinstance(images, pa.ChunkedArray) else images
    groups = pc.dictionary_encode(column)
    index = groups.indices.to_numpy(zero_copy_only=False)
    count = len(groups.dictionary)
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        yield rng.multinomial(count, np.full(count, 1 / count))[index]


def confidence_intervals(
    metric: Metric, rows: pa.Table, *, draws: int = DRAWS, seed: int = 0, level: float = LEVEL
) -> dict[str, Interval]:
    """Percentile intervals of every figure of a metric.

    Args:
        metric: What computes the figures.
        rows: The samples, with the column ``image``.
        draws: How many resamplings; more than 0.
        seed: Of the draws.
        level: How much of the draws lies inside, in (0, 1).

    Returns:
        Name -> interval; figures that fewer than half of the draws can compute are left out.

    Raises:
        ValueError: ``draws`` or ``level`` is out of range.
    """
    if not rows.num_rows:
        return {}
    values = _resampled([(metric, rows)], draws=draws, seed=seed)[0]
    return {name: interval for name, column in values.items() if (interval := _interval(column, level)) is not None}


def paired_differences(
    first: tuple[Metric, pa.Table],
    second: tuple[Metric, pa.Table],
    *,
    draws: int = DRAWS,
    seed: int = 0,
    level: float = LEVEL,
) -> dict[str, Difference]:
    """Every figure of two systems, with the interval of the difference over the same draws for both.

    Args:
        first: The metric of one system and its samples.
        second: The metric of the other, which may have another gate, and the same samples in the same order.
        draws: As in :func:`confidence_intervals`.
        seed: As there.
        level: As there.

    Returns:
        Name -> difference, of the figures that both have.

    Raises:
        ValueError: The samples are not the same, or a number is out of range.
    """
    if not first[1].column("id").equals(second[1].column("id")):
        raise ValueError(
            "the two tables do not hold the same samples in the same order; bring them into one order first"
        )
    one, other = (metric.summarise(rows) for metric, rows in (first, second))
    drawn = _resampled([first, second], draws=draws, seed=seed)
    result = {}
    for name, value in one.items():
        against = other.get(name)
        if value is None or against is None:
            continue
        spread = drawn[1][name] - drawn[0][name]
        result[name] = Difference(value, against, against - value, _interval(spread, level))
    return result


def _resampled(systems: Sequence[tuple[Metric, pa.Table]], *, draws: int, seed: int) -> list[dict[str, NDArray]]:
    """For each system the figures of every draw, (draws,) float64 with NaN where one cannot be computed."""
    if draws < 1:
        raise ValueError(f"draws is {draws}; use at least 1")
    values: list[dict[str, NDArray]] = [{} for _ in systems]
    weightings = draw_weights(systems[0][1].column("image"), draws=draws, seed=seed)
    quiet = not sys.stderr.isatty()
    told = track(weightings, "resampling", total=draws, console=Console(stderr=True), transient=True, disable=quiet)
    for number, weights in enumerate(told):
        for (metric, rows), columns in zip(systems, values, strict=True):
            for name, value in metric.summarise(rows, weights).items():
                if name not in columns:
                    columns[name] = np.full(draws, np.nan)
                columns[name][number] = np.nan if value is None else value
    return values


def _interval(values: NDArray, level: float) -> Interval | None:
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; use a number between 0 and 1, such as 0.95")
    known = values[np.isfinite(values)]
    if 2 * known.size < values.size or not known.size:
        return None
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
