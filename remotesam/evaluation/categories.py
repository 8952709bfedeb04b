"""Names of categories as numbers, which rows hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


class Categories:
    """The categories of a metric, in order.

    Args:
        names: At least one, none twice.

    Raises:
        ValueError: There is none, or one repeats.

    Example:
        >>> Categories(["ship", "plane"]).numbers(["plane", "ship", "plane"], "answer").tolist()
        [1, 0, 1]
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        self._numbers = {name: number for number, name in enumerate(self.names)}
        if not self.names or len(self._numbers) != len(self.names):
            raise ValueError(f"categories are {self.names}; give at least one name, none twice")

    def __len__(self) -> int:
        return len(self.names)

    def numbers(self, names: Iterable[str], what: str) -> NDArray[np.int64]:
        """The place of each name.

        Args:
            names: (N,) names.
            what: Whose they are, for the message.

        Raises:
            ValueError: A name is none of the categories.
        """
        try:
            return np.array([self._numbers[name] for name in names], dtype=np.int64)
        except KeyError as error:
            raise ValueError(
                f"the {what} has the category {error.args[0]!r}; it takes {', '.join(self.names)}"
            ) from error
