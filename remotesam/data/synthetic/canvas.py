"""The canvas of a scene: antialiased drawing in pixels, shadows, placement and the record of what was drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import cv2
import numpy as np

from remotesam.data.scene import Instance

from .noise import fractal, to_bytes
from .shapes import Colour, f32, mix

T = TypeVar("T")

_SHIFT = 4
_UNIT, _HALF = float(1 << _SHIFT), (1 << _SHIFT) / 2 - 0.5


class Canvas:
    """An image being drawn, with its light and its list of instances.

    Args:
        image: (S, S, 3) uint8 RGB ground, drawn on in place.
        rng: source of randomness of this scene.
        scale: pixels per metre.
        shadow: (x, y) shadow displacement in pixels of a point one metre high.
        darkness: share of light lost in shadow, 0..1.
    """

    def __init__(
        self, *, image: np.ndarray, rng: np.random.Generator, scale: float, shadow: tuple[float, float], darkness: float
    ) -> None:
        self.image = image
        self.rng = rng
        self.scale = scale
        self.shadow = shadow
        self.darkness = darkness
        self.height, self.width = image.shape[:2]
        self.instances: list[Instance] = []
        self.clutter: set[str] = set()
        self.occupied = np.zeros((self.height, self.width), np.uint8)
        # Roads and parking lots are taken ground for everything but cars, which keep clear of each other here.
        self.cars = np.zeros_like(self.occupied)
        grain = fractal(rng, self.height, self.width, cell=max(12.0, 3 * scale), octaves=5, gain=0.8)
        self.grain = to_bytes(grain, gain=80, offset=0), to_bytes(grain, gain=-80, offset=0)

    @property
    def size(self) -> int:
        """Side in pixels."""
        return self.width

    def uniform(self, low: float, high: float) -> float:
        """A random number in [low, high)."""
        return float(low + (high - low) * self.rng.random())

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return bool(self.rng.random() < probability)

    def pick(self, options: Sequence[T], weights: Sequence[float] | None = None) -> T:
        """One of `options`, by `weights` if given."""
        if weights is None:
            return options[int(self.rng.integers(len(options)))]
        edges = np.cumsum(weights)
        return options[int(np.searchsorted(edges, self.rng.random() * edges[-1], side="right"))]

    def vary(self, colour: Colour, amount: float = 0.08) -> Colour:
        """`colour` with a common brightness change and a smaller one per channel."""
        a, r, g, b = (2 * self.rng.random(4) - 1).tolist()
        gain, tint = 1 + 1.3 * amount * a, 0.5 * amount
        red, green, blue = colour
        return (
            min(red * gain * (1 + tint * r), 255.0),
            min(green * gain * (1 + tint * g), 255.0),
            min(blue * gain * (1 + tint * b), 255.0),
        )

    @staticmethod
    def fixed(points: np.ndarray) -> np.ndarray:
        """Corner-origin pixels to the fixed-point pixel-centre coordinates OpenCV draws with."""
        return (points * _UNIT - _HALF).astype(np.int32)

    def fill(self, points: np.ndarray, colour: Colour) -> None:
        """Fill one polygon (n, 2)."""
        cv2.fillPoly(self.image, [self.fixed(points)], colour, cv2.LINE_AA, _SHIFT)

    def disc(self, centre: Sequence[float], radius: float, colour: Colour) -> None:
        """Fill a circle."""
        x, y = (int(c * _UNIT - _HALF) for c in centre)
        cv2.circle(self.image, (x, y), max(round(radius * (1 << _SHIFT)), 1), colour, -1, cv2.LINE_AA, _SHIFT)

    def line(self, points: np.ndarray, colour: Colour, width: float, *, closed: bool = False) -> None:
        """Draw a polyline of `width` pixels; thinner than one pixel becomes fainter, as a sensor would see it."""
        self.lines([points], colour, width, closed=closed)

    def lines(self, paths: Sequence[np.ndarray], colour: Colour, width: float, *, closed: bool = False) -> None:
        """Draw several polylines at once; see `line`."""
        if width < 1:
            x, y = paths[0][len(paths[0]) // 2]
            under = self.image[min(max(int(y), 0), self.height - 1), min(max(int(x), 0), self.width - 1)]
            share = max(width, 0.12)
            colour = tuple(float(u) * (1 - share) + c * share for u, c in zip(under, colour, strict=True))  # type: ignore[assignment]
        cv2.polylines(
            self.image, [self.fixed(p) for p in paths], closed, colour, max(round(width), 1), cv2.LINE_AA, _SHIFT
        )

    def window(self, points: np.ndarray, *, margin: int = 1) -> tuple[int, int, int, int] | None:
        """Pixel box (x0, y0, x1, y1) of the points within the image, None if outside."""
        x, y, w, h = cv2.boundingRect(np.ascontiguousarray(points, np.float32))
        x0, y0 = max(x - margin, 0), max(y - margin, 0)
        x1, y1 = min(x + w + margin, self.width), min(y + h + margin, self.height)
        return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None

    def blend(self, box: tuple[int, int, int, int], mask: np.ndarray, colour: Colour | np.ndarray) -> None:
        """Mix `colour` (or an (h, w, 3) texture) into the box by `mask` (uint8, 255 = full)."""
        x0, y0, x1, y1 = box
        region = self.image[y0:y1, x0:x1]
        target = np.empty_like(region)
        target[...] = colour
        region[...] = mix(region, target, mask)

    def stencil(self, polygons: Sequence[np.ndarray], box: tuple[int, int, int, int]) -> np.ndarray:
        """Coverage (uint8) of the union of polygons within a box."""
        x0, y0, x1, y1 = box
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        for points in polygons:
            cv2.fillPoly(mask, [self.fixed(points)], 255, cv2.LINE_AA, _SHIFT, (-x0 << _SHIFT, -y0 << _SHIFT))
        return mask

    def darken(self, polygons: Sequence[np.ndarray], amount: float) -> None:
        """Multiply the union of polygons by 1 - amount; a negative amount brightens."""
        box = self.window(polygons[0] if len(polygons) == 1 else np.concatenate(polygons))
        if box is None:
            return
        self.darken_mask(box, self.stencil(polygons, box), amount)

    def darken_mask(self, box: tuple[int, int, int, int], mask: np.ndarray, amount: float) -> None:
        """Like `darken`, for a coverage mask (uint8) of the box."""
        x0, y0, x1, y1 = box
        region = self.image[y0:y1, x0:x1]
        change = cv2.multiply(region, cv2.merge([mask, mask, mask]), scale=abs(amount) / 255)
        (cv2.subtract if amount > 0 else cv2.add)(region, change, region)

    def cast(self, polygons: Sequence[np.ndarray], height: float, *, base: float = 0.0) -> None:
        """Shadow of convex parts standing `height` metres high; with `base` they float and the shadow is detached."""
        offset = f32(self.shadow)
        if base > 0:
            moved = [points + offset * f32((height + base) / 2) for points in polygons]
        else:
            moved = [
                cv2.convexHull(np.concatenate([points, points + offset * f32(height)]))[:, 0] for points in polygons
            ]
        self.darken(moved, self.darkness)

    def weather(self, polygons: Sequence[np.ndarray], amount: float, *, shift: int = 0) -> None:
        """Stain the union of polygons with the scene's grain; `amount` is the relative standard deviation.

        Small objects get their texture from the sensor alone.
        """
        box = self.window(polygons[0] if len(polygons) == 1 else np.concatenate(polygons))
        if box is None:
            return
        x0, y0, x1, y1 = box
        if (x1 - x0) * (y1 - y0) < 500:
            return
        # Another part of the grain each time, so that neighbours do not share their stains.
        v, u = shift % (self.height - (y1 - y0) + 1), shift * 7 % (self.width - (x1 - x0) + 1)
        mask = self.stencil(polygons, box)
        region = self.image[y0:y1, x0:x1]
        for layer, apply in ((self.grain[0], cv2.add), (self.grain[1], cv2.subtract)):
            part = cv2.bitwise_and(layer[v : v + y1 - y0, u : u + x1 - x0], mask)
            change = cv2.multiply(region, cv2.merge([part, part, part]), scale=amount / 80)
            apply(region, change, region)

    def visible(self, outline: np.ndarray, *, share: float = 0.35, pixels: float = 20.0) -> bool:
        """True if at least this share of a convex-ish outline, and this many pixels of it, lie in the image.

        Images under 512 pixels ask for fewer.
        """
        pixels *= min(1.0, self.size / 512)
        if outline.min() >= 0 and outline[:, 0].max() <= self.width and outline[:, 1].max() <= self.height:
            return abs(float(cv2.contourArea(outline.astype(np.float32)))) >= pixels
        box = self.window(outline, margin=0)
        if box is None:
            return False
        area = abs(float(cv2.contourArea(outline.astype(np.float32))))
        inside = float(self.stencil([outline], box).sum()) / 255
        return inside >= max(share * area, pixels)

    def free(self, outline: np.ndarray, layer: np.ndarray | None = None) -> bool:
        """True if nothing is marked under the outline in `layer` (default `occupied`)."""
        box = self.window(outline, margin=0)
        if box is None:
            return False
        x0, y0, x1, y1 = box
        return not bool(
            cv2.bitwise_and(
                self.stencil([outline], box), (self.occupied if layer is None else layer)[y0:y1, x0:x1]
            ).any()
        )

    def occupy(self, outline: np.ndarray, *, margin: float = 0.0, layer: np.ndarray | None = None) -> None:
        """Mark an outline, grown by `margin` pixels, as taken in `layer` (default `occupied`)."""
        layer = self.occupied if layer is None else layer
        fixed = self.fixed(outline)
        cv2.fillPoly(layer, [fixed], 255, cv2.LINE_8, _SHIFT)
        if margin >= 1:
            cv2.polylines(layer, [fixed], True, 255, round(2 * margin), cv2.LINE_8, _SHIFT)

    @contextmanager
    def confined(self, mask: np.ndarray) -> Iterator[None]:
        """Within this context everything outside `mask` (H, W) uint8 counts as taken."""
        outside = mask < 128
        before = self.occupied[outside]
        self.occupied[outside] = 255
        yield
        self.occupied[outside] = before

    def add(
        self,
        category: str,
        polygons: Sequence[np.ndarray],
        *,
        holes: Sequence[np.ndarray] = (),
        colour: str | None = None,
    ) -> None:
        """Record an instance: the union of `polygons` less `holes`."""
        self.instances.append(
            Instance(
                category=category,
                polygons=tuple(np.ascontiguousarray(p, np.float32) for p in polygons),
                holes=tuple(np.ascontiguousarray(p, np.float32) for p in holes),
                colour=colour,
            )
        )
