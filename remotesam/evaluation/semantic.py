"""Semantic segmentation: mIoU, mF1 and accuracies from one confusion matrix over the set, kept by sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import cv2
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from remotesam.evaluation.columns import known, matrix, mean_of_known, ratio, ratios
from remotesam.evaluation.metric import RecentTables, sample_weights
from remotesam.evaluation.samples import ClassMapAnswer, ClassMapTruth

BackgroundRule = Literal["counted", "excluded", "ignored"]
_RULES: dict[BackgroundRule, str] = {
    "counted": "counts as a class like the others",
    "excluded": "is left out of the means, while what is found on its pixels counts as wrong",
    "ignored": "is left out with all its pixels",
}
_COUNTS = ("intersection", "predicted", "target")
_STRIP = 2**22  # pixels; OpenCV counts in float32, which is exact up to 2^24


class SemanticMetric:
    """Pixels of each class in each sample: in both maps, in the answer, in the truth.

    - ``mIoU``, ``mF1``: means over the classes of IoU and F1 of the whole set (not of samples). A class that neither
      the truth nor the answers have anywhere is left out. F1 of a class that is never found is 0, while mmsegmentation
      leaves it out of its mean.
    - ``accuracy``: share of pixels with the right class (elsewhere aAcc); ``mean accuracy``: mean over the classes of
      the share of their pixels that are right (mAcc).
    - ``IoU/<class>``, ``F1/<class>``: of every class, whatever the rule for the background.

    Args:
        classes: The names; their place is the value in class maps.
        background: Which of them stand for whatever is left, such as ``["background"]`` or ``["clutter"]``.
        background_rule: ``counted``: they are classes like the others; ``excluded``: their IoU and F1 are left out of
            the means, while what is found on their pixels counts as wrong; ``ignored``: their pixels count nowhere.
        ignore_index: Value of pixels that count nowhere. In answers it says "none of the classes", which is wrong.

    Raises:
        ValueError: A name repeats, the background is none of the classes, or the ignore index is one.

    Example:
        >>> metric = SemanticMetric(classes=["water", "road"])
        >>> truth = ClassMapTruth(class_map=np.array([[0, 0, 1, 255]], np.uint8))
        >>> metric.row(truth, ClassMapAnswer(class_map=np.array([[0, 1, 1, 1]], np.uint8)))
        {'intersection': [1, 1], 'predicted': [1, 2], 'target': [2, 1]}
    """

    name: ClassVar[str] = "seg"
    task: ClassVar[str] = "seg"
    truth_type: ClassVar[type] = ClassMapTruth
    answer_type: ClassVar[type] = ClassMapAnswer
    schema: ClassVar[pa.Schema] = pa.schema([pa.field(name, pa.list_(pa.int64()), nullable=False) for name in _COUNTS])

    def __init__(
        self,
        *,
        classes: Sequence[str],
        background: Sequence[str] = (),
        background_rule: BackgroundRule = "counted",
        ignore_index: int = 255,
    ) -> None:
        self.classes, self.background = list(classes), list(background)
        if not self.classes or len(set(self.classes)) != len(self.classes):
            raise ValueError(f"classes are {self.classes}; give at least one name, none twice")
        unknown = sorted(set(self.background) - set(self.classes))
        if unknown:
            raise ValueError(f"background is {unknown}; it takes some of {', '.join(self.classes)}")
        if background_rule not in _RULES:
            raise ValueError(f"background_rule is {background_rule!r}; it takes {', '.join(_RULES)}")
        if 0 <= ignore_index < len(self.classes) or not 0 <= ignore_index < 2**16:
            raise ValueError(
                f"ignore_index is {ignore_index}; it takes {len(self.classes)} to 65535, which is no class"
            )
        self.background_rule: BackgroundRule = background_rule
        self.ignore_index = ignore_index
        self._behind = np.array([name in self.background for name in self.classes])
        self._read = RecentTables(self._matrices)

    @property
    def settings(self) -> dict[str, Any]:
        """Classes, background and ignore index."""
        return {
            "classes": self.classes,
            "background": self.background,
            "background_rule": self.background_rule,
            "ignore_index": self.ignore_index,
        }

    @property
    def rules(self) -> str:
        """Classes and what is left out, in words."""
        text = f"one confusion matrix of {len(self.classes)} classes, pixels of {self.ignore_index} ignored"
        if self.background:
            text += f"; {', '.join(self.background)} {_RULES[self.background_rule]}"
        return text

    def row(self, truth: ClassMapTruth, answer: ClassMapAnswer) -> dict[str, Any]:
        """The pixels of one sample.

        Raises:
            ValueError: A map is no (H, W) uint8 or uint16, the sizes differ, or a value is no class.
        """
        right = _checked(truth.class_map, "truth")
        found = np.full_like(right, self.ignore_index) if answer.class_map is None else answer.class_map
        found = _checked(found, "answer")
        if right.shape != found.shape:
            sides = [f"{shape[1]} x {shape[0]}" for shape in (found.shape, right.shape)]
            raise ValueError(f"the answer is {sides[0]} pixels and the truth {sides[1]}; both must be of one size")
        pairs = self._pairs(right, found)
        if self.background_rule == "ignored":
            pairs[self._behind] = 0
        counts = (np.diagonal(pairs), pairs[:, :-1].sum(axis=0), pairs.sum(axis=1))
        return {name: values.tolist() for name, values in zip(_COUNTS, counts, strict=True)}

    def summarise(self, rows: pa.Table, weights: NDArray[Any] | None = None) -> dict[str, float | None]:
        """All figures; see the class."""
        once = sample_weights(rows, weights)
        intersection, predicted, target = (once @ counts for counts in self._read(rows))
        ious = ratios(intersection, predicted + target - intersection)
        f1s = ratios(2 * intersection, predicted + target)
        averaged = ~self._behind if self.background_rule != "counted" else np.ones_like(self._behind)
        figures = {
            "mIoU": mean_of_known(ious[averaged]),
            "mF1": mean_of_known(f1s[averaged]),
            "accuracy": ratio(intersection.sum(), target.sum()),
            "mean accuracy": mean_of_known(ratios(intersection, target)[averaged]),
        }
        figures |= {f"IoU/{name}": known(value) for name, value in zip(self.classes, ious, strict=True)}
        return figures | {f"F1/{name}": known(value) for name, value in zip(self.classes, f1s, strict=True)}

    def _matrices(self, rows: pa.Table) -> tuple[NDArray[np.float64], ...]:
        return tuple(matrix(rows, name, len(self.classes)).astype(np.float64) for name in _COUNTS)

    def _pairs(self, right: NDArray[Any], found: NDArray[Any]) -> NDArray[np.int64]:
        """(classes, classes + 1) how often each pair of values occurs; the last column is "none of the classes"."""
        if right.dtype == found.dtype == np.uint8:
            joint, values = _joint_counts(right, found), np.arange(256)
        else:
            values, numbered = np.unique(np.stack([right, found]), return_inverse=True)
            first, second = numbered.reshape(2, -1).astype(np.int64)
            joint = np.bincount(first * len(values) + second, minlength=len(values) ** 2).reshape(len(values), -1)
        place = np.where(values < len(self.classes), values, len(self.classes))
        strange = (place == len(self.classes)) & (values != self.ignore_index)
        for counts, what in ((joint.sum(axis=1), "truth"), (joint.sum(axis=0), "answer")):
            if (counts[strange] > 0).any():
                value = int(values[strange & (counts > 0)][0])
                raise ValueError(
                    f"the {what} has the value {value}; it takes 0 to {len(self.classes) - 1} and {self.ignore_index}"
                )
        pairs = np.zeros((len(self.classes) + 1, len(self.classes) + 1), dtype=np.int64)
        np.add.at(pairs, (place[:, None], place[None, :]), joint)
        return pairs[:-1]


def _checked(class_map: NDArray[Any], what: str) -> NDArray[Any]:
    if class_map.ndim != 2 or class_map.dtype not in (np.uint8, np.uint16):
        raise ValueError(
            f"the {what} is {class_map.dtype} {class_map.shape}; class maps must be uint8 or uint16 (H, W)"
        )
    return class_map


def _joint_counts(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(256, 256) how often each pair of values occurs."""
    counts = np.zeros((256, 256), dtype=np.int64)
    pair = [np.ascontiguousarray(one).reshape(-1, 1) for one in (first, second)]
    for start in range(0, first.size, _STRIP):
        strips = [one[start : start + _STRIP] for one in pair]
        counts += cv2.calcHist(strips, [0, 1], None, [256, 256], [0, 256, 0, 256]).astype(np.int64)
    return counts
