"""Metrics of referring segmentation, accumulated sample by sample."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Protocol = Literal["native", "reference"]
PRECISION_THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Pixel counts of one (image, expression), from which every figure is recomputed.

    Attributes:
        intersection: Pixels in both masks.
        predicted: Pixels of the prediction, before any presence gate.
        target: Pixels of the target; 0 for a no-target expression.
        presence: Presence score of the prediction, in [0, 1]; see :func:`remotesam.presence.presence_score`.
        category: What the expression asks for, for tables by category.
        name: Image and expression, for per-sample dumps.
    """

    intersection: int
    predicted: int
    target: int
    presence: float = 1.0
    category: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class ReferringResult:
    """Figures over a set of samples; shares and IoUs in [0, 1], NaN where nothing is there to count.

    Attributes:
        samples: All samples.
        targeted: Samples whose target is not empty.
        oIoU: Sum of intersections over sum of unions (elsewhere cIoU).
        mIoU: Mean IoU per sample (elsewhere gIoU).
        precision: Share of samples with IoU >= X, by X.
        N_acc: Share of no-target samples answered with an empty mask.
        T_acc: Share of targeted samples answered with a non-empty mask.
        gIoU: Mean IoU per sample where a right "nothing" counts 1 (GRES), whatever the protocol.
        cIoU: oIoU over all samples (GRES).
    """

    samples: int
    targeted: int
    oIoU: float
    mIoU: float
    precision: dict[float, float]
    N_acc: float
    T_acc: float
    gIoU: float
    cIoU: float

    def to_dict(self) -> dict[str, Any]:
        """Flat mapping with ``Pr@0.5`` ... and ``N-acc``, ``T-acc``; NaN becomes None, which JSON has."""
        values = asdict(self)
        values.update({f"Pr@{threshold}": share for threshold, share in values.pop("precision").items()})
        values["N-acc"], values["T-acc"] = values.pop("N_acc"), values.pop("T_acc")
        return {name: None if value != value else value for name, value in values.items()}


class ReferringMetrics:
    """Accumulates samples and computes the figures of a set.

    ``native`` is the honest protocol: an empty prediction on an empty target counts IoU 1. ``reference`` counts every
    empty union 0, as published RRSIS numbers do. (The resizing that belongs to the protocols happens before ``add``.)

    Args:
        protocol: ``native`` or ``reference``.
        samples: Samples to begin with.

    Example:
        >>> metrics = ReferringMetrics()
        >>> metrics.add(np.array([[True, True]]), np.array([[True, False]]))
        >>> metrics.compute().mIoU
        0.5
    """

    def __init__(self, *, protocol: Protocol = "native", samples: Iterable[Sample] = ()) -> None:
        if protocol not in ("native", "reference"):
            raise ValueError(f"protocol is {protocol!r}; it takes 'native' or 'reference'")
        self.protocol: Protocol = protocol
        self.samples: list[Sample] = list(samples)

    def add(
        self,
        prediction: NDArray[np.bool_],
        target: NDArray[np.bool_],
        *,
        presence: float = 1.0,
        category: str = "",
        name: str = "",
    ) -> None:
        """Count one prediction.

        Args:
            prediction: (H, W) bool, before any presence gate.
            target: (H, W) bool.
            presence: Presence score, for :meth:`compute` with a gate.
            category: For :meth:`by_category`.
            name: For dumps.

        Raises:
            ValueError: Shapes differ or the arrays are not bool.
        """
        if prediction.shape != target.shape or prediction.dtype != np.bool_ or target.dtype != np.bool_:
            raise ValueError(
                f"prediction is {prediction.dtype} {prediction.shape} and target {target.dtype} {target.shape}; "
                "both must be bool of one shape (H, W)"
            )
        self.samples.append(
            Sample(
                intersection=int(np.count_nonzero(prediction & target)),
                predicted=int(np.count_nonzero(prediction)),
                target=int(np.count_nonzero(target)),
                presence=float(presence),
                category=category,
                name=name,
            )
        )

    def compute(self, *, presence_threshold: float | None = None) -> ReferringResult:
        """Figures over all samples.

        Args:
            presence_threshold: Predictions whose presence score is not above it count as empty; None for no gate.
        """
        kept = np.array(
            [presence_threshold is None or sample.presence > presence_threshold for sample in self.samples], dtype=bool
        )
        counts = np.array([(s.intersection, s.predicted, s.target) for s in self.samples], dtype=np.int64).reshape(
            -1, 3
        )
        intersection, predicted, target = counts.T.copy()
        intersection[~kept] = predicted[~kept] = 0
        union = predicted + target - intersection
        empty = union == 0
        iou = intersection / np.maximum(union, 1)
        generalised = np.where(empty, 1.0, iou)
        if self.protocol == "native":
            iou = generalised
        no_target = target == 0
        overall = _ratio(intersection.sum(), union.sum())
        return ReferringResult(
            samples=len(iou),
            targeted=int((~no_target).sum()),
            oIoU=overall,
            mIoU=_mean(iou),
            precision={threshold: _mean(iou >= threshold) for threshold in PRECISION_THRESHOLDS},
            N_acc=_mean(predicted[no_target] == 0),
            T_acc=_mean(predicted[~no_target] > 0),
            gIoU=_mean(generalised),
            cIoU=overall,
        )

    def targeted(self) -> "ReferringMetrics":
        """The samples whose target is not empty: "mIoU over (image, present category)" is ``targeted().compute()``."""
        return ReferringMetrics(protocol=self.protocol, samples=[s for s in self.samples if s.target > 0])

    def by_category(self) -> dict[str, "ReferringMetrics"]:
        """One accumulator a category, in alphabetical order."""
        names = sorted({sample.category for sample in self.samples})
        return {
            name: ReferringMetrics(protocol=self.protocol, samples=[s for s in self.samples if s.category == name])
            for name in names
        }

    def sweep(self, gates: Sequence[float]) -> dict[float, ReferringResult]:
        """Figures at several presence gates, from the same samples."""
        return {gate: self.compute(presence_threshold=gate) for gate in gates}


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if values.size else float("nan")


def _ratio(numerator: int, denominator: int) -> float:
    return float(numerator / denominator) if denominator else float("nan")
