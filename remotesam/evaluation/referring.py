"""Referring segmentation: oIoU, mIoU, Pr@X, and N-acc, T-acc, gIoU, cIoU for sentences that may mean nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from remotesam.evaluation.columns import known, mean, numbers, ratio, ratios, words
from remotesam.evaluation.mask_counts import count_pixels
from remotesam.evaluation.metric import RecentTables, sample_weights
from remotesam.evaluation.samples import MaskAnswer, MaskTruth

Protocol = Literal["native", "reference"]
PRECISION_THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)
SIZES = {"small": (1, 32**2), "medium": (32**2, 96**2), "large": (96**2, 2**62)}
"""Target sizes as COCO has them, in pixels of the size at which masks are compared: from, and less than."""
TARGETS = {"1 target": (1, 2), "2 to 5 targets": (2, 6), "6 or more targets": (6, 2**62)}

SCHEMA = pa.schema(
    [
        pa.field("intersection", pa.int64(), nullable=False),
        pa.field("predicted", pa.int64(), nullable=False),
        pa.field("target", pa.int64(), nullable=False),
        pa.field("presence", pa.float64(), nullable=False),
        pa.field("targets", pa.int64()),
    ]
)


class ReferringMetric:
    """Pixels of each sample, before any presence gate; the gate is applied by ``summarise``.

    ``native`` compares masks at the image's own size and counts an empty prediction on an empty target as IoU 1.
    ``reference`` brings both masks to the network's size by nearest neighbour and counts an empty union as IoU 0, as
    the published figures of RRSIS-D, RISBench and RefSegRS do.

    Figures, shares and IoUs in [0, 1]:

    - ``oIoU``: sum of intersections over sum of unions (elsewhere cIoU).
    - ``mIoU``: mean IoU of all samples (elsewhere gIoU); ``Pr@X``: share of samples with IoU >= X.
    - ``gIoU``, ``cIoU``: the same as in generalised referring segmentation, where a right "nothing" counts 1 under
      either protocol; ``N-acc``: share of no-target samples answered with an empty mask; ``T-acc``: share of targeted
      samples answered with a non-empty one.
    - ``mIoU/targeted``, ``oIoU/targeted``, ``Pr@X/targeted``: over the samples that have a target.
    - ``mIoU/small``, ``oIoU/small`` ...: by the size of the target (:data:`SIZES`), and, where it is known, by the
      number of targets (:data:`TARGETS`).
    - ``IoU/<category>``: mean IoU of the targeted samples of a category, where the rows have a column ``category``.

    Args:
        protocol: ``native`` or ``reference``.
        size: (height, width) of the network, for ``reference``.
        presence_threshold: Answers whose presence is not above it count as empty; None for no gate.

    Raises:
        ValueError: The protocol is neither, or does not go with the size.

    Example:
        >>> metric = ReferringMetric()
        >>> truth = MaskTruth(mask=np.array([[True, False]]))
        >>> metric.row(truth, MaskAnswer(mask=np.array([[True, True]])))
        {'intersection': 1, 'predicted': 2, 'target': 1, 'presence': 1.0, 'targets': None}
    """

    name: ClassVar[str] = "ref"
    task: ClassVar[str] = "ref"
    truth_type: ClassVar[type] = MaskTruth
    answer_type: ClassVar[type] = MaskAnswer
    schema: ClassVar[pa.Schema] = SCHEMA

    def __init__(
        self,
        *,
        protocol: Protocol = "native",
        size: Sequence[int] | None = None,
        presence_threshold: float | None = None,
    ) -> None:
        if protocol not in ("native", "reference"):
            raise ValueError(f"protocol is {protocol!r}; it takes 'native' or 'reference'")
        if (size is None) != (protocol == "native"):
            raise ValueError(
                f"size is {size} with protocol {protocol!r}; 'reference' needs (height, width), and it alone"
            )
        if size is not None and (len(size) != 2 or min(size) < 1):
            raise ValueError(f"size is {size}; it takes (height, width) in pixels")
        self.protocol: Protocol = protocol
        self.size = None if size is None else (int(size[0]), int(size[1]))
        self.presence_threshold = presence_threshold
        self._read = RecentTables(_read)

    @property
    def settings(self) -> dict[str, Any]:
        """Protocol, size and gate."""
        size = None if self.size is None else list(self.size)
        return {"protocol": self.protocol, "size": size, "presence_threshold": self.presence_threshold}

    @property
    def rules(self) -> str:
        """Protocol, size and gate in words."""
        if self.size is None:
            text = "native protocol: masks at the image's own size, nothing found where nothing is counts IoU 1"
        else:
            text = f"reference protocol: masks at {self.size[1]} x {self.size[0]}, an empty union counts IoU 0"
        gate = self.presence_threshold
        return text + ("; no presence gate" if gate is None else f"; empty where presence is not above {gate}")

    def row(self, truth: MaskTruth, answer: MaskAnswer) -> dict[str, Any]:
        """The pixels of one sample.

        Raises:
            ValueError: A mask is damaged, or the sizes differ under the native protocol.
        """
        counts = count_pixels(answer.mask, truth.mask, ignored=truth.ignored, size=self.size)
        return {**counts._asdict(), "presence": float(answer.presence), "targets": truth.targets}

    def summarise(self, rows: pa.Table, weights: NDArray[Any] | None = None) -> dict[str, float | None]:
        """All figures; see the class."""
        once, columns = sample_weights(rows, weights), self._read(rows)
        iou, generalised, intersection, union, predicted = self._scored(columns)
        overall = ratio(once @ intersection, once @ union)
        figures = {"oIoU": overall, "mIoU": mean(iou, once)}
        figures |= {f"Pr@{limit}": mean(iou >= limit, once) for limit in PRECISION_THRESHOLDS}
        nothing = np.where(columns.target == 0, once, 0)
        figures |= {"gIoU": mean(generalised, once), "cIoU": overall}
        figures |= {"N-acc": mean(predicted == 0, nothing), "T-acc": mean(predicted > 0, once - nothing)}
        for part, members in columns.parts.items():
            some = once[members]
            figures[f"mIoU/{part}"] = mean(iou[members], some)
            figures[f"oIoU/{part}"] = ratio(some @ intersection[members], some @ union[members])
            if part == "targeted":
                figures |= {f"Pr@{limit}/{part}": mean(iou[members] >= limit, some) for limit in PRECISION_THRESHOLDS}
        if columns.targeted_categories:
            targeted = once - nothing
            sums, shares = (
                np.bincount(columns.category, weights=values, minlength=len(columns.categories))
                for values in (targeted * iou, targeted)
            )
            pairs = zip(columns.categories, ratios(sums, shares), strict=True)
            asked = set(columns.category[columns.target > 0].tolist())
            figures |= {
                f"IoU/{name}": known(value) for number, (name, value) in enumerate(pairs) if name and number in asked
            }
        return figures

    def ious(self, rows: pa.Table) -> NDArray[np.float64]:
        """(S,) IoU of each sample under the protocol and the gate."""
        return self._scored(self._read(rows))[0]

    def _scored(self, columns: _Columns) -> tuple[NDArray[Any], ...]:
        kept = np.ones(len(columns.target), dtype=bool)
        if self.presence_threshold is not None:
            kept = columns.presence > self.presence_threshold
        intersection, predicted = columns.intersection * kept, columns.predicted * kept
        union = predicted + columns.target - intersection
        iou = intersection / np.maximum(union, 1)
        generalised = np.where(union == 0, 1.0, iou)
        return generalised if self.protocol == "native" else iou, generalised, intersection, union, predicted


@dataclass(frozen=True)
class _Columns:
    intersection: NDArray[np.int64]
    predicted: NDArray[np.int64]
    target: NDArray[np.int64]
    presence: NDArray[np.float64]
    parts: dict[str, NDArray[np.int64]]
    categories: list[str]
    category: NDArray[np.int64]
    targeted_categories: set[str]


def _read(rows: pa.Table) -> _Columns:
    target, targets = numbers(rows, "target"), numbers(rows, "targets").astype(np.float64)
    parts = {"targeted": np.flatnonzero(target > 0)} if (target == 0).any() else {}
    parts |= size_parts(target)
    parts |= {
        name: members
        for name, (least, most) in TARGETS.items()
        if (members := np.flatnonzero((targets >= least) & (targets < most) & (target > 0))).size
    }
    categories, category = (
        words(rows, "category") if "category" in rows.column_names else ([""], np.zeros(len(target), int))
    )
    return _Columns(
        numbers(rows, "intersection"),
        numbers(rows, "predicted"),
        target,
        numbers(rows, "presence"),
        parts,
        categories,
        category,
        set(np.array(categories)[np.unique(category[target > 0])].tolist()) - {""},
    )


def size_parts(target: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """The samples of each size of target, of those sizes that occur."""
    found = {name: np.flatnonzero((target >= least) & (target < most)) for name, (least, most) in SIZES.items()}
    return {name: members for name, members in found.items() if members.size}
