"""Figures of a dump as PNG files: sweeps over thresholds and gates, and reliability diagrams."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from remotesam.evaluation.calibration import Reliability, gate_sweep, pixel_reliability, reliability, threshold_sweep
from remotesam.evaluation.columns import lists
from remotesam.evaluation.dumps import Dump
from remotesam.evaluation.labels import SceneMetric
from remotesam.files import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GATES = (*(round(0.05 * step, 2) for step in range(20)), 0.97, 0.98, 0.99)
_BLUE, _RED, _GREY = "#2563eb", "#d9480f", "#6b7280"
_UNIT = (0, 1.02)  # so that a marker at 1 is whole


def score_events(dump: Dump) -> dict[str, tuple[NDArray[np.float64], NDArray[np.bool_]]]:
    """The scores in a dump, and for each whether what it was given for is so.

    Returns:
        What is scored -> (N,) scores in [0, 1] and (N,) bool; nothing for tasks without scores.
    """
    rows, name = dump.rows, dump.metric.name
    if name in ("ref", "reason") and dump.summary["model"] is not None:
        there = rows.column("target").to_numpy() > 0
        if there.any() and not there.all():
            return {"presence of what a sentence asks for": (rows.column("presence").to_numpy(), there)}
    if name == "det":
        skip = lists(rows, "skips").values & 1 == 1
        scores, hit = lists(rows, "scores").values, lists(rows, "hits").values & 1 == 1
        return {"objects with an IoU of at least 0.5": (scores[~skip], hit[~skip])}
    if name == "obb":
        judged = lists(rows, "judged").values
        return {"objects that match": (lists(rows, "scores").values[judged >= 0], judged[judged >= 0] == 1)}
    if name == "mlc":
        count = len(dump.metric.settings["categories"])
        given = lists(rows, "scores").values
        if given.size == rows.num_rows * count:
            truth = np.zeros((rows.num_rows, count), bool)
            right = lists(rows, "truth")
            truth[right.sample, right.values] = True
            return {"labels": (given, truth.reshape(-1))}
    return {}


def write_plots(dump: Dump, folder: str | Path) -> list[tuple[Path, str]]:
    """Writes what can be drawn of a dump.

    Args:
        dump: The evaluation.
        folder: Where to write.

    Returns:
        The files, each with its caption.
    """
    folder = Path(folder)
    written: list[tuple[Path, str]] = []
    diagrams = {what: reliability(*events) for what, events in score_events(dump).items() if events[0].size}
    if "map_pixels" in dump.rows.column_names:
        diagrams["pixels that belong"] = pixel_reliability(dump.rows)
        path = folder / "sweep.png"
        _save(_sweeps(dump), path)
        written.append((path, "Other pixel thresholds and presence gates, from the same counts"))
    if isinstance(dump.metric, SceneMetric):
        path = folder / "confusion.png"
        _save(_confusion(dump.metric, dump), path)
        written.append((path, "Scenes (rows) and what they were taken for (columns), in shares of a row"))
    if diagrams:
        path = folder / "reliability.png"
        _save(_reliabilities(diagrams), path)
        told = ", ".join(f"{what} {diagram.error:.3f}" for what, diagram in diagrams.items())
        written.append((path, f"Reliability of scores; expected calibration error: {told}"))
    return written


def _figure(columns: int) -> tuple[Figure, Sequence[Axes]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2 * columns, 4.2), dpi=110, layout="constrained")
    return figure, [figure.add_subplot(1, columns, number + 1) for number in range(columns)]


def _sweeps(dump: Dump) -> Figure:
    gate = dump.metric.settings.get("presence_threshold")
    model: dict[str, Any] = dump.summary["model"] or {}
    nothing = bool((dump.rows.column("target").to_numpy() == 0).any())
    figure, axes = _figure(2 if nothing else 1)
    sweep = threshold_sweep(dump.rows, presence_threshold=gate)
    axes[0].plot(sweep.thresholds, sweep.mean_iou, color=_BLUE, marker="o", markersize=3, label="mIoU, with a target")
    axes[0].plot(sweep.thresholds, sweep.overall_iou, color=_RED, marker="o", markersize=3, label="oIoU, all")
    _finish(axes[0], "pixel threshold", at=model.get("threshold"))
    if nothing:
        figures = gate_sweep(dump.metric, dump.rows, GATES)
        named = {"mIoU/targeted": _BLUE, "N-acc": _RED, "T-acc": _GREY}
        if dump.metric.name == "reason":
            named = {"gIoU": _BLUE, "cIoU": _RED}
        for name, colour in named.items():
            values = np.array([figures[other].get(name) for other in GATES], np.float64)  # None becomes NaN
            axes[1].plot(GATES, values, color=colour, marker="o", markersize=3, label=name)
        _finish(axes[1], "presence gate", at=gate)
    return figure


def _finish(axes: Axes, name: str, *, at: float | None) -> None:
    if at is not None:
        axes.axvline(at, color=_GREY, linestyle=":", label=f"used: {at:g}")
    axes.set(xlabel=name, xlim=_UNIT, ylim=_UNIT, ylabel="IoU or share")
    axes.grid(alpha=0.3)
    axes.legend(framealpha=0.9, edgecolor="none")


def _reliabilities(diagrams: dict[str, Reliability]) -> Figure:
    figure, axes = _figure(len(diagrams))
    for one, (what, diagram) in zip(axes, diagrams.items(), strict=True):
        bins = len(diagram.counts)
        centres = (np.arange(bins) + 0.5) / bins
        one.bar(
            centres,
            np.nan_to_num(diagram.shares),
            width=0.9 / bins,
            color=_BLUE,
            alpha=0.75,
            label="observed frequency",
        )
        one.plot([0, 1], [0, 1], color=_GREY, linestyle=":", label="perfectly calibrated")
        share = diagram.counts / max(1, diagram.counts.sum())
        one.plot(centres, share, color=_RED, marker="o", markersize=3, label="share of all scores")
        one.set(title=f"{what}\nECE {diagram.error:.3f}, {diagram.counts.sum():,} scores", xlabel="score")
        one.set(xlim=(0, 1), ylim=_UNIT, ylabel="share")
        one.grid(alpha=0.3)
        one.legend(loc="upper center", framealpha=0.9, edgecolor="none")
    return figure


def _confusion(metric: SceneMetric, dump: Dump) -> Figure:
    counts = metric.confusion(dump.rows).astype(np.float64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = metric.categories.names
    from matplotlib.figure import Figure

    side = max(4.0, 0.28 * len(names) + 2)
    figure = Figure(figsize=(side + 1, side), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    shown = axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    axes.set_xticks(range(len(names) + 1), [*names, "(none)"], rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="answered", ylabel="truth")
    figure.colorbar(shown, ax=axes, shrink=0.6)
    return figure


def _save(figure: Figure, path: Path) -> None:
    with atomic_path(path) as temporary:
        figure.savefig(temporary, metadata={"Software": None})
