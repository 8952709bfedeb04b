"""DirectSAM: a published network for contours of everything, as a contour source. An optional download."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from remotesam.checkpoints import CheckpointError
from remotesam.tasks.contours import check_image

if TYPE_CHECKING:
    import torch
    from transformers import SegformerForSemanticSegmentation

LICENCE = "a non-commercial research licence"
DIRECTSAM_SIZES: dict[str, int] = {
    "chendelong/DirectSAM-b0-1024px-sa1b-2ep-1017": 1024,
    "chendelong/DirectSAM-EntitySeg-1024px-0501": 1024,
    "chendelong/DirectSAM-1800px-0424": 1800,
}
"""Published checkpoints and the input size of each in pixels."""

SMALLEST = next(iter(DIRECTSAM_SIZES))
_MEAN = np.array((0.485, 0.456, 0.406), dtype=np.float32)
_STD = np.array((0.229, 0.224, 0.225), dtype=np.float32)
_MIN_SIZE = 32


class DirectSam:
    """A SegFormer with one output channel that tells outlines from everything else (EPOC, arXiv 2402.14327).

    The image is brought to ``size`` x ``size``, the logits (stride 4) by bicubic interpolation to the image's own size,
    and the sigmoid makes them probabilities.

    Args:
        network: With one label.
        size: Side of its input in pixels, at least 32.
        device: Where to compute; None chooses CUDA, MPS or the CPU.

    Raises:
        ValueError: The network has not one label, or the size or device cannot be used.

    Example:
        >>> source = DirectSam.from_pretrained(accept_licence=True)  # doctest: +SKIP
        >>> source(np.zeros((600, 800, 3), dtype=np.uint8)).shape  # doctest: +SKIP
        (600, 800)
    """

    def __init__(
        self,
        network: SegformerForSemanticSegmentation,
        *,
        size: int = 1024,
        device: str | torch.device | None = None,
    ) -> None:
        from remotesam.segmenters.devices import choose_device

        if network.config.num_labels != 1:
            raise ValueError(f"network has {network.config.num_labels} labels; a contour network has one")
        if size < _MIN_SIZE:
            raise ValueError(f"size is {size}; use at least {_MIN_SIZE} pixels")
        self.size = size
        self.device = choose_device(device)
        self.network = network.eval().to(self.device)  # type: ignore[arg-type]

    @classmethod
    def from_pretrained(
        cls,
        name: str | os.PathLike[str] = SMALLEST,
        *,
        accept_licence: bool = False,
        size: int | None = None,
        device: str | torch.device | None = None,
    ) -> DirectSam:
        """Loads a published checkpoint, downloaded once from the Hugging Face hub, or a folder.

        Args:
            name: One of ``DIRECTSAM_SIZES`` (the default is the smallest, of 3.7 million parameters; RemoteSAM used
                ``chendelong/DirectSAM-EntitySeg-1024px-0501``), another hub id, or a folder.
            accept_licence: The published weights are under a non-commercial research licence, so they are only
                downloaded on your word. A folder needs none.
            size: Side of the input in pixels; None takes that of the published checkpoint, 1024 for others.
            device: Where to compute; None chooses CUDA, MPS or the CPU.

        Raises:
            CheckpointError: The licence was not accepted, the hub cannot be reached, or what was found is no network
                for contours.
            ValueError: The size or device cannot be used.
        """
        text = os.fspath(name)
        folder = Path(text).expanduser()
        if not folder.is_dir() and accept_licence is not True:
            raise CheckpointError(
                f"{text}: the weights of DirectSAM are under {LICENCE}; read it on https://huggingface.co/{text} and "
                "pass accept_licence=True if you accept it, or use gradient_contour, which needs no weights"
            )
        network = _load(str(folder) if folder.is_dir() else text)
        return cls(network, size=size or DIRECTSAM_SIZES.get(text, 1024), device=device)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Tells the outlines of an image.

        Args:
            image: (H, W, 3) uint8 RGB.

        Returns:
            (H, W) float32, the probability in [0, 1] that a pixel lies on an outline.

        Raises:
            ValueError: The image has another shape or type.
        """
        import torch
        import torch.nn.functional as F

        check_image(image)
        picture = Image.fromarray(image).resize((self.size, self.size), Image.Resampling.BILINEAR)
        pixels = (np.asarray(picture, dtype=np.float32) / 255 - _MEAN) / _STD
        with torch.inference_mode():
            inputs = torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy()).to(self.device)
            logits = self.network(pixel_values=inputs).logits.float()
            logits = F.interpolate(logits, image.shape[:2], mode="bicubic", align_corners=False)
            contour: np.ndarray = logits.sigmoid_()[0, 0].cpu().numpy()
        return contour


def _load(name: str) -> SegformerForSemanticSegmentation:
    from transformers import SegformerForSemanticSegmentation

    network: SegformerForSemanticSegmentation
    report: dict[str, Any]
    try:
        loaded: Any = SegformerForSemanticSegmentation.from_pretrained(name, output_loading_info=True)
        network, report = loaded
    except Exception as error:  # whatever the hub client of the installed release raises without a connection
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise CheckpointError(
            f"{name}: cannot be loaded ({reason}); check the name and the connection, or download it where there is "
            f"one (hf download {name} --local-dir FOLDER) and give the folder"
        ) from error
    problems = [*report["missing_keys"], *report["mismatched_keys"]]
    if problems or network.config.num_labels != 1:
        found = f"lacks {len(problems)} of its weights" if problems else f"has {network.config.num_labels} labels"
        raise CheckpointError(
            f"{name}: is no network for contours, a SegFormer with one label ({found}); give one of "
            f"{', '.join(DIRECTSAM_SIZES)}, or a folder with one"
        )
    return network
