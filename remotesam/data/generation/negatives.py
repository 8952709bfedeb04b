"""Chooses what is asked for although it is not in the picture: first what could well be there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import permutations

import numpy as np

from remotesam.data.naming import wording

_RARE = 0.02


class HardNegatives:
    """Draws absent categories, the hard ones first.

    Hard are categories that are easily taken for a present one (both ways round: tennis court and basketball court,
    ship and harbor), and those that often come with a present one in this data set: if four of ten pictures with ships
    show a harbor, one without is a question worth asking.

    Args:
        pictures: The categories that each picture of the set shows.
        hard: Share of the draws among hard categories, in [0, 1], where there are any.

    Example:
        >>> choose = HardNegatives([{"ship", "harbor"}, {"ship"}, {"stadium"}], hard=1.0)
        >>> choose(["harbor", "stadium"], ["ship"], np.random.default_rng(0))
        'harbor'
    """

    def __init__(self, pictures: Iterable[Collection[str]], *, hard: float) -> None:
        if not 0 <= hard <= 1:
            raise ValueError(f"hard is a share in [0, 1], got {hard}")
        self.hard = hard
        alone: Counter[str] = Counter()
        together: Counter[tuple[str, str]] = Counter()
        for names in pictures:
            alone.update(set(names))
            together.update(permutations(sorted(set(names)), 2))
        self._share = {pair: count / alone[pair[0]] for pair, count in sorted(together.items())}

    def weight(self, name: str, present: Sequence[str]) -> float:
        """How hard an absent category is: the largest share of pictures with one of the present categories that also
        show it, and one more where it is easily taken for one of them; 0 for an easy one."""
        shares = [self._share.get((other, name), 0.0) for other in present]
        common = max(shares, default=0.0)
        mistaken = any(name in wording(other).confusable or other in wording(name).confusable for other in present)
        return (common if common >= _RARE else 0.0) + (1.0 if mistaken else 0.0)

    def __call__(self, absent: Sequence[str], present: Sequence[str], rng: np.random.Generator) -> str:
        """Draw one of ``absent``."""
        weights = np.array([self.weight(name, present) for name in absent])
        if weights.any() and rng.random() < self.hard:
            return absent[int(rng.choice(len(absent), p=weights / weights.sum()))]
        return absent[int(rng.integers(len(absent)))]
