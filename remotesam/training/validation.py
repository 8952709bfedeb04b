"""Validation: every image and every annotated category, through the segmenter that ships."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from accelerate import Accelerator
from accelerate.utils import gather_object
from numpy.typing import NDArray
from torch.distributed.fsdp import FSDPModule

from remotesam.data.scene import SceneSource
from remotesam.evaluation.referring import ReferringMetrics
from remotesam.presence import presence_score
from remotesam.segmenters.base import Segmenter
from remotesam.segmenters.rmsin import RmsinSegmenter
from remotesam.training.build import preprocessing_of
from remotesam.training.config import TrainingConfig
from remotesam.training.sources import build_source
from remotesam.training.state import TrainingModule

PICTURES = 4


@dataclass(frozen=True)
class Answer:
    """One image with the probability (H, W) float32 and the target (H, W) bool of every category asked."""

    image: NDArray[np.uint8]
    probabilities: dict[str, NDArray[np.float32]]
    targets: dict[str, NDArray[np.bool_]]
    name: str


def expression_of(category: str) -> str:
    """The sentence that asks for a category."""
    return f"{category} in the image"


def answers(source: SceneSource, segmenter: Segmenter, *, indices: range) -> Iterator[Answer]:
    """Ask for every annotated category of every image, at the image's own size, one call an image.

    Args:
        source: Scenes whose ``annotated`` categories are annotated exhaustively.
        segmenter: Who answers.
        indices: Which scenes.

    Raises:
        ValueError: A scene has no annotated category.
    """
    for index in indices:
        scene = source.scene(index, 0)
        if not scene.annotated:
            raise ValueError(f"{scene.name}: no annotated category to ask for; validation needs exhaustive annotations")
        maps = segmenter.segment(scene.image, [expression_of(category) for category in scene.annotated])
        height, width = scene.image.shape[:2]
        targets = {category: np.zeros((height, width), dtype=bool) for category in scene.annotated}
        for instance in scene.instances:
            if instance.category in targets:
                targets[instance.category] |= instance.mask(height, width)
        yield Answer(scene.image, dict(zip(scene.annotated, maps, strict=True)), targets, scene.name)


def count(answer: Answer, metrics: ReferringMetrics, *, threshold: float) -> None:
    """Add every (image, category) of an answer to the metrics, ungated."""
    for category, probability in answer.probabilities.items():
        metrics.add(
            probability > threshold,
            answer.targets[category],
            presence=presence_score(probability),
            category=category,
            name=f"{answer.name}: {expression_of(category)}",
        )


def summary(metrics: ReferringMetrics, *, presence_threshold: float, gates: tuple[float, ...]) -> dict[str, Any]:
    """The figures a run reports.

    ``mIoU``, ``oIoU`` and ``Pr@X`` are over (image, present category) with the gate applied; ``N-acc``, ``T-acc``,
    ``gIoU`` and ``cIoU`` over all pairs; ``IoU/<category>`` is the mean over images that show the category.
    """
    result = metrics.compute(presence_threshold=presence_threshold).to_dict()
    present = metrics.targeted().compute(presence_threshold=presence_threshold).to_dict()
    result.update({name: present[name] for name in present if name in ("mIoU", "oIoU") or name.startswith("Pr@")})
    for gate in gates:
        swept = metrics.compute(presence_threshold=gate).to_dict()
        targeted = metrics.targeted().compute(presence_threshold=gate).to_dict()
        result[f"gate {gate}/mIoU"], result[f"gate {gate}/N-acc"] = targeted["mIoU"], swept["N-acc"]
    for category, part in metrics.targeted().by_category().items():
        result[f"IoU/{category}"] = part.compute(presence_threshold=presence_threshold).to_dict()["mIoU"]
    return result


def picture(answer: Answer, *, threshold: float, presence_threshold: float, width: int = 480) -> NDArray[np.uint8]:
    """The image once per present category, side by side: prediction filled red, target outlined green."""
    shown = [category for category, target in answer.targets.items() if target.any()][:3] or list(answer.targets)[:1]
    panels = []
    for category in shown:
        probability = answer.probabilities[category]
        panel = answer.image.copy()
        mask = (probability > threshold) & (presence_score(probability) > presence_threshold)
        panel[mask] = (0.5 * panel[mask] + np.array([127, 0, 0])).astype(np.uint8)
        outlines, _ = cv2.findContours(
            answer.targets[category].astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
        )
        panel = cv2.drawContours(np.ascontiguousarray(panel), outlines, -1, (0, 255, 0), 2)
        height = max(1, round(panel.shape[0] * width / panel.shape[1]))
        panel = cv2.resize(panel, (width, height), interpolation=cv2.INTER_AREA)
        cv2.putText(panel, category, (8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (255, 255, 0), 2)
        panels.append(panel)
    return np.concatenate(panels, axis=1).astype(np.uint8)


class Validator:
    """Validation within a run: images spread over the processes, figures joined.

    Args:
        config: The run's configuration, with ``data.val``.
        tokenizer: The run's tokenizer.
        accelerator: Says which process this is.
    """

    def __init__(self, config: TrainingConfig, *, tokenizer: Any, accelerator: Accelerator) -> None:
        assert config.data.val is not None
        self.config, self.tokenizer, self.accelerator = config, tokenizer, accelerator
        arguments = dict(config.data.val)
        limit, size = arguments.pop("limit", None), arguments.pop("size", None)
        self.source: SceneSource = build_source(arguments, field="data.val")
        self.length = len(self.source) if limit is None else min(limit, len(self.source))
        preprocessing = preprocessing_of(config)
        self.preprocessing = preprocessing if size is None else replace(preprocessing, size=size)

    def run(self, module: TrainingModule) -> tuple[dict[str, Any], list[NDArray[np.uint8]]]:
        """Answer all images with the module's present weights.

        Args:
            module: Not wrapped for data parallelism; a sharded one is gathered meanwhile.

        Returns:
            The figures of :func:`summary` over all processes, and pictures of a few answers of this process.
        """
        config, accelerator = self.config, self.accelerator
        precision = "float32" if config.mixed_precision == "no" else config.mixed_precision
        metrics = ReferringMetrics()
        pictures: list[NDArray[np.uint8]] = []
        gathered = [part for part in module.modules() if isinstance(part, FSDPModule)]
        for part in gathered:
            part.unshard()
        segmenter = RmsinSegmenter(
            network=module.network,  # type: ignore[arg-type]
            tokenizer=self.tokenizer,
            preprocessing=self.preprocessing,
            device=accelerator.device,
            precision=precision,
        )
        mine = range(accelerator.process_index, self.length, accelerator.num_processes)
        for answer in answers(self.source, segmenter, indices=mine):
            count(answer, metrics, threshold=config.threshold)
            if len(pictures) < PICTURES:
                pictures.append(
                    picture(answer, threshold=config.threshold, presence_threshold=config.presence_threshold)
                )
        for part in gathered:
            part.reshard()
        everything = ReferringMetrics(samples=gather_object(metrics.samples))
        figures = summary(everything, presence_threshold=config.presence_threshold, gates=config.presence_gates)
        return figures, pictures
