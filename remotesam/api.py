"""RemoteSAM: one object over any segmenter, one method a task."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

import numpy as np

from remotesam.asking import contour_map, probability_maps
from remotesam.images import ImageInput, read_image
from remotesam.inference import Inference
from remotesam.options import DETECTION_OPTIONS, OBJECT_OPTIONS, DetectionOptions, ObjectOptions
from remotesam.results import Caption, Classification, Counts, Instance, Instances, Segmentation, SemanticMap
from remotesam.segmenters.base import Segmenter, check_expressions
from remotesam.tasks.maps import DEFAULT_TEMPLATE, category_sentence, check_categories
from remotesam.tasks.referring import segment_referring
from remotesam.thresholds import Limits, Thresholds

if TYPE_CHECKING:
    import torch

    from remotesam.rasters.keywords import RasterKeywords
    from remotesam.rasters.raster_run import Progress
    from remotesam.rasters.run import RasterResult


class RemoteSAM:
    """Answers sentences about overhead images.

    Args:
        segmenter: Any object with ``segment(image, expressions) -> (N, H, W) float32``.
        threshold: A pixel belongs where its probability is above this, in [0, 1]. None takes the segmenter's
            ``threshold``, or 0.5 where it has none.
        presence_threshold: Something is there where the score (mean of the highest 0.2 % of the probabilities; where
            the segmenter has a ``calibration``, the probability that it makes of it) is above this, in [0, 1]; else
            the mask is entirely empty. None takes the segmenter's ``presence_threshold``, or 0 where it has none: any
            pixel above ``threshold`` counts.
        template: The sentence that asks for a category, with the placeholder ``{category}``.

    Raises:
        TypeError: The segmenter has no method ``segment``.
        ValueError: A threshold is not in [0, 1], or the template has no placeholder.

    Example:
        >>> model = RemoteSAM.from_pretrained("remotesam-mini")
        >>> results = model.segment("harbor.jpg", ["all ships", "the storage tank on the left"])
        >>> [result.present for result in results]
        [True, False]
    """

    def __init__(
        self,
        segmenter: Segmenter,
        *,
        threshold: float | None = None,
        presence_threshold: float | None = None,
        template: str = DEFAULT_TEMPLATE,
    ) -> None:
        if not callable(getattr(segmenter, "segment", None)):
            raise TypeError(
                f"segmenter is a {type(segmenter).__name__} without a method segment(image, expressions); "
                "to load a model by its name use RemoteSAM.from_pretrained"
            )
        self.segmenter = segmenter
        self._thresholds = Thresholds.of(segmenter, threshold=threshold, presence_threshold=presence_threshold)
        self.threshold = self._thresholds.threshold
        self.presence_threshold = self._thresholds.presence_threshold
        category_sentence("ship", template)  # tells at once of a template that cannot be used
        self.template = template

    @classmethod
    def from_pretrained(
        cls,
        name: str | os.PathLike[str] = "remotesam-mini",
        *,
        device: str | torch.device | None = None,
        precision: str | None = None,
        threshold: float | None = None,
        presence_threshold: float | None = None,
        max_batch: int | None = None,
        preset: Literal["fast", "accurate"] | None = None,
        size: int | None = None,
        tiles: bool | None = None,
        flips: bool | None = None,
    ) -> RemoteSAM:
        """Loads a model.

        Args:
            name: A bundled model, a checkpoint folder, or a hub id ``owner/name``.
            device: ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ``"mps"``; None chooses.
            precision: ``"float32"``, ``"bf16"`` or ``"fp16"``; None chooses bf16 where it is faster.
            threshold: Instead of the checkpoint's, in [0, 1].
            presence_threshold: Instead of the checkpoint's, in [0, 1].
            max_batch: How many sentences are computed at once; fewer need less memory, the answers are the same. None
                takes the checkpoint's.
            preset: The checkpoint's own choice of what follows for speed or for accuracy.
            size: The network's input size in pixels, instead of the checkpoint's.
            tiles: Whether to look at large images in overlapping tiles; see ``remotesam.inference``.
            flips: Whether to average over mirror images; see ``remotesam.inference``.

        Returns:
            The model.

        Raises:
            CheckpointError: There is no such model, or its files are missing, damaged or of another network.
            ValueError: The device, the precision, ``max_batch``, the preset, the size or a threshold cannot be used.
        """
        from remotesam.checkpoints import read_config
        from remotesam.hub import find_checkpoint
        from remotesam.segmenters.rmsin import RmsinSegmenter
        from remotesam.segmenters.views import AveragingSegmenter

        folder = find_checkpoint(name)
        config = read_config(folder)
        if preset is not None and preset not in config.presets:
            has = ", ".join(sorted(config.presets)) or "none"
            raise ValueError(f"{folder}: the checkpoint has no preset {preset!r} (it has: {has})")
        chosen = (config.presets[preset] if preset else Inference()).changed(size=size, tiles=tiles, flips=flips)
        segmenter: Segmenter = RmsinSegmenter.from_folder(
            folder, device=device, precision=precision, size=chosen.size, max_batch=max_batch
        )
        if chosen.tiles or chosen.flips:
            tile = (chosen.size or config.preprocessing.size) if chosen.tiles else None
            segmenter = AveragingSegmenter(segmenter, tile=tile, flips=chosen.flips)
        return cls(segmenter, threshold=threshold, presence_threshold=presence_threshold)

    @overload
    def segment(  # type: ignore[overload-overlap]  # a string is a sequence of strings to mypy
        self,
        image: ImageInput,
        expressions: str,
        *,
        threshold: float | None = None,
        presence_threshold: float | None = None,
    ) -> Segmentation: ...

    @overload
    def segment(
        self,
        image: ImageInput,
        expressions: Sequence[str],
        *,
        threshold: float | None = None,
        presence_threshold: float | None = None,
    ) -> list[Segmentation]: ...

    def segment(
        self,
        image: ImageInput,
        expressions: str | Sequence[str],
        *,
        threshold: float | None = None,
        presence_threshold: float | None = None,
    ) -> Segmentation | list[Segmentation]:
        """Finds what sentences refer to.

        Args:
            image: A path, a Pillow image or an array; see ``remotesam.images.read_image``.
            expressions: One sentence, or any number of them.
            threshold: Instead of the model's, in [0, 1].
            presence_threshold: Instead of the model's, in [0, 1].

        Returns:
            One result for one sentence; for several a list in the same order.

        Raises:
            ImageError: The image cannot be read.
            ValueError: A sentence is blank or no string, a threshold is not in [0, 1], or the segmenter broke its
                contract.
        """
        single = isinstance(expressions, str)
        sentences = check_expressions([expressions] if isinstance(expressions, str) else expressions)
        limits = self.limits("segment", sentences, threshold=threshold, presence_threshold=presence_threshold)
        pixels = read_image(image)
        results = [
            self._thresholds.calibrated(
                segment_referring(sentence, probability, threshold=limits["threshold"], presence_threshold=gate)
            )
            for sentence, gate, probability in zip(
                sentences,
                limits["presence_threshold"],
                probability_maps(self.segmenter, pixels, sentences),
                strict=True,
            )
        ]
        return results[0] if single else results

    def semantic(
        self,
        image: ImageInput,
        categories: Sequence[str],
        *,
        threshold: float | None = None,
        presence_threshold: float | None = None,
    ) -> SemanticMap:
        """Tells for every pixel which category it belongs to; see ``remotesam.tasks.semantic``.

        Args:
            image: As in ``segment``.
            categories: Their names, each once.
            threshold: Instead of the model's: what no category exceeds is background, in [0, 1].
            presence_threshold: Instead of the model's: the gate of the paper's eq. 1, in [0, 1].

        Returns:
            The class map; 0 is background, i is ``categories[i - 1]``.

        Raises:
            ImageError: The image cannot be read.
            ValueError: There is no category, one is blank or there twice, or a threshold is not in [0, 1].
        """
        from remotesam.tasks import semantic_map

        names = check_categories(categories)
        limits = self.limits("semantic", names, threshold=threshold, presence_threshold=presence_threshold)
        return semantic_map(self._maps(read_image(image), names), names, **limits)

    def detect(
        self, image: ImageInput, categories: Sequence[str], oriented: bool = False, **options: Unpack[DetectionOptions]
    ) -> Instances:
        """Finds every object of some categories; see ``remotesam.tasks.detection``.

        Args:
            image: As in ``segment``.
            categories: Their names, each once. All are answered from one pass over the image.
            oriented: Whether to add the box of smallest area in any direction.
            **options: See ``DetectionOptions``.

        Returns:
            A list of instances, best first.

        Raises:
            ImageError: The image cannot be read.
            TypeError: There is no such option.
            ValueError: A category or an option cannot be used.
        """
        from remotesam.tasks import detect_instances

        names = check_categories(categories)
        parts = self._parts("detect", names, options, DETECTION_OPTIONS)
        pixels = read_image(image)
        # Before the maps, so that an impossible choice is told at once.
        contour = contour_map(self.segmenter, pixels, options.get("contours") or "auto")
        return detect_instances(self._maps(pixels, names), names, contour=contour, oriented=oriented, **parts)

    def count(self, image: ImageInput, categories: Sequence[str], **options: Unpack[DetectionOptions]) -> Counts:
        """Counts the objects of some categories, the paper's eq. 6.

        Args:
            image: As in ``segment``.
            categories: Their names, each once.
            **options: See ``DetectionOptions``.

        Returns:
            A mapping category -> number, zeros included, with the counted objects in ``instances``.

        Raises:
            ImageError: The image cannot be read.
            TypeError: There is no such option.
            ValueError: A category or an option cannot be used.
        """
        from remotesam.tasks import count_instances

        names = check_categories(categories)
        return count_instances(self.detect(image, names, **options), names)

    def ground(
        self,
        image: ImageInput,
        sentence: str,
        *,
        box: Literal["best", "union"] = "best",
        oriented: bool = False,
        **options: Unpack[ObjectOptions],
    ) -> Instance | None:
        """Answers a sentence with one box; see ``remotesam.tasks.grounding``.

        Args:
            image: As in ``segment``.
            sentence: What to find.
            box: "best" puts the box around the object with the most probability in it, "union" around the whole mask
                (the paper's eq. 2).
            oriented: Whether to add the box of smallest area in any direction.
            **options: See ``ObjectOptions``.

        Returns:
            The object, or None where there is none.

        Raises:
            ImageError: The image cannot be read.
            TypeError: There is no such option.
            ValueError: The sentence is blank, or an option cannot be used.
        """
        from remotesam.tasks import ground_sentence

        (sentence,) = check_expressions([sentence])
        parts = self._parts("ground", [sentence], options, OBJECT_OPTIONS)
        (parts["presence_threshold"],) = parts["presence_threshold"]
        pixels = read_image(image)
        contour = contour_map(self.segmenter, pixels, options.get("contours") or "auto") if box == "best" else None
        (probability,) = probability_maps(self.segmenter, pixels, [sentence])
        return ground_sentence(sentence, probability, contour=contour, box=box, oriented=oriented, **parts)

    def classify(
        self,
        image: ImageInput,
        categories: Sequence[str],
        multi_label: bool = True,
        *,
        balance: float | None = None,
        score_threshold: float = 0.5,
        threshold: float | None = None,
        presence_threshold: float | None = None,
    ) -> Classification:
        """Tells which categories an image shows, the paper's eq. 3 to 5; see ``remotesam.tasks.classification``.

        Args:
            image: As in ``segment``.
            categories: Their names, each once.
            multi_label: Whether any number of labels may hold; else at most the best one does.
            balance: The weight lambda of the mean against the maximum, in [0, 1]; None is 0.5 for several labels
                and 1 for scenes.
            score_threshold: A label holds from this score on, in [0, 1].
            threshold: Instead of the model's, in [0, 1].
            presence_threshold: Instead of the model's, in [0, 1].

        Returns:
            Labels, scores and the winning scene, which is None where nothing is present.

        Raises:
            ImageError: The image cannot be read.
            ValueError: A category or a number cannot be used.
        """
        from remotesam.tasks import classify_maps

        names = check_categories(categories)
        limits = self.limits("classify", names, threshold=threshold, presence_threshold=presence_threshold)
        return classify_maps(
            self._maps(read_image(image), names),
            names,
            multi_label=multi_label,
            balance=balance,
            score_threshold=score_threshold,
            **limits,
        )

    def caption(
        self,
        image: ImageInput,
        categories: Sequence[str],
        *,
        regions: Literal[2, 3] = 3,
        seed: int = 0,
        **options: Unpack[DetectionOptions],
    ) -> Caption:
        """Describes an image by rules: how many there are of what, and where; see ``remotesam.tasks.captioning``.

        Args:
            image: As in ``segment``.
            categories: Their names, each once.
            regions: Whether places are those of a grid of 2 x 2 or 3 x 3.
            seed: Chooses among the ways to say it.
            **options: See ``DetectionOptions``.

        Returns:
            The text, and the facts behind every sentence of it.

        Raises:
            ImageError: The image cannot be read.
            TypeError: There is no such option.
            ValueError: A category or an option cannot be used.
        """
        from remotesam.tasks import caption_instances

        return caption_instances(self.detect(image, categories, **options), regions=regions, seed=seed)

    def raster(
        self,
        path: str | os.PathLike[str],
        texts: str | Sequence[str],
        output: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
        *,
        preview: str | os.PathLike[str] | None = None,
        recursive: bool = False,
        template: str | None = None,
        progress: Progress | None = None,
        **options: Unpack[RasterKeywords],
    ) -> RasterResult:
        """Finds things in a raster of any size, or in a folder of them, and writes outlines and maps.

        Needs the extra ``geo``. Memory does not grow with the raster; a run that was cut off goes on where it was when
        it is started again. See ``remotesam.rasters`` and ``docs/rasters.md``.

        Args:
            path: A GeoTIFF or anything else that GDAL opens, or a folder.
            texts: What to find; all are answered in one pass over the imagery.
            output: Files to write, by extension: .gpkg .geojson .parquet .fgb .shp the objects; .tif maps; or a folder.
                None writes nothing: the objects come back as a GeoDataFrame, ``objects`` of the result.
            preview: A page to look at the answer over the image.
            recursive: Whether to look into the folder's folders.
            template: The sentence that asks for a text, instead of the model's; "{category}" asks it as it is.
            progress: Is told how far the run is.
            **options: See ``RasterKeywords``.

        Returns:
            What was written and found, and what failed.

        Raises:
            RasterError: A raster, an output or an option cannot be used.
            TileError: A tile failed, and ``on_error`` is "fail".
            TypeError: There is no such option.
            OSError: The disk is full, or a place cannot be written to.

        Example:
            >>> model.raster("scene.tif", ["storage tank", "ship"], "out.gpkg").counts
            {'storage tank': 12, 'ship': 3}
            >>> tanks = model.raster("scene.tif", "storage tank").objects
        """
        from remotesam.rasters.keywords import raster_options
        from remotesam.rasters.raster_run import no_progress
        from remotesam.rasters.run import run_rasters
        from remotesam.rasters.targets import settle

        names = check_categories([texts] if isinstance(texts, str) else texts)
        limits = self.limits(
            "detect",
            names,
            threshold=options.get("threshold"),
            presence_threshold=options.get("presence_threshold"),
        )
        sentences = [category_sentence(name, self.template if template is None else template) for name in names]
        checked = raster_options(options, **limits)
        with ExitStack() as stack:
            in_memory = output is None
            if output is None:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="remotesam-"))
                output = os.path.join(folder, "objects.parquet")
            outputs = [output] if isinstance(output, str | os.PathLike) else output
            targets = settle(
                [os.fspath(path)],
                [os.fspath(one) for one in outputs],
                preview=None if preview is None else os.fspath(preview),
                recursive=recursive,
            )
            result = run_rasters(self.segmenter, targets, names, sentences, checked, progress=progress or no_progress)
            return result.in_memory() if in_memory else result

    def _maps(self, pixels: np.ndarray, categories: Sequence[str]) -> Iterator[np.ndarray]:
        sentences = [category_sentence(category, self.template) for category in categories]
        return probability_maps(self.segmenter, pixels, sentences)

    def thresholds(self, task: str) -> dict[str, float]:
        """The ``threshold`` and ``presence_threshold`` of a task, one of ``remotesam.inference.TASKS``.

        Raises:
            ValueError: There is no such task.
        """
        return self._thresholds.of_task(task)

    def limits(
        self,
        task: str,
        texts: Sequence[str],
        *,
        threshold: float | None = None,
        presence_threshold: float | None = None,
    ) -> Limits:
        """The thresholds of a task as the functions of ``remotesam.tasks`` take them: before any calibration.

        Args:
            task: One of ``remotesam.inference.TASKS``.
            texts: The sentences or categories that are asked about; a calibration may tell them apart.
            threshold: Instead of the task's, in [0, 1].
            presence_threshold: Instead of the task's, in [0, 1].

        Returns:
            ``threshold``, and ``presence_threshold`` for each text.

        Raises:
            ValueError: There is no such task, or a threshold is not in [0, 1].

        Example:
            >>> RemoteSAM.from_pretrained("remotesam-mini").limits("detect", ["ship", "harbor"])
            {'threshold': 0.5, 'presence_threshold': [0.91, 0.87]}
        """
        return self._thresholds.limits(task, texts, threshold=threshold, presence_threshold=presence_threshold)

    def _parts(self, task: str, texts: Sequence[str], options: Any, known: frozenset[str]) -> dict[str, Any]:
        if unknown := sorted(options.keys() - known):
            raise TypeError(f"unknown options {unknown}; there are {sorted(known)}")
        limits = self.limits(
            task, texts, threshold=options.get("threshold"), presence_threshold=options.get("presence_threshold")
        )
        given = {name: value for name, value in options.items() if value is not None and name != "contours"}
        return {**given, **limits}
