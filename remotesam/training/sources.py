"""From the data fields of a configuration to scene sources and data sets."""

import importlib
from collections.abc import Mapping
from typing import Any

from remotesam.training.config import TrainDataConfig

SOURCES = {
    "coco": "remotesam.data.coco:CocoScenes",
    "synthetic": "remotesam.data.synthetic:SyntheticScenes",
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
        values: ``type`` is "coco", "synthetic" or "package.module:Class"; the rest is passed on.
        field: Where it stands in the configuration, for errors.

    Raises:
        ValueError: The type is unknown or the arguments do not fit.
    """
    arguments = dict(values)
    kind = arguments.pop("type", None)
    path = SOURCES.get(kind, kind)
    if not isinstance(path, str) or ":" not in path:
        raise ValueError(f"{field}.type is {kind!r}; it takes {sorted(SOURCES)} or 'package.module:Class'")
    try:
        return import_object(path)(**arguments)
    except TypeError as error:
        raise ValueError(f"{field}: {path} does not take {sorted(arguments)} ({error})") from error


def build_training_set(config: TrainDataConfig, *, seed: int) -> Any:
    """The triplet data set of all training sources, mixed by their weights."""
    from remotesam.data.dataset import TripletDataset

    sources, weights = [], []
    for number, values in enumerate(config.sources):
        arguments = dict(values)
        weights.append(float(arguments.pop("weight", 1.0)))
        sources.append(build_source(arguments, field=f"data.train.sources[{number}]"))
    augment = None
    if config.augment is not None:
        from remotesam.data.transforms import Augmentation

        augment = Augmentation(**config.augment)
    return TripletDataset(
        sources=sources,
        weights=weights,
        length=config.length or sum(len(source) for source in sources),
        size=config.size,
        sentences=config.sentences,
        seed=seed,
        augment=augment,
    )
