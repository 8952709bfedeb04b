"""From the data fields of a configuration to scene sources and data sets."""

import importlib
from collections.abc import Mapping
from typing import Any

from remotesam.data.dataset import ItemSource, TripletDataset
from remotesam.data.record_scenes import open_scenes
from remotesam.data.scene import SceneSource
from remotesam.data.sources import SOURCES as DATA_SETS
from remotesam.data.transforms import Augmentation
from remotesam.training.config import TrainDataConfig, parse

SOURCES = {
    "coco": "remotesam.data.coco:CocoScenes",
    "synthetic": "remotesam.data.synthetic:SyntheticScenes",
    "triplets": "remotesam.data.triplet_set.training:TripletPictures",
}


def import_object(path: str) -> Any:
    """Import ``package.module:name``.

    Raises:
        ValueError: The module or the name in it does not exist.
    """
    module, _, name = path.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"cannot import '{path}' ({error}); write it as package.module:name") from error


def build_source(values: Mapping[str, Any], *, field: str) -> Any:
    """Make a scene source from ``type`` and the source's own arguments.

    Args:
        values: ``type`` is a data set of ``remotesam.data.sources.SOURCES`` (with its folder as ``root`` and the
            arguments of :func:`~remotesam.data.record_scenes.open_scenes`), "coco" with ``annotation_file`` and
            ``image_folder``, "synthetic", "triplets" with the folder of a triplet set as
            ``root``, or "package.module:Class"; the rest is passed on.
        field: Where it stands in the configuration, for errors.

    Raises:
        ValueError: The type is unknown or the arguments do not fit.
    """
    arguments = dict(values)
    kind = arguments.pop("type", None)
    if kind in DATA_SETS and ("root" in arguments or kind not in SOURCES):
        if "root" not in arguments:
            raise ValueError(f"{field}.root is missing: the folder of the data set {kind!r}")
        try:
            return open_scenes(kind, **arguments)
        except TypeError as error:
            raise ValueError(f"{field}: the data set {kind!r} does not take {sorted(arguments)} ({error})") from error
    path = SOURCES.get(kind, kind)
    if not isinstance(path, str) or ":" not in path:
        raise ValueError(
            f"{field}.type is {kind!r}; it takes {sorted({*SOURCES, *DATA_SETS})} or 'package.module:Class'"
        )
    try:
        return import_object(path)(**arguments)
    except TypeError as error:
        raise ValueError(f"{field}: {path} does not take {sorted(arguments)} ({error})") from error


def build_sources(config: TrainDataConfig) -> tuple[list[SceneSource | ItemSource], list[float]]:
    """The training sources with their weights (1 where none is given)."""
    sources, weights = [], []
    for number, values in enumerate(config.sources):
        arguments = dict(values)
        weights.append(float(arguments.pop("weight", 1.0)))
        sources.append(build_source(arguments, field=f"data.train.sources[{number}]"))
    return sources, weights


def build_training_set(
    config: TrainDataConfig, sources: list[SceneSource | ItemSource], weights: list[float], *, length: int, seed: int
) -> TripletDataset:
    """Triplets of all training sources, mixed by their weights; ``length`` samples, each decided by ``seed``."""
    augment = None if config.augment is None else parse(Augmentation, config.augment, path="data.train.augment.")
    sentences: dict[str, Any] = {"kind_ratio": config.kind_ratio, "canonical": config.canonical}
    return TripletDataset(
        sources=sources,
        weights=weights,
        length=length,
        size=config.size,
        sentences=config.sentences,
        seed=seed,
        augment=augment,
        **{name: value for name, value in sentences.items() if value is not None},
    )
