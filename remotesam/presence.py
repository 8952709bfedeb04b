"""One number that says whether a probability map shows anything at all."""

import numpy as np
from numpy.typing import NDArray

PRESENCE_SHARE = 0.002
_STRIDE = 61  # prime, so that samples seldom follow the columns of the map


def presence_score(probability: NDArray[np.floating]) -> float:
    """Mean of the highest 0.2 % of a probability map, over at least one pixel.

    A target that is absent must get an *empty* mask, yet a threshold on pixels leaves specks of one or two pixels
    behind. The mean of the strongest pixels moves little with single outliers and still sees objects that cover a
    thousandth of the image. An answer counts as present where ``presence_score(p) > presence_threshold``.

    Args:
        probability: (H, W) floating probabilities in [0, 1].

    Returns:
        The score in [0, 1]; 0.0 for a map without pixels.

    Raises:
        ValueError: The map is not two-dimensional.

    Example:
        >>> presence_score(np.array([[0.1, 0.9], [0.2, 0.3]], dtype=np.float32)) > 0.5
        True
    """
    if probability.ndim != 2:
        raise ValueError(f"probability has shape {probability.shape}; give one map of shape (H, W)")
    if probability.size == 0:
        return 0.0
    count = max(1, round(PRESENCE_SHARE * probability.size))
    flat = _above_most(probability.reshape(-1), count)
    highest = np.partition(flat, flat.size - count)[flat.size - count :]
    return float(np.sort(highest).mean(dtype=np.float64))  # sorted: the same whatever the order of the pixels


def _above_most(flat: NDArray[np.floating], count: int) -> NDArray[np.floating]:
    """All values from some bound on, at least ``count`` of them: a sample tells the bound, so that few are sorted."""
    sample = flat[::_STRIDE]
    rank = sample.size - max(1, round(2 * count / _STRIDE))
    if rank <= 0:
        return flat
    above = flat >= np.partition(sample, rank)[rank]
    return flat[above] if count <= np.count_nonzero(above) <= flat.size // 4 else flat
