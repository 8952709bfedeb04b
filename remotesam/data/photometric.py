"""Sensor effects on a picture: one colour matrix, one table per channel, then blur, noise and JPEG."""

import math
from dataclasses import dataclass, fields

import cv2
import numpy as np

_LUMA = np.array([0.299, 0.587, 0.114])
_RGB_TO_YIQ = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
_YIQ_TO_RGB = np.linalg.inv(_RGB_TO_YIQ)
_PERMUTATIONS = np.array([[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])


@dataclass(frozen=True)
class Photometric:
    """Strengths and probabilities of the sensor effects. Probabilities are in [0, 1].

    Attributes:
        jitter: Probability of changing brightness, contrast, saturation, hue and gamma together.
        brightness: Largest shift as a share of the full range.
        contrast: Largest relative change; likewise ``saturation``.
        saturation: See ``contrast``.
        hue: Largest rotation of the hue in degrees.
        gamma: Largest factor on the exponent, minus one.
        cast: Largest relative change of each channel by itself.
        false_colour: Probability of permuting the channels, as in infrared composites.
        greyscale: Probability of dropping the colours.
        drop_channel: Probability of one channel without any signal.
        blur: Probability of a Gaussian blur, standard deviation 0.4 to 1.2 pixels.
        noise: Probability of Gaussian noise, standard deviation 2 to 12 of 255.
        jpeg: Probability of JPEG compression, quality 35 to 90.
    """

    jitter: float = 0.8
    brightness: float = 0.2
    contrast: float = 0.3
    saturation: float = 0.4
    hue: float = 12.0
    gamma: float = 0.3
    cast: float = 0.1
    false_colour: float = 0.08
    greyscale: float = 0.06
    drop_channel: float = 0.0
    blur: float = 0.15
    noise: float = 0.15
    jpeg: float = 0.15

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            limit = 180.0 if field.name == "hue" else 1.0
            if not 0 <= value <= limit:
                raise ValueError(f"Photometric.{field.name} must lie in [0, {limit:g}], got {value}")


def distort(image: np.ndarray, effects: Photometric, rng: np.random.Generator) -> tuple[np.ndarray, bool]:
    """Apply random sensor effects to an ``(H, W, 3)`` uint8 picture.

    Returns:
        The new picture and whether colour words that were right before are still right.
    """
    matrix, true_colours = _colour_matrix(effects, rng)
    if matrix is not None:
        image = cv2.transform(image, matrix)
    if rng.random() < effects.jitter:
        image = cv2.LUT(image, _table(effects, rng))
    if rng.random() < effects.blur:
        image = cv2.GaussianBlur(image, (5, 5), rng.uniform(0.4, 1.2))
    if rng.random() < effects.noise:
        channels = 1 if rng.random() < 0.5 else 3
        noise = rng.standard_normal((*image.shape[:2], channels), np.float32) * np.float32(rng.uniform(2, 12))
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if rng.random() < effects.jpeg:
        quality = int(rng.integers(35, 91))
        encoded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        decoded = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR))
        image = np.ascontiguousarray(decoded[..., ::-1])
    return image, true_colours


def _colour_matrix(effects: Photometric, rng: np.random.Generator) -> tuple[np.ndarray | None, bool]:
    matrix = np.eye(3)
    changed = rng.random() < effects.jitter
    if changed:
        angle = math.radians(rng.uniform(-effects.hue, effects.hue))
        rotation = np.eye(3)
        rotation[1:, 1:] = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
        saturation = 1 + rng.uniform(-effects.saturation, effects.saturation)
        grey = np.tile(_LUMA, (3, 1))
        matrix = (saturation * np.eye(3) + (1 - saturation) * grey) @ _YIQ_TO_RGB @ rotation @ _RGB_TO_YIQ
    true_colours = True
    if rng.random() < effects.false_colour:
        matrix = matrix[_PERMUTATIONS[rng.integers(len(_PERMUTATIONS))]]
        changed, true_colours = True, False
    if rng.random() < effects.greyscale:
        matrix = np.tile(_LUMA @ matrix, (3, 1))
        changed, true_colours = True, False
    if effects.drop_channel and rng.random() < effects.drop_channel:
        matrix = matrix.copy()
        matrix[rng.integers(3)] = 0.0
        changed, true_colours = True, False
    return (matrix.astype(np.float32) if changed else None), true_colours


def _table(effects: Photometric, rng: np.random.Generator) -> np.ndarray:
    level = np.linspace(0, 1, 256)[:, None]
    exponent = math.exp(rng.uniform(-1, 1) * math.log1p(effects.gamma))
    contrast = 1 + rng.uniform(-effects.contrast, effects.contrast)
    shift = rng.uniform(-effects.brightness, effects.brightness)
    gains = 1 + rng.uniform(-effects.cast, effects.cast, 3)
    values = ((level**exponent - 0.5) * contrast + 0.5 + shift) * gains
    return np.clip(values * 255 + 0.5, 0, 255).astype(np.uint8).reshape(1, 256, 3)
