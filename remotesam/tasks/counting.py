"""Counting: how many objects of each category were found."""

from __future__ import annotations

from collections.abc import Sequence

from remotesam.results import Counts, Instances
from remotesam.tasks.maps import check_categories


def count_instances(instances: Instances, categories: Sequence[str] | None = None) -> Counts:
    """Counts objects by category, eq. 6 of RemoteSAM (arXiv 2505.18022); nothing else decides, such as usual sizes.

    Args:
        instances: The objects, such as ``detect_instances`` returns.
        categories: What to count, each name once; None counts what ``instances`` was asked for. A name counts only
            itself: "court" counts no "tennis court".

    Returns:
        A mapping category -> number in the order of ``categories``, zeros included; ``.instances`` are the objects
        that were counted.

    Raises:
        ValueError: There is no category, or one is blank or there twice.

    Example:
        >>> ship = Instance("ship", 0.9, np.ones((2, 5), dtype=bool), left=1, top=2, image_size=(8, 8))
        >>> count_instances(Instances([ship], image_size=(8, 8)), ["ship", "harbor"])
        Counts({'ship': 1, 'harbor': 0})
    """
    names = check_categories(instances.categories if categories is None else categories)
    numbers = dict.fromkeys(names, 0)
    counted = [instance for instance in instances if instance.category in numbers]
    for instance in counted:
        numbers[instance.category] += 1
    return Counts(numbers, Instances(counted, image_size=instances.image_size, categories=names))
