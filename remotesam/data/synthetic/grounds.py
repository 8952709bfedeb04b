"""Ground textures: what lies under the objects, as (S, S, 3) uint8 RGB images."""

from __future__ import annotations

import cv2
import numpy as np

from .noise import colourise, emboss, fractal, to_bytes
from .shapes import Colour, mix

GRASS: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((50, 62, 40), (70, 82, 54), (98, 100, 70)),
    ((62, 74, 44), (84, 98, 62), (116, 118, 80)),
    ((44, 60, 42), (58, 78, 54), (84, 98, 66)),
    ((84, 80, 56), (112, 106, 76), (138, 128, 96)),
    ((70, 90, 52), (92, 116, 68), (126, 134, 86)),
)
SOIL: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((104, 92, 74), (138, 124, 102), (166, 152, 128)),
    ((120, 104, 82), (156, 140, 112), (186, 170, 142)),
    ((88, 72, 60), (114, 96, 80), (138, 120, 102)),
)
CONCRETE: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((142, 132, 112), (166, 156, 134), (186, 178, 158)),
    ((132, 132, 130), (156, 156, 154), (178, 178, 176)),
    ((156, 146, 128), (186, 176, 158), (208, 200, 184)),
    ((128, 118, 120), (154, 144, 150), (172, 164, 170)),
    ((110, 108, 92), (132, 130, 112), (152, 150, 132)),
)
ASPHALT: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((74, 74, 76), (92, 92, 92), (110, 110, 108)),
    ((96, 94, 92), (114, 112, 110), (132, 130, 126)),
    ((58, 60, 64), (74, 76, 80), (92, 92, 94)),
    ((112, 104, 96), (132, 124, 116), (148, 142, 134)),
)
WATER: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((18, 32, 44), (24, 42, 54), (36, 58, 70)),
    ((40, 62, 74), (50, 74, 86), (66, 92, 102)),
    ((26, 48, 42), (34, 58, 50), (50, 72, 60)),
    ((8, 52, 58), (12, 66, 70), (24, 88, 88)),
    ((48, 54, 40), (60, 66, 50), (78, 80, 62)),
    ((66, 58, 46), (80, 72, 58), (98, 88, 72)),
    ((16, 22, 28), (22, 30, 36), (32, 42, 48)),
)
CANOPY: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((16, 24, 18), (52, 68, 44), (102, 116, 76)),
    ((14, 20, 16), (44, 58, 42), (86, 98, 68)),
    ((22, 30, 20), (62, 78, 48), (116, 128, 80)),
    ((16, 26, 20), (48, 70, 46), (92, 118, 74)),
    ((30, 28, 22), (72, 68, 52), (118, 108, 84)),
)


def choose(rng: np.random.Generator, ramps: tuple[tuple[Colour, Colour, Colour], ...]) -> list[Colour]:
    """One ramp of three colours, a little varied as a whole."""
    ramp = ramps[int(rng.integers(len(ramps)))]
    gain = (0.88 + 0.24 * rng.random()) * (0.96 + 0.08 * rng.random(3))
    return [tuple(float(v) for v in np.asarray(c) * gain) for c in ramp]  # type: ignore[misc]


def textured(rng: np.random.Generator, size: int, ramp: list[Colour], *, cell: float, gain: float = 0.55) -> np.ndarray:
    """A ramp laid over fractal noise."""
    return colourise(fractal(rng, size, size, cell=cell, octaves=8, gain=gain), ramp)


