"""Images of every kind become (H, W, 3) uint8 RGB, or an error that names the file, the problem and the fix."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from remotesam.images import ImageError, read_image

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "geotiff"
RNG = np.random.default_rng(0)
RGB = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[10, 20, 30], [40, 50, 60], [70, 80, 90]]], dtype=np.uint8)
NAN, INF = float("nan"), float("inf")


def png_bytes(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


def jpeg_bytes(size: int = 200) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(RNG.integers(0, 255, (size, size, 3), dtype=np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


def tiff_bytes(array: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, array, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def bomb() -> bytes:
    data = bytearray(png_bytes(RGB))
    import struct
    import zlib

    data[16:24] = struct.pack(">II", 60_000, 60_000)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.png", b"", "0 bytes.*again"),
        ("text.jpg", b"this is no image at all", "not an image.*convert"),
        ("page.png", b"<!DOCTYPE html><html>", "not an image.*convert"),
        ("cut.png", png_bytes(RNG.integers(0, 255, (64, 64, 3), dtype=np.uint8))[:3000], "truncated.*again"),
        ("cut.jpg", jpeg_bytes()[:9000], "truncated.*again"),
        ("head.png", png_bytes(RGB)[:20], "again|convert"),
        ("cut.tif", tiff_bytes(RNG.integers(0, 255, (64, 64, 3), dtype=np.uint8))[:5000], "truncated.*again"),
        ("cut16.tif", tiff_bytes(RNG.integers(0, 9999, (64, 64), dtype=np.uint16))[:5000], "truncated.*again"),
        ("head.tif", b"II*\0", "truncated.*again"),
        ("bomb.png", bomb(), "tiles"),
        ("nan.tif", tiff_bytes(np.full((4, 4), np.nan, dtype=np.float32)), "no finite value"),
    ],
)
def test_damaged_files_are_named_with_problem_and_fix(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImageError, match=told) as caught:
        read_image(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("image", "told"),
    [
        ("", "empty"),
        ("no/such/photo.jpg", r"no/such/photo\.jpg: no such file"),
        ("a" * 5000 + ".png", "no such file"),
        ("a\0.png", "no such file"),
        ("https://example.org/a.jpg", "download it first"),
        (".", "is a folder"),
        (None, "NoneType.*path, a Pillow image or a numpy array"),
        ([[1, 2], [3, 4]], "list"),
        (np.zeros((0, 5, 3), dtype=np.uint8), "no pixels"),
        (np.zeros((4, 4, 0), dtype=np.uint8), "no pixels"),
        (np.zeros(4, dtype=np.uint8), r"\(4,\).*\(H, W\)"),
        (np.zeros((2, 4, 4, 3), dtype=np.uint8), "one image at a time"),
        (np.zeros((3, 64, 64), dtype=np.uint8), r"bands first.*transpose\(1, 2, 0\)"),
        (np.full((4, 4), "a"), "type"),
        (np.full((4, 4, 3), NAN), "no finite value"),
        (np.full((4, 4, 3), INF, dtype=np.float32), "no finite value"),
    ],
)
def test_wrong_inputs_are_told(image: object, told: str) -> None:
    with pytest.raises(ImageError, match=told):
        read_image(image)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (RGB, RGB),
        (RGB[:, :, 0], np.repeat(RGB[:, :, :1], 3, axis=2)),
        (RGB[:, :, :1], np.repeat(RGB[:, :, :1], 3, axis=2)),
        (RGB[:, :, :2], np.repeat(RGB[:, :, :1], 3, axis=2)),
        (np.dstack([RGB, RGB, RGB]), RGB),
        (np.dstack([RGB, np.zeros((2, 3), dtype=np.uint8)]), RGB),
        (RGB.astype(np.int64), RGB),
        (RGB.astype(np.float64), RGB),
        (RGB.astype(np.float16) / 255, RGB),
        (RGB.astype(np.float32) / 255, RGB),
        (RGB > 128, (RGB > 128) * 255),
        (np.zeros((1, 1), dtype=np.uint8), np.zeros((1, 1, 3))),
        (np.full((1, 1), 4000, dtype=np.uint16), np.full((1, 1, 3), 128)),
        (np.full((1, 1, 3), 0.5), np.full((1, 1, 3), 128)),
        (np.zeros((2, 2), dtype=np.uint16), np.zeros((2, 2, 3))),
        (RGB[::-1, ::-1], RGB[::-1, ::-1]),
    ],
)
def test_arrays_have_known_pixels(array: np.ndarray, expected: np.ndarray) -> None:
    result = read_image(array)
    assert result.dtype == np.uint8
    assert result.flags["C_CONTIGUOUS"]
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("scale", [np.uint16(257), np.uint32(70_000), np.float32(3.7), np.float64(1e20)])
def test_wide_values_are_stretched_between_the_percentiles(scale: np.generic) -> None:
    ramp = np.repeat(np.arange(0, 256, dtype=scale.dtype)[:, None], 4, axis=1) * scale
    result = read_image(ramp)[:, 0, 0].astype(float)
    low, high = np.percentile(np.arange(256), [2, 98])
    np.testing.assert_allclose(result, np.clip((np.arange(256) - low) / (high - low), 0, 1) * 255, atol=1)


def test_stretch_keeps_the_hue() -> None:
    image = RNG.integers(1000, 4000, (50, 50, 3)).astype(np.uint16)
    image[:, :, 0] += 3000
    result = read_image(image)
    assert result[:, :, 0].mean() > result[:, :, 1].mean() + 80


@pytest.mark.parametrize("bad", [NAN, INF, -INF, -3.4028235e38])
@pytest.mark.parametrize("factor", [1.0, 255.0, 9000.0])
def test_missing_values_become_black_and_do_not_shift_the_others(bad: float, factor: float) -> None:
    clean = RNG.random((40, 40, 3)).astype(np.float32) * np.float32(factor)
    clean[20:] = clean[:20]  # the same values remain when the upper half is lost
    holed = clean.copy()
    holed[:20] = bad
    result = read_image(holed)
    assert (result[:20] == 0).all()
    np.testing.assert_array_equal(result[20:], read_image(clean)[20:])


def test_complex_values_count_by_their_magnitude() -> None:
    magnitude = RNG.random((8, 8)) * 900
    np.testing.assert_array_equal(read_image(magnitude * 1j), read_image(magnitude))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, suffix: str) -> None:
    upright = np.zeros((32, 48, 3), dtype=np.uint8)
    upright[:16, :16] = (255, 0, 0)  # a red upper left, a blue lower right corner
    upright[16:, 32:] = (0, 0, 255)
    undo: dict[int, Callable[[np.ndarray], np.ndarray]] = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
        8: lambda a: np.rot90(a, -1),
    }
    picture = Image.fromarray(np.ascontiguousarray(undo[orientation](upright)))
    exif = Image.Exif()
    exif[274] = orientation
    path = tmp_path / f"turned{suffix}"
    picture.save(path, exif=exif, **({"quality": 95, "subsampling": 0} if suffix == ".jpg" else {}))
    for image in (path, str(path), Image.open(path)):
        result = read_image(image)
        assert result.shape == upright.shape
        assert np.abs(result.astype(int) - upright).mean() < 4


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "I;16"])
def test_pillow_modes_keep_the_picture(mode: str) -> None:
    base = Image.fromarray(np.repeat(np.repeat(RGB, 16, axis=0), 16, axis=1))
    if mode in ("I", "F", "I;16"):
        picture = Image.fromarray(np.asarray(base.convert("L")).astype({"I": "i4", "F": "f4", "I;16": "u2"}[mode]))
    elif mode == "LAB":
        from PIL import ImageCms

        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        picture = ImageCms.applyTransform(base, ImageCms.buildTransform(*profiles, "RGB", "LAB"))
    else:
        picture = base.convert(mode)
    assert picture.mode == mode
    result = read_image(picture)
    assert result.shape == (32, 48, 3)
    grey = mode in ("1", "L", "LA", "I", "F", "I;16")
    expected = np.asarray(base.convert("L").convert("RGB") if grey else base).astype(int)
    tolerance = {"1": 255, "P": 60, "LAB": 30}.get(mode, 3)
    assert np.abs(result.astype(int) - expected).max() <= tolerance


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_pixels_become_black_and_others_keep_their_colour(tmp_path: Path, mode: str) -> None:
    rgba = np.full((8, 8, 4), 200, dtype=np.uint8)
    rgba[:, :4, 3] = 0
    rgba[:, 4:, 3] = 90
    picture = Image.fromarray(rgba)
    if mode == "P":
        picture = Image.fromarray(np.repeat(np.array([[0, 1]], dtype=np.uint8), [4, 4], axis=1).repeat(8, axis=0), "P")
        picture.putpalette([9, 9, 9, 200, 200, 200])
        picture.info["transparency"] = 0
    else:
        picture = picture.convert(mode)
    path = tmp_path / "clear.png"
    picture.save(path)
    result = read_image(path)
    assert (result[:, :4] == 0).all()
    assert (result[:, 4:] == 200).all()


def ramp16(*, bands: int) -> np.ndarray:
    ramp = np.linspace(300, 2000, 64 * 64).reshape(64, 64, 1).astype(np.uint16)
    return np.concatenate([ramp // (band + 1) for band in range(bands)], axis=2)


@pytest.mark.parametrize("bands", [1, 3, 4])
def test_16_bit_png_keeps_its_low_bits(tmp_path: Path, bands: int) -> None:
    image = ramp16(bands=bands)
    path = tmp_path / "deep.png"
    cv2.imwrite(str(path), image[:, :, [2, 1, 0, 3][:bands]] if bands > 1 else image)
    np.testing.assert_array_equal(read_image(path), read_image(image[:, :, :3]))


@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"tile": (16, 16)}, {"planarconfig": "separate"}])
@pytest.mark.parametrize("bands", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("kind", ["u1", "u2", "i2", "f4", "f8"])
def test_tiff_bands_equal_the_array(tmp_path: Path, options: dict[str, object], bands: int, kind: str) -> None:
    image = (ramp16(bands=bands) // 8).astype(kind)
    options = dict(options)
    photometric = "rgb" if bands in (3, 4) else "minisblack"
    if bands > 1 and "planarconfig" not in options:
        options["planarconfig"] = "contig"
    if bands == 1:
        options.pop("planarconfig", None)
    stored = np.moveaxis(image, -1, 0) if options.get("planarconfig") == "separate" else image
    extra = {"extrasamples": ["unspecified"] * (bands - (3 if photometric == "rgb" else 1))}
    path = tmp_path / "bands.tif"
    tifffile.imwrite(path, stored if bands > 1 else image[:, :, 0], photometric=photometric, **options, **extra)
    np.testing.assert_array_equal(read_image(path), read_image(image))


def test_opencv_reads_compressed_16_bit_tiff(tmp_path: Path) -> None:
    image = ramp16(bands=3)
    path = tmp_path / "lzw.tif"
    cv2.imwrite(str(path), image[:, :, ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    np.testing.assert_array_equal(read_image(path), read_image(image))


def test_nodata_of_a_tiff_is_black_and_not_stretched(tmp_path: Path) -> None:
    image = RNG.integers(1000, 3000, (40, 40, 3)).astype(np.int16)
    holed = image.copy()
    holed[:10] = -9999
    path = tmp_path / "holes.tif"
    tifffile.imwrite(path, holed, photometric="rgb", extratags=[(42113, "s", 0, "-9999", True)])
    result = read_image(path)
    assert (result[:10] == 0).all()
    np.testing.assert_array_equal(result[10:], read_image(image[10:]))


def test_alpha_of_a_tiff_is_no_colour(tmp_path: Path) -> None:
    image = np.dstack([np.full((8, 8, 3), 77, dtype=np.uint8), np.zeros((8, 8), dtype=np.uint8)])
    image[4:, :, 3] = 255
    path = tmp_path / "alpha.tif"
    tifffile.imwrite(path, image, photometric="rgb", extrasamples=["unassalpha"])
    result = read_image(path)
    assert (result[:4] == 0).all()
    assert (result[4:] == 77).all()


@pytest.mark.skipif(not REAL.is_dir(), reason="real rasters are not at hand")
@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("opengeos__landsat__2020.tif", (377, 697, 3)),
        ("opengeos__naip_2020.tif", (723, 934, 3)),
        ("opengeos__raster__cog.tif", (206, 343, 3)),
        ("rasterio__alpha.tif", (1223, 1223, 3)),
        ("rasterio__cogeo.tif", (1024, 1024, 3)),
        ("rasterio__float_nan.tif", (2, 3, 3)),
        ("rasterio__int_raster_with_nodata.tif", (2, 2, 3)),
        ("rasterio__rgb_deflate.tif", (718, 791, 3)),
        ("solaris__ms1.tif", (300, 300, 3)),
        ("solaris__sar_vv.tif", (200, 200, 3)),
    ],
)
def test_real_rasters(name: str, shape: tuple[int, int, int]) -> None:
    result = read_image(REAL / name)
    assert result.shape == shape
    assert result.max() > result.min()


@pytest.mark.skipif(not REAL.is_dir(), reason="real rasters are not at hand")
def test_a_real_corrupt_raster_is_named() -> None:
    with pytest.raises(ImageError, match=r"rasterio__corrupt\.tif: cannot be decoded.*again"):
        read_image(REAL / "rasterio__corrupt.tif")
