"""What the atmosphere, the optics and the archive do to an image."""

from __future__ import annotations

import cv2
import numpy as np

from .noise import octave, to_bytes


def infrared(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """False-colour infrared: near infrared, red and green shown as red, green and blue.

    Near infrared is guessed from the colour: vegetation (more green than red) reflects it strongly, water
    (more blue than red) hardly.

    Args:
        image: (H, W, 3) uint8 RGB.
        rng: source of randomness.

    Returns:
        (H, W, 3) uint8.
    """
    colour = image.astype(np.float32)
    red, green, blue = cv2.split(colour)
    vegetation = np.clip((green - np.maximum(red, blue)) / (green + 12) * np.float32(4 + 5 * rng.random()), 0, 1)
    water = np.clip((np.maximum(green, blue) - red) / (blue + green + 10) * np.float32(4) - 0.3, 0, 1) * (
        1 - vegetation
    )
    strength = np.float32(1.9 + 1.2 * rng.random())
    near = red * np.float32(0.85) * (1 - water * np.float32(0.7)) * (1 - vegetation) + vegetation * green * strength
    lift = np.float32(1.0 + 0.25 * rng.random())
    return cv2.merge(
        [
            np.clip(near, 0, 255),
            np.clip(red * np.float32(0.95), 0, 255),
            np.clip(green * lift * (1 - 0.25 * vegetation), 0, 255),
        ]
    ).astype(np.uint8)


def sense(image: np.ndarray, rng: np.random.Generator, *, saturation: float) -> np.ndarray:
    """Blur, haze, contrast, colour cast, noise and compression, each at a random strength.

    Args:
        image: (H, W, 3) uint8 RGB scene radiance.
        rng: source of randomness.
        saturation: factor on the colourfulness, 0 for grey.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    height, width = image.shape[:2]
    draw = rng.random(15)
    image = cv2.GaussianBlur(image, (0, 0), 0.3 + 0.55 * draw[0] ** 3)
    if draw[1] < 0.2 and min(height, width) >= 128:
        # A coarser sensor, resampled: what a mosaic shows beyond its native resolution.
        factor = 1.15 + 0.8 * draw[2]
        small = cv2.resize(image, (round(width / factor), round(height / factor)), interpolation=cv2.INTER_AREA)
        image = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    if draw[3] < 0.6:
        # Sharpening of mosaics leaves the halos seen around bright roofs.
        soft = cv2.GaussianBlur(image, (0, 0), 1.2)
        amount = 0.2 + 0.6 * draw[4]
        image = cv2.addWeighted(image, 1 + amount, soft, -amount, 0)
    luminance = np.array([0.30, 0.59, 0.11], np.float32)
    image = cv2.transform(
        image, np.eye(3, dtype=np.float32) * np.float32(saturation) + np.float32(1 - saturation) * luminance
    )
    values = np.arange(256, dtype=np.float32) / 255
    gamma = np.exp(np.float32(0.25 * (draw[5] * 2 - 1) + 0.12))
    haze = 0.16 * draw[6] ** 2
    contrast = 0.95 + 0.55 * draw[7]
    brightness = 0.88 + 0.40 * draw[8]
    tables = []
    for channel in range(3):
        cast = 1 + 0.06 * (draw[9 + channel] * 2 - 1)
        curve = values**gamma * brightness * cast
        curve = (curve - 0.36) * contrast + 0.36
        veil = (0.50, 0.54, 0.58)[channel]
        # A soft toe keeps shadows from going flat black, as skylight does.
        curve = np.where(curve < 0.06, 0.06 * np.exp(np.clip(curve, -1, 0.06) / 0.06 - 1), curve)
        tables.append(np.clip((curve * (1 - haze) + veil * haze) * 255, 0, 255).astype(np.uint8))
    image = cv2.LUT(image, np.stack(tables, axis=1)[:, None])
    noise = octave(rng, height, width, cell=(1.3, 1.3)) + np.float32(-0.5)
    light = octave(rng, height, width, cell=(width / 2, height / 2))
    # Noise in proportion to brightness: what the curve above leaves of the sensor's own is of that kind.
    gain = cv2.addWeighted(light, 0.14, noise, 0.06 + 0.22 * draw[12] ** 2, 0.93)
    field = to_bytes(gain, gain=127, offset=0)
    image = cv2.multiply(image, cv2.merge([field, field, field]), scale=1 / 127)
    if draw[13] < 0.6:
        quality = int(55 + 40 * draw[14])
        _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1]
    return np.ascontiguousarray(image)
