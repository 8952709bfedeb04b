"""Masks from boxes by SAM and SAM 2, as the data set SAMRS was made (Wang et al. 2023, arXiv 2305.02034)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from remotesam.data.segmentation import Outlines
from remotesam.data.sources.maskers.base import outlines_within, region_of, windows

if TYPE_CHECKING:
    import torch


class SamMasker:
    """Prompts a model of the SAM family of transformers with the upright box of each object.

    Args:
        model: ``SamModel`` or ``Sam2Model``.
        processor: Its processor.
        name: Written to ``Annotation.maker``.
        window: Side in pixels of the windows that larger images are cut into: the model sees 1,024 pixels at once.
        batch: Boxes decoded at once.
        margin: Share of the sides of a box, oriented where it is, by which the mask may reach beyond it; None for any.

    Example:
        >>> masker = SamMasker.from_pretrained("facebook/sam2.1-hiera-large")  # doctest: +SKIP
        >>> masker.name  # doctest: +SKIP
        'facebook/sam2.1-hiera-large'
    """

    def __init__(
        self,
        model: Any,
        processor: Any,
        *,
        name: str,
        window: int = 1024,
        batch: int = 32,
        margin: float | None = 0.1,
    ) -> None:
        if window < 1 or batch < 1:
            raise ValueError(f"window and batch are at least 1, got {window} and {batch}")
        self.model = model.eval()
        self.processor = processor
        self.name = name
        self.window = window
        self.batch = batch
        self.margin = margin

    @classmethod
    def from_pretrained(cls, checkpoint: str, *, device: str | None = None, **options: Any) -> SamMasker:
        """Loads a checkpoint, from the hub where it is no folder.

        Args:
            checkpoint: Such as "facebook/sam-vit-huge" or "facebook/sam2.1-hiera-large", or a folder.
            device: Where to run; CUDA where there is one if None.
            **options: Those of the class.

        Raises:
            ValueError: It is no model of this family.
            OSError: It can neither be found nor downloaded.
            ImportError: This release of transformers has no SAM 2.
        """
        import torch
        from transformers import AutoConfig

        kind = AutoConfig.from_pretrained(checkpoint).model_type
        if kind == "sam":
            from transformers import SamModel as Model
            from transformers import SamProcessor as Processor
        elif kind in ("sam2", "sam2_video"):
            from transformers import Sam2Model as Model  # type: ignore[assignment]
            from transformers import Sam2Processor as Processor  # type: ignore[assignment]
        else:
            raise ValueError(f"{checkpoint}: is a model of the type {kind!r}; it takes 'sam' or 'sam2'")
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        model: Any = Model.from_pretrained(checkpoint)
        options.setdefault("name", checkpoint)
        return cls(model.to(device), Processor.from_pretrained(checkpoint), **options)

    def mask(
        self, image: np.ndarray, boxes: np.ndarray, corners: Sequence[np.ndarray | None], categories: Sequence[str]
    ) -> list[Outlines]:
        """Makes the masks; see :class:`~remotesam.data.sources.maskers.base.BoxMasker`."""
        made: list[Outlines] = [((), ())] * len(boxes)
        for (left, top, right, bottom), members in windows(boxes, image.shape[:2], side=self.window):
            crop = np.ascontiguousarray(image[top:bottom, left:right])
            masks = self._decode(crop, boxes[members] - (left, top, left, top))
            for index, mask in zip(members, masks, strict=True):
                region = None if self.margin is None else region_of(boxes[index], corners[index], self.margin)
                made[index] = outlines_within(mask, region, left=left, top=top)
        return made

    def _decode(self, crop: np.ndarray, boxes: np.ndarray) -> list[np.ndarray]:
        """(h, w) bool mask for each of (n, 4) boxes of a crop; the image is encoded once."""
        import torch

        prompts = [boxes.astype(float).tolist()]
        inputs = self.processor(images=crop, input_boxes=prompts, return_tensors="pt")
        device = self.model.device
        masks: list[np.ndarray] = []
        with torch.inference_mode():
            features = self.model.get_image_embeddings(inputs["pixel_values"].to(device))
            for first in range(0, len(boxes), self.batch):
                chosen = inputs["input_boxes"][:, first : first + self.batch].float().to(device)
                answer = self.model(image_embeddings=features, input_boxes=chosen, multimask_output=False)
                masks += [mask.numpy() for mask in self._full_size(answer.pred_masks, inputs)]
        return masks

    def _full_size(self, logits: torch.Tensor, inputs: Any) -> torch.Tensor:
        """(n, h, w) bool masks at the size of the crop."""
        sizes = [inputs[name] for name in ("original_sizes", "reshaped_input_sizes") if name in inputs]
        masks: torch.Tensor = self.processor.post_process_masks(logits.float().cpu(), *sizes)[0]
        return masks[:, 0].bool()