def modulate(image: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Multiply by a positive (H, W) float32 field near 1 (0 to 2)."""
    field = to_bytes(factor, gain=127, offset=0)
    return cv2.multiply(image, cv2.merge([field, field, field]), scale=1 / 127)


def grass(rng: np.random.Generator, size: int, *, scale: float = 1.0) -> np.ndarray:
    """Lawn or meadow: patches, tufts, worn spots, sometimes mowing stripes."""
    image = textured(rng, size, choose(rng, GRASS), cell=size / (2 + 6 * rng.random()), gain=0.72)
    if rng.random() < 0.12:
        angle, period = rng.random() * np.pi, max(4.0, (3 + 5 * rng.random()) * scale)
        x = np.arange(size, dtype=np.float32)
        phase = x[None] * np.float32(np.cos(angle)) + x[:, None] * np.float32(np.sin(angle))
        image = modulate(image, np.sin(phase * np.float32(2 * np.pi / period)) * np.float32(0.02) + 1)
    if rng.random() < 0.5:
        worn = fractal(rng, size, size, cell=size / (4 + 8 * rng.random()), octaves=7, gain=0.72)
        bare = colourise(worn, choose(rng, SOIL))
        image = mix(image, bare, to_bytes(worn, gain=130, offset=-130 * (1.3 + 0.8 * rng.random())))
    return image


def soil(rng: np.random.Generator, size: int) -> np.ndarray:
    """Bare ground, gravel or desert."""
    return textured(rng, size, choose(rng, SOIL), cell=size / (2 + 8 * rng.random()), gain=0.75)


def asphalt(rng: np.random.Generator, size: int) -> np.ndarray:
    """Worn asphalt with patches."""
    return textured(rng, size, choose(rng, ASPHALT), cell=size / (2 + 6 * rng.random()), gain=0.7)


def water(rng: np.random.Generator, size: int, *, scale: float = 1.0) -> np.ndarray:
    """Open water: broad tone changes, swell and glitter."""
    ramp = choose(rng, WATER)
    broad = fractal(rng, size, size, cell=size * 0.8, octaves=3, gain=0.5)
    swell = fractal(
        rng,
        size,
        size,
        cell=max(3.0, (3 + 5 * rng.random()) * scale),
        octaves=3,
        gain=0.7,
        stretch=1.0 + 2.0 * rng.random(),
    )
    field = broad * np.float32(0.7) + swell * np.float32(0.15 + 0.45 * rng.random() ** 2)
    return colourise(field, ramp)


def canopy(
    rng: np.random.Generator, size: int, *, crown: float, sun: tuple[float, float], dome: np.ndarray
) -> np.ndarray:
    """Tree tops: embossed bumps of `crown` pixels, gaps, and the lit and dark sides of what stands alone.

    Args:
        rng: source of randomness.
        size: side in pixels.
        crown: diameter of a crown in pixels.
        sun: unit vector (x, y) towards the light.
        dome: (S, S) float32 heights of the tree cover, 0 to 1, whose flanks are shaded.
    """
    bumps = fractal(rng, size, size, cell=max(crown * 0.8, 2.5), octaves=3, gain=0.8)
    relief = emboss(bumps, sun, distance=max(crown * 0.25, 1.0))
    flank = emboss(dome, sun, distance=max(crown * 0.3, 1.0))
    field = cv2.addWeighted(relief, 0.75, bumps, 0.5, 0.0)
    return colourise(cv2.scaleAdd(flank, 2.4, field), choose(rng, CANOPY))


def apron(rng: np.random.Generator, size: int, *, scale: float) -> np.ndarray:
    """Concrete slabs of an airport with joints, replaced slabs and dark stains."""
    image = textured(rng, size, choose(rng, CONCRETE), cell=size / (1 + 4 * rng.random()), gain=0.65)
    slab = max(6.0, (6 + 5 * rng.random()) * scale)
    count = int(size * 1.5 / slab) + 2
    tone = (rng.random((count, count), dtype=np.float32) - np.float32(0.5)) * np.float32(
        0.02 + 0.07 * rng.random() ** 2
    )
    tone += (rng.random((count, count)) < 0.03).astype(np.float32) * np.float32(0.08 if rng.random() < 0.5 else -0.12)
    cells = cv2.resize(tone + 1, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    joint = np.float32(0.98 - 0.12 * rng.random() ** 1.5)
    cells[::8] *= joint
    cells[:, ::8] *= joint
    angle = rng.random() * np.pi
    c, s, k = np.cos(angle), np.sin(angle), 8 / slab
    middle = count * 4
    matrix = np.array(
        [[c * k, s * k, middle - (c + s) * k * size / 2], [-s * k, c * k, middle - (c - s) * k * size / 2]]
    )
    slabs = cv2.warpAffine(
        cells, matrix, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT
    )
    stain = fractal(rng, size, size, cell=size / 12, octaves=5, gain=0.7)
    slabs *= 1 - np.clip((stain - np.float32(1.1)) * np.float32(0.14), 0, 0.25)
    return modulate(image, slabs)


def fields(rng: np.random.Generator, size: int, *, scale: float) -> np.ndarray:
    """Patchwork of farmland: plots with their own colour and furrows."""
    angle = rng.random() * np.pi
    # The plots are laid out at half resolution, the furrows and tufts at full.
    half = (size + 1) // 2
    x = np.arange(half, dtype=np.float32) * 2
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    bend = fractal(rng, half, half, cell=half / 2, octaves=2) * np.float32(size * 0.012)
    u, v = x[None] * c + x[:, None] * s + bend, x[:, None] * c - x[None] * s + bend
    wide, tall = size * (0.2 + 0.5 * rng.random()), size * (0.2 + 0.6 * rng.random())
    column = np.floor(u * np.float32(1 / wide))
    row = np.floor((v + np.mod(column, 3) * np.float32(tall * 0.37)) * np.float32(1 / tall))
    label = np.mod(column * 7 + row * 13, 24).astype(np.uint8)
    ramps = (*GRASS, *GRASS, *SOIL)
    palette = np.zeros((256, 3), np.uint8)
    palette[:24] = np.clip([choose(rng, ramps)[1] for _ in range(24)], 0, 255)
    furrow = np.zeros(256, np.float32)
    furrow[:24] = rng.random(24) * 0.04
    image = cv2.resize(
        cv2.LUT(cv2.merge([label, label, label]), palette[:, None]), (size, size), interpolation=cv2.INTER_LINEAR
    )
    depth = cv2.resize(cv2.LUT(label, furrow), (size, size), interpolation=cv2.INTER_LINEAR)
    full = np.arange(size, dtype=np.float32) * np.float32(2 * np.pi / max(2.5, (2 + 4 * rng.random()) * scale))
    # sin(a + b) from sines of rows and columns alone.
    lines = np.outer(np.cos(full * s), np.sin(full * c)) + np.outer(np.sin(full * s), np.cos(full * c))
    tufts = fractal(rng, size, size, cell=size / 8, octaves=7, gain=0.75)
    return modulate(image, cv2.scaleAdd(tufts, 0.07, cv2.multiply(lines, depth) + 1))
