"""What a scene is set in before anything is drawn: its seed, size, light and ground sampling distance."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas


class Setting:
    """Randomness, size and light of one scene.

    Args:
        rng: source of randomness.
        size: side of the scene in pixels.
    """

    def __init__(self, *, rng: np.random.Generator, size: int) -> None:
        self.rng = rng
        self.size = size
        azimuth = rng.random() * 2 * np.pi
        length = 0.25 + 0.9 * rng.random() ** 1.5
        self.shadow = (float(np.cos(azimuth) * length), float(np.sin(azimuth) * length))
        self.darkness = 0.35 + 0.35 * rng.random()

    def zoom(self, low: float, high: float) -> float:
        """Pixels per metre, log-uniform in [low, high] at 512 px; small scenes show a little less of the ground."""
        value = np.exp(np.log(low) + (np.log(high) - np.log(low)) * self.rng.random())
        return float(value * (self.size / 512) ** 0.75)

    def canvas(self, ground: np.ndarray, *, scale: float) -> Canvas:
        """A canvas on this ground in this light."""
        return Canvas(
            image=ground,
            rng=self.rng,
            scale=scale,
            shadow=(self.shadow[0] * scale, self.shadow[1] * scale),
            darkness=self.darkness,
        )


def anywhere(canvas: Canvas, *, margin: float = 0.0, angle: float | None = None) -> tuple[float, float, float]:
    """A random pose at least `margin` (share of the side) from the edge."""
    low, high = margin * canvas.size, (1 - margin) * canvas.size
    return (
        canvas.uniform(low, high),
        canvas.uniform(low, high),
        canvas.uniform(0, 2 * np.pi) if angle is None else angle,
    )
