"""Validation during training: every image, every annotated category, at the image's own size."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from remotesam.evaluation.referring import ReferringMetrics
from remotesam.presence import presence_score
from remotesam.training.batches import tokenize

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
MULTIPLE = 32

Predict = Callable[[Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Answer:
    """One image with the probability (H, W) float32 and the target (H, W) bool of every category asked."""

    image: NDArray[np.uint8]
    probabilities: dict[str, NDArray[np.float32]]
    targets: dict[str, NDArray[np.bool_]]
    name: str


def normalise(images: Tensor) -> Tensor:
    """(B, 3, H, W) uint8 RGB to float32 with ImageNet's mean and standard deviation."""
    mean = torch.tensor(MEAN, device=images.device).view(1, 3, 1, 1)
    std = torch.tensor(STD, device=images.device).view(1, 3, 1, 1)
    return (images.float() / 255 - mean) / std


def prepare(image: NDArray[np.uint8], *, size: int) -> tuple[Tensor, tuple[int, int]]:
    """Resize the longest side to at most ``size`` and pad to a multiple of 32 by zeros after normalisation.

    Args:
        image: (H, W, 3) uint8 RGB.
        size: Longest side in pixels.

    Returns:
        (1, 3, H', W') float32 and the (height, width) in it that the image fills.
    """
    height, width = image.shape[:2]
    scale = min(1.0, size / max(height, width))
    inner = max(1, round(height * scale)), max(1, round(width * scale))
    if inner != (height, width):
        image = cv2.resize(image, inner[::-1], interpolation=cv2.INTER_AREA).astype(np.uint8)
    pixels = normalise(torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None])
    right, below = -inner[1] % MULTIPLE, -inner[0] % MULTIPLE
    return torch.nn.functional.pad(pixels, (0, right, 0, below)), inner


def probabilities(
    image: NDArray[np.uint8],
    expressions: list[str],
    *,
    predict: Predict,
    tokenizer: Any,
    max_tokens: int,
    size: int,
    device: torch.device,
) -> NDArray[np.float32]:
    """Object probabilities (K, H, W) float32 of one image at its own size, K expressions in one call."""
    pixels, (height, width) = prepare(image, size=size)
    ids, attention = tokenize(tokenizer, expressions, max_tokens=max_tokens)
    logits = predict(pixels.to(device), ids.to(device), attention.to(device)).float()
    maps = logits.softmax(dim=1)[:, 1:, :height, :width]
    full = torch.nn.functional.interpolate(maps, image.shape[:2], mode="bilinear", align_corners=False)
    result: NDArray[np.float32] = full[:, 0].clamp(0, 1).cpu().numpy()
    return result


def answers(
    source: Any,
    *,
    predict: Predict,
    tokenizer: Any,
    max_tokens: int,
    size: int,
    device: torch.device,
    rank: int = 0,
    world_size: int = 1,
    limit: int | None = None,
) -> Iterator[Answer]:
    """Ask "{category} in the image" for every annotated category of every ``world_size``-th image.

    Every process runs the network equally often, as sharded networks need: one that runs out of images repeats the
    last one without yielding it.
    """
    total = len(source) if limit is None else min(limit, len(source))
    for first in range(0, total, world_size):
        scene = source.scene(min(first + rank, total - 1), 0)
        expressions = [f"{category} in the image" for category in scene.annotated]
        if not expressions:
            raise ValueError(f"{scene.name}: no annotated category to ask for; data.val needs exhaustive annotations")
        maps = probabilities(
            scene.image,
            expressions,
            predict=predict,
            tokenizer=tokenizer,
            max_tokens=max_tokens,
            size=size,
            device=device,
        )
        if first + rank >= total:
            return
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
            name=f"{answer.name}: {category} in the image",
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
