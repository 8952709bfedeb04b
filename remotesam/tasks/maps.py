"""What every task checks about categories and probability maps, and how a category becomes a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

DEFAULT_TEMPLATE = "{category} in the image"
_ROUNDING = 1e-4


def check_categories(categories: Sequence[str]) -> tuple[str, ...]:
    """Checks a list of categories.

    Args:
        categories: At least one name; each once, whatever its case and spaces. One may be part of another ("court",
            "tennis court").

    Returns:
        The categories without spaces around them.

    Raises:
        ValueError: There is none, one is blank, no string or there twice.

    Example:
        >>> check_categories(["ship", " storage tank "])
        ('ship', 'storage tank')
    """
    if isinstance(categories, str) or not isinstance(categories, Iterable):
        raise ValueError(f"categories is {categories!r}; give a list of names, such as ['ship', 'harbor']")
    names: list[str] = []
    first: dict[str, int] = {}
    for index, category in enumerate(categories):
        if not isinstance(category, str):
            raise ValueError(f"categories[{index}] is a {type(category).__name__}; give a string")
        name = category.strip()
        if not name:
            raise ValueError(f"categories[{index}] is blank; give a name, such as 'ship'")
        key = " ".join(name.casefold().split())
        if key in first:
            raise ValueError(
                f"categories[{index}] is {category!r}, the same as categories[{first[key]}]; give each name once"
            )
        first[key] = index
        names.append(name)
    if not names:
        raise ValueError("categories is empty; give at least one name, such as 'ship'")
    return tuple(names)


def category_sentence(category: str, template: str = DEFAULT_TEMPLATE) -> str:
    """The referring expression t_c that asks for all of a category.

    Args:
        category: Its name.
        template: Text with the placeholder ``{category}``.

    Raises:
        ValueError: The template has no such placeholder.

    Example:
        >>> category_sentence("storage tank")
        'storage tank in the image'
    """
    if "{category}" not in template:
        raise ValueError(f"template is {template!r}; it needs the placeholder {{category}}")
    return template.replace("{category}", category)


def check_map(probability: np.ndarray, name: str) -> np.ndarray:
    """Checks one probability map.

    Args:
        probability: (H, W) of a floating type, finite, in [0, 1]; what is outside by rounding is cut.
        name: What it is called in messages.

    Returns:
        (H, W) float32.

    Raises:
        ValueError: It has another shape, type or range, or holds NaN.
    """
    if not isinstance(probability, np.ndarray):
        raise ValueError(f"{name} is a {type(probability).__name__}; give a numpy array (H, W)")
    if probability.ndim != 2 or probability.size == 0:
        raise ValueError(f"{name} has the shape {probability.shape}; give (H, W), with at least one pixel")
    if probability.dtype.kind != "f":
        raise ValueError(f"{name} has the type {probability.dtype}; give floating probabilities in [0, 1]")
    smallest, largest = float(probability.min()), float(probability.max())  # NaN if there is one
    if not (smallest >= -_ROUNDING and largest <= 1 + _ROUNDING):
        raise ValueError(
            f"{name} has values from {smallest:g} to {largest:g}; give finite probabilities in [0, 1] "
            "(of logits, take the sigmoid)"
        )
    if smallest < 0 or largest > 1:
        probability = np.clip(probability, 0, 1)
    return probability.astype(np.float32, copy=False)


def each_map(maps: Iterable[np.ndarray], categories: Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
    """Goes through categories with their maps, holding one map at a time.

    Args:
        maps: An array (N, H, W), or anything that gives N maps (H, W) one after the other, such as a generator.
        categories: N names, as ``check_categories`` returns them.

    Yields:
        Each category with its map, (H, W) float32.

    Raises:
        ValueError: There are more or fewer maps than categories, or a map is not as ``check_map`` wants it or has
            another size than the first.
    """
    if isinstance(maps, np.ndarray) and maps.ndim != 3:
        raise ValueError(f"maps has the shape {maps.shape}; give (N, H, W), one map for each category")
    shape: tuple[int, ...] | None = None
    count = 0
    for probability in maps:
        if count == len(categories):
            raise ValueError(f"there are more maps than the {len(categories)} categories; give one for each")
        category = categories[count]
        checked = check_map(probability, f"the map of {category!r}")
        if shape is not None and checked.shape != shape:
            raise ValueError(f"the map of {category!r} is {checked.shape}, those before it are {shape}; give one size")
        shape = checked.shape
        count += 1
        yield category, checked
    if count < len(categories):
        raise ValueError(f"there are {count} maps for {len(categories)} categories; give one for each")
