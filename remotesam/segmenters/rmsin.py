"""The segmenter over a network of ``remotesam.networks``: the image is encoded once, the sentences in batches."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from transformers import PreTrainedTokenizerFast

from remotesam import checkpoints
from remotesam.calibration import Calibration
from remotesam.checkpoints import Preprocessing
from remotesam.networks.base import ImageFeatures, ReferringNetwork
from remotesam.networks.folding import fold
from remotesam.segmenters.devices import choose_device, choose_precision, dtype_of, keep_freed_memory
from remotesam.segmenters.mapped_weights import MappedWeights, map_large
from remotesam.segmenters.word_features import WordFeatures

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
_MAX_BATCH = 8  # where the network has no limit of its own
_MAX_BATCH_CPU = 4  # more leave the processor's cache: measured slower
_MAX_UPSCALE = 2.0  # beyond that there is only blur, and it costs time


class RmsinSegmenter:
    """A referring network with its tokenizer, ready to answer.

    The features of the last image are kept, so that asking again about the same image only costs the sentences.

    Args:
        network: From ``remotesam.networks.build_network``.
        tokenizer: The one that the network was trained with.
        preprocessing: How an image becomes the network's input.
        threshold: A pixel belongs where its probability is above this, in [0, 1].
        presence_threshold: Something is there where the score is above this, in [0, 1].
        device: Where to compute; None chooses CUDA, MPS or the CPU.
        precision: ``"float32"``, ``"bf16"``, ``"fp16"``; None chooses.
        calibration: From presence scores to probabilities; ``presence_threshold`` is one of these then.
        task_thresholds: Task -> either threshold, instead of the above; see ``CheckpointConfig``.
        max_batch: How many sentences are computed at once; fewer need less memory, the answers are the same. None
            takes the network's own.
        gsd: The ground sampling distance in metres that the network was trained for; None where it was for many.
        text_weights: The text encoder's, where they are mapped from a file.

    Raises:
        ValueError: The device, the precision or ``max_batch`` is none that can be used.

    Example:
        >>> segmenter = RmsinSegmenter.from_folder("checkpoints/remotesam-mini")
        >>> segmenter.segment(np.zeros((480, 640, 3), dtype=np.uint8), ["all ships", "the largest ship"]).shape
        (2, 480, 640)
    """

    def __init__(
        self,
        *,
        network: ReferringNetwork,
        tokenizer: PreTrainedTokenizerFast,
        preprocessing: Preprocessing,
        threshold: float = 0.5,
        presence_threshold: float = 0.5,
        device: str | torch.device | None = None,
        precision: str | None = None,
        calibration: Calibration | None = None,
        task_thresholds: Mapping[str, Mapping[str, float]] | None = None,
        max_batch: int | None = None,
        gsd: float | None = None,
        text_weights: MappedWeights | None = None,
    ) -> None:
        if max_batch is not None:
            if max_batch < 1:
                raise ValueError(f"max_batch is {max_batch}; use at least 1")
            network.max_batch = max_batch
        self.device = choose_device(device)
        self.precision = choose_precision(precision, self.device)
        self.network = network.eval().to(self.device)
        self.tokenizer = tokenizer
        self.preprocessing = preprocessing
        self.threshold = threshold
        self.presence_threshold = presence_threshold
        self.calibration = calibration
        self.task_thresholds = dict(task_thresholds or {})
        self.gsd = gsd
        self.max_batch = getattr(network, "max_batch", None) or _MAX_BATCH
        if max_batch is None and self.device.type == "cpu":
            self.max_batch = min(self.max_batch, _MAX_BATCH_CPU)
        if self.device.type == "cpu":
            keep_freed_memory()
        self._words = WordFeatures(network.text_encoder, tokenizer, weights=text_weights)
        self._encoded: tuple[tuple[tuple[int, ...], bytes], ImageFeatures] | None = None

    @classmethod
    def from_folder(
        cls,
        folder: str | Path,
        *,
        device: str | torch.device | None = None,
        precision: str | None = None,
        size: int | None = None,
        max_batch: int | None = None,
    ) -> RmsinSegmenter:
        """Loads a checkpoint folder; its network is folded, see ``remotesam.networks.folding``.

        The weights of a large text encoder or trunk stay in the file, see ``remotesam.segmenters.mapped_weights``.

        Args:
            folder: The checkpoint folder.
            device: As for the class.
            precision: As for the class.
            size: Instead of the checkpoint's ``preprocessing.size``, in pixels.
            max_batch: As for the class.

        Raises:
            CheckpointError: A file of it is missing, damaged or of another network.
            ValueError: The device or precision cannot be used.
        """
        config, network, tokenizer = checkpoints.load(folder)
        chosen = choose_device(device)
        precision = choose_precision(precision, chosen)
        network = fold(network.to(chosen), dtype=dtype_of(precision))
        file = Path(folder) / checkpoints.WEIGHTS_NAME
        trunk_weights = map_large(network.get_submodule("trunk"), file, prefix="trunk.")
        if trunk_weights is not None:  # the decoder needs most memory, and the trunk no longer
            network.decoder.register_forward_pre_hook(lambda *_: trunk_weights.release())
        return cls(
            network=network,
            text_weights=map_large(network.text_encoder, file, prefix="text_encoder."),
            tokenizer=tokenizer,
            preprocessing=config.preprocessing if size is None else replace(config.preprocessing, size=size),
            threshold=config.threshold,
            presence_threshold=config.presence_threshold,
            calibration=config.calibration,
            task_thresholds=config.task_thresholds,
            device=chosen,
            gsd=config.gsd,
            precision=precision,
            max_batch=max_batch,
        )

    @torch.inference_mode()
    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        """Answers every sentence about one image; see ``Segmenter.segment``.

        Args:
            image: (H, W, 3) uint8 RGB.
            expressions: N sentences; what is longer than the network takes is cut off.

        Returns:
            (N, H, W) float32 probabilities in [0, 1].
        """
        height, width = image.shape[:2]
        sentences = list(dict.fromkeys(expressions))
        answers = np.empty((len(sentences), height, width), dtype=np.float32)
        if not sentences:
            return answers
        with self._autocast():
            parts = [slice(start, start + self.max_batch) for start in range(0, len(sentences), self.max_batch)]
            words = [self._words(sentences[part]) for part in parts]  # before the image's maps take the memory
            features = self._encode(image)
            for part, (vectors, mask) in zip(parts, words, strict=True):
                logits = self.network.decode_words(features, vectors, mask)
                answers[part] = self._probabilities(logits, features, height, width)
        rows = {sentence: row for row, sentence in enumerate(sentences)}
        return answers if len(rows) == len(expressions) else answers[[rows[sentence] for sentence in expressions]]

    @torch.inference_mode()
    def segment_batch(
        self, images: Sequence[np.ndarray], expressions: Sequence[str], *, contour: bool = False
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Answers every sentence about several images of one size, encoding them together.

        Args:
            images: B images (H, W, 3) uint8 RGB.
            expressions: N sentences, each once.
            contour: Whether to tell outlines, too; see ``contour``.

        Returns:
            (B, N, H, W) float32 probabilities in [0, 1], and (B, H, W) float32 contours or None.
        """
        height, width = images[0].shape[:2]
        count = len(images) * len(expressions)
        answers = np.empty((count, height, width), dtype=np.float32)
        index = torch.arange(len(images)).repeat_interleave(len(expressions))
        sentence = torch.arange(len(expressions)).repeat(len(images))
        with self._autocast():
            words, mask = self._words(expressions)
            features = self.network.encode_image(torch.cat([self._preprocess(image) for image in images]))
            for start in range(0, count, self.max_batch):
                part = slice(start, start + self.max_batch)
                rows = sentence[part].to(self.device)
                decoded = self.network.decode_maps(features, words[rows], mask[rows], index[part].to(self.device))
                answers[part] = self._probabilities(decoded["logits"], features, height, width)
        maps = answers.reshape(len(images), len(expressions), height, width)
        if not contour or features.contour is None:
            return maps, None
        outlines = self.network.upsample(features.contour.float(), features).sigmoid_()
        return maps, _resized(outlines, height, width)[:, 0].cpu().numpy()

    @property
    def batches_tiles(self) -> bool:
        """Whether ``segment_batch`` is worth it: on a CPU images one by one are a tenth faster."""
        return self.device.type != "cpu"

    @property
    def tile_size(self) -> int:
        """The side in pixels of the tiles of a raster that the network sees at their own scale."""
        return self.preprocessing.size

    def to(self, device: str | torch.device) -> RmsinSegmenter:
        """Moves the network to a device, and returns the segmenter.

        Raises:
            ValueError: The device cannot be used.
        """
        self.device = choose_device(device)
        self.network.to(self.device)
        self._words = WordFeatures(self.network.text_encoder, self.tokenizer)
        self._encoded = None
        return self

    @property
    def has_contour(self) -> bool:
        """Whether the network also tells where the outlines of objects are; the published one does not."""
        return self.network.has_contour

    @torch.inference_mode()
    def contour(self, image: np.ndarray) -> np.ndarray:
        """Tells where the outlines of objects are, whatever the sentences: a contour source for the tasks.

        Costs little for the image that was asked about last, whose features are kept.

        Args:
            image: (H, W, 3) uint8 RGB.

        Returns:
            (H, W) float32, the probability in [0, 1] that a pixel lies on the outline of an object.

        Raises:
            ValueError: The network has no contour output.
        """
        if not self.has_contour:
            raise ValueError(
                f"the network {type(self.network).__name__} has no contour output; use "
                "remotesam.tasks.gradient_contour or another contour source"
            )
        with self._autocast():
            features = self._encode(image)
        assert features.contour is not None
        probabilities = self.network.upsample(features.contour.float(), features).sigmoid_()
        return _resized(probabilities, *image.shape[:2])[0, 0].cpu().numpy()

    def _probabilities(
        self, logits: torch.Tensor, features: ImageFeatures, height: int, width: int
    ) -> NDArray[np.float32]:
        """(K, 2, h, w) logits -> (K, height, width) probabilities of the object."""
        # softmax over (background, object) = sigmoid of their difference, and half the pixels to enlarge
        object_logits = logits[:, 1:].float() - logits[:, :1].float()
        probabilities = self.network.upsample(object_logits, features).sigmoid_()
        return _resized(probabilities, height, width)[:, 0].cpu().numpy()

    def _autocast(self) -> torch.autocast:
        return torch.autocast(
            self.device.type, dtype_of(self.precision), enabled=self.precision != "float32", cache_enabled=False
        )

    def _encode(self, image: np.ndarray) -> ImageFeatures:
        key = (image.shape, hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=16).digest())
        if self._encoded is None or self._encoded[0] != key:
            self._encoded = None  # not two images' features at once
            self._encoded = (key, self.network.encode_image(self._preprocess(image)))
        return self._encoded[1]

    def _preprocess(self, image: np.ndarray) -> torch.Tensor:
        """(H, W, 3) uint8 -> (1, 3, h, w) float32 at the network's scale, ImageNet normalised."""
        height, width = image.shape[:2]
        target = input_size(height, width, self.preprocessing)
        if target != (height, width):
            # Pillow's bilinear filter widens when it makes an image smaller, so that nothing is skipped.
            picture = Image.fromarray(image).resize((target[1], target[0]), Image.Resampling.BILINEAR)
            image = np.asarray(picture)
        pixels = torch.from_numpy(np.array(image)).to(self.device).float()
        mean, std = (torch.tensor(value, device=self.device) for value in (IMAGENET_MEAN, IMAGENET_STD))
        return pixels.div_(255).sub_(mean).div_(std).permute(2, 0, 1)[None]


def input_size(height: int, width: int, preprocessing: Preprocessing) -> tuple[int, int]:
    """The (height, width) at which the network sees an image, in pixels.

    Args:
        height: The image's height in pixels.
        width: The image's width in pixels.
        preprocessing: The checkpoint's.

    Returns:
        ``size`` x ``size`` in the mode "resize". In the mode "native" the longer side is ``size``, unless the image
        would have to be enlarged more than twice.

    Example:
        >>> input_size(600, 1200, Preprocessing(mode="native", size=448))
        (224, 448)
    """
    if preprocessing.mode == "resize":
        return preprocessing.size, preprocessing.size
    scale = min(preprocessing.size / max(height, width), _MAX_UPSCALE)
    return max(1, round(height * scale)), max(1, round(width * scale))


def _resized(maps: torch.Tensor, height: int, width: int) -> torch.Tensor:
    if maps.shape[-2:] == (height, width):
        return maps
    smaller = height < maps.shape[-2] or width < maps.shape[-1]
    resized = F.interpolate(maps, (height, width), mode="bilinear", align_corners=False, antialias=smaller)
    return resized.clamp_(0, 1)  # rounding
