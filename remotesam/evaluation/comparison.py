"""Two systems compared on the samples that both answered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from remotesam.evaluation.bootstrap import DRAWS, Difference, paired_differences
from remotesam.evaluation.dumps import Dump, DumpError
from remotesam.evaluation.sample_scores import SCORES, sample_scores
from remotesam.evaluation.tables import Block, Heading, Lines, Table, figure_text, is_main

_SAME = 1e-9


@dataclass(frozen=True)
class Comparison:
    """Two systems on the samples that both answered.

    Attributes:
        names: Of both.
        samples: How many samples both have.
        only: How many samples only the one or only the other has.
        differences: Name of a figure -> the second minus the first.
        better: Share of the samples on which the second is better.
        worse: On which it is worse; on the others both are equal.
        by: What single samples were compared by.
    """

    names: tuple[str, str]
    samples: int
    only: tuple[int, int]
    differences: Mapping[str, Difference]
    better: float
    worse: float
    by: str


def compare(first: Dump, second: Dump, *, draws: int = DRAWS, seed: int = 0) -> Comparison:
    """Compares two systems on the same samples.

    Raises:
        DumpError: They were measured with different metrics or settings of it, or have no sample in common.
    """
    told = [(dump.summary["metric"]["name"], comparable_settings(dump)) for dump in (first, second)]
    if told[0] != told[1]:
        raise DumpError(
            f"{first.folder} and {second.folder} were measured differently ({_text(told[0])}; {_text(told[1])}); "
            "compare systems on one task, data set and protocol"
        )
    ids = [dump.rows.column("id").to_pylist() for dump in (first, second)]
    places = {identifier: place for place, identifier in enumerate(ids[1])}
    pairs = [(place, places[identifier]) for place, identifier in enumerate(ids[0]) if identifier in places]
    if not pairs:
        raise DumpError(f"{first.folder} and {second.folder} have no sample in common; evaluate on the same data")
    one, other = (
        dump.rows.take(list(column)) for dump, column in zip((first, second), zip(*pairs, strict=True), strict=True)
    )
    gained = sample_scores(second.metric, other) - sample_scores(first.metric, one)
    known = gained[~np.isnan(gained)]
    return Comparison(
        names=distinct_names([first, second]),  # type: ignore[arg-type]
        samples=len(pairs),
        only=(len(ids[0]) - len(pairs), len(ids[1]) - len(pairs)),
        differences=paired_differences((first.metric, one), (second.metric, other), draws=draws, seed=seed),
        better=float((known > _SAME).mean()) if known.size else 0.0,
        worse=float((known < -_SAME).mean()) if known.size else 0.0,
        by=SCORES[first.metric.name],
    )


def comparison_blocks(comparison: Comparison) -> list[Block]:
    """A paired comparison as a table."""
    first, second = comparison.names
    lines = [
        f"{comparison.samples:,} samples that both answered; {second} is better on {comparison.better:.1%} of them and "
        f"worse on {comparison.worse:.1%}, by {comparison.by}."
    ]
    if any(comparison.only):
        lines.append(f"Only {first} has {comparison.only[0]:,} further samples, only {second} {comparison.only[1]:,}.")
    rows = [
        [name, figure_text(name, one.first), figure_text(name, one.second), _difference_text(name, one)]
        for name, one in comparison.differences.items()
        if is_main(name)
    ]
    return [
        Heading(f"{second} against {first}", 3),
        Lines(lines),
        Table(["figure", first, second, "difference [95 %]"], rows),
    ]


def comparable_settings(dump: Dump) -> dict[str, Any]:
    """The settings of the metric but for the gate, which is the system's."""
    settings = dump.summary["metric"]["settings"]
    return {name: value for name, value in settings.items() if name != "presence_threshold"}


def distinct_names(dumps: Sequence[Dump]) -> tuple[str, ...]:
    """Names that tell the dumps apart."""
    names = [dump.name for dump in dumps]
    return tuple(name if names.count(name) == 1 else str(dump.folder) for name, dump in zip(names, dumps, strict=True))


def _difference_text(name: str, one: Difference) -> str:
    ends = () if one.interval is None else (one.interval.low, one.interval.high)
    return figure_text(name, one.difference, *ends)


def _text(value: Any) -> str:
    return json.dumps(value, default=str)[:100]
