"""Reading: bands, one stretch, nodata and alpha, areas, resampling, rotation, no CRS."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyproj
import pytest
import rasterio
import shapely

from remotesam import RemoteSAM
from remotesam.rasters.errors import RasterError
from remotesam.rasters.source import SourceOptions, WindowReader, open_source
from tests.data_factories.mosaics import KINDS, KnownSegmenter
from tests.data_factories.vectors import NORTH_UP, TRANSFORMS, UTM, to_world, write_layer, write_raster

HEIGHT, WIDTH = 60, 80
RNG = np.random.default_rng(0)


def bands(count: int, dtype: Any, low: float, high: float) -> np.ndarray:
    """(count, 60, 80), rising from low to high along the columns, band by band a little higher."""
    row = np.linspace(low, high, WIDTH * HEIGHT).reshape(HEIGHT, WIDTH)
    return np.stack([row + number for number in range(count)]).astype(dtype)


def read(path: Path, **options: Any) -> tuple[np.ndarray, np.ndarray]:
    source = open_source(str(path), SourceOptions(**options))
    with WindowReader(source) as reader:
        return reader.read(0, 0, source.grid.width, source.grid.height)


@pytest.mark.parametrize(
    ("pixels", "low", "high"),
    [
        (bands(3, np.uint8, 30, 200), 30, 202),  # stays as it is
        (bands(3, np.uint16, 30, 200), 30, 202),
        (bands(3, np.uint16, 400, 4000), 0, 255),
        (bands(1, np.int16, -500, 900), 0, 255),
        (bands(1, np.float32, 0, 1), 0, 255),
        (bands(3, np.float64, 300, 4000), 0, 255),
        (bands(1, np.float32, -25, 3), 0, 255),  # radar, in decibels
        (bands(1, np.float32, 10, 4000) * np.complex64(1j), 0, 255),
    ],
    ids=lambda value: f"{value.dtype}-{len(value)}" if isinstance(value, np.ndarray) else "",
)
def test_every_type_becomes_a_picture(pixels: np.ndarray, low: int, high: int, tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif", pixels=pixels)
    image, valid = read(tmp_path / "a.tif")
    assert image.dtype == np.uint8
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert valid.all()
    assert (image.min(), image.max()) == (low, high)
    assert (np.diff(image[:, :, 0].reshape(-1).astype(int)) >= 0).all(), "the order of values is kept"


def test_all_tiles_are_stretched_alike(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif", pixels=bands(3, np.uint16, 400, 4000))
    whole, _ = read(tmp_path / "a.tif")
    with WindowReader(open_source(str(tmp_path / "a.tif"))) as reader:
        for left, top, width, height in ((0, 0, 30, 20), (50, 40, 30, 20), (79, 59, 1, 1)):
            part, _ = reader.read(left, top, width, height)
            np.testing.assert_array_equal(part, whole[top : top + height, left : left + width])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"value_range": (400, 4000)}, (0, 255)),
        ({"value_range": (0, 8000)}, (round(400 / 8000 * 255), round(4002 / 8000 * 255))),
        ({"percentiles": (0, 100)}, (0, 255)),
        ({"percentiles": (50, 100)}, (0, 255)),
    ],
)
def test_stretch_can_be_given(options: dict[str, Any], expected: tuple[int, int], tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif", pixels=bands(3, np.uint16, 400, 4000))
    image, _ = read(tmp_path / "a.tif", **options)
    assert (image.min(), image.max()) == expected
    black = (image == 0).mean()
    assert black > 0.45 if options.get("percentiles") == (50, 100) else black < 0.02


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (None, (1, 2, 3)),
        ([3, 2, 1], (3, 2, 1)),
        (["4"], (4,)),
        (["nir", "RED", "green"], (5, 3, 2)),
    ],
)
def test_bands(wanted: Sequence[Any] | None, expected: tuple[int, ...], tmp_path: Path) -> None:
    pixels = np.arange(5, dtype=np.uint8)[:, None, None] * 10 + np.ones((5, 8, 9), np.uint8)
    write_raster(tmp_path / "a.tif", pixels=pixels, photometric="minisblack")
    with rasterio.open(tmp_path / "a.tif", "r+") as file:
        for number, name in enumerate(["Blue", "green", "red", "rededge", "NIR"], start=1):
            file.set_band_description(number, name)
    image, _ = read(tmp_path / "a.tif", bands=wanted)
    colours = [10 * (number - 1) + 1 for number in expected]
    assert image[0, 0].tolist() == (colours * 3 if len(colours) == 1 else colours)


def test_colours_the_file_names_are_found(tmp_path: Path) -> None:
    pixels = np.arange(4, dtype=np.uint8)[:, None, None] * 10 + np.ones((4, 8, 9), np.uint8)
    write_raster(tmp_path / "a.tif", pixels=pixels, photometric="minisblack")
    with rasterio.open(tmp_path / "a.tif", "r+") as file:
        file.colorinterp = [rasterio.enums.ColorInterp[name] for name in ("blue", "green", "red", "undefined")]
    image, _ = read(tmp_path / "a.tif")
    assert image[0, 0].tolist() == [21, 11, 1]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"bands": [0]}, "no band '0'"),
        ({"bands": [9]}, "no band '9'.* it has 1"),
        ({"bands": ["swir"]}, "no band 'swir'"),
        ({"bands": [1, 2]}, "one .* or three"),
        ({"percentiles": (98, 2)}, "percentiles"),
        ({"value_range": (5, 5)}, "range of values"),
        ({"value_range": (0, 1), "percentiles": (2, 98)}, "one of them"),
        ({"gsd": 0.0}, "gsd"),
        ({"gsd": 5000.0}, "pixels are 0.5"),
        ({"bbox": (1, 1, 0, 0)}, "bbox"),
        ({"bbox": (0, 0, 1, 1)}, "lies beside"),
        ({"bbox": (0, 0, 1, 1), "bbox_crs": "EPSG:9999999"}, "no CRS"),
        ({"aoi": "missing.gpkg"}, "missing.gpkg"),
    ],
)
def test_what_cannot_be(options: dict[str, Any], match: str, tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif", pixels=bands(3, np.uint8, 0, 250))
    with pytest.raises(RasterError, match=match):
        open_source(str(tmp_path / "a.tif"), SourceOptions(**options))


def test_nodata_alpha_and_nan_are_no_objects(tmp_path: Path) -> None:
    pixels = np.zeros((3, 60, 80), np.uint8)
    pixels[0, 10:50, 10:70] = 255
    hole = np.s_[:, 25:35, 30:50]
    nodata = pixels.copy()
    nodata[hole] = 7
    write_raster(tmp_path / "nodata.tif", pixels=nodata, nodata=7)
    alpha = np.concatenate([pixels, np.full((1, 60, 80), 255, np.uint8)])
    alpha[3][hole[1:]] = 0
    write_raster(tmp_path / "alpha.tif", pixels=alpha, photometric="rgb", alpha="yes")
    nan = pixels.astype(np.float32) / 255
    nan[hole] = np.nan
    write_raster(tmp_path / "nan.tif", pixels=nan)
    for name in ("nodata", "alpha", "nan"):
        model = RemoteSAM(KnownSegmenter())
        outputs = [tmp_path / "out.gpkg", tmp_path / "out.tif"]
        model.raster(tmp_path / f"{name}.tif", "red", outputs, tile_size=32, overlap=8)
        (polygon,) = geopandas.read_file(outputs[0]).geometry
        assert polygon.area == (40 * 60 - 10 * 20) * 0.25, name
        assert len(polygon.interiors) == 1
        with rasterio.open(outputs[1]) as file:
            classes = file.read(1)
        assert (classes[25:35, 30:50] == 255).all()
        assert (classes == 1).sum() == 40 * 60 - 10 * 20
        assert (classes == 0).sum() == 60 * 80 - 40 * 60


def test_nothing_but_nodata(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif", pixels=np.zeros((3, 40, 50), np.uint16), nodata=0)
    segmenter = KnownSegmenter()
    result = RemoteSAM(segmenter).raster(tmp_path / "a.tif", KINDS, tmp_path / "out.gpkg", tile_size=32)
    assert result.ok
    assert segmenter.calls == 0, "a tile without data is not asked about"
    assert len(geopandas.read_file(tmp_path / "out.gpkg")) == 0


def one_square(path: Path, **options: Any) -> None:
    """A red square of 20 x 30 pixels with its corner at (15, 10)."""
    pixels = np.zeros((3, HEIGHT, WIDTH), np.uint8)
    pixels[0, 10:30, 15:45] = 255
    write_raster(path, pixels=pixels, **options)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_any_transform(name: str, tmp_path: Path) -> None:
    one_square(tmp_path / "a.tif", transform=TRANSFORMS[name])
    RemoteSAM(KnownSegmenter()).raster(tmp_path / "a.tif", "red", [tmp_path / "out.gpkg", tmp_path / "out.tif"])
    frame = geopandas.read_file(tmp_path / "out.gpkg")
    corners = np.array([[15, 10], [45, 10], [45, 30], [15, 30]], float)
    expected = shapely.Polygon(to_world(TRANSFORMS[name], corners))
    assert frame.crs == pyproj.CRS(UTM)
    assert frame.geometry[0].symmetric_difference(expected).area < 1e-6
    with rasterio.open(tmp_path / "a.tif") as source, rasterio.open(tmp_path / "out.tif") as made:
        assert made.transform == source.transform
        assert made.crs == source.crs
        assert made.shape == source.shape


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("EPSG:4326", (1e-5, 0, 10.0, 0, -1e-5, 50.0)),
        ("EPSG:3857", (1.0, 0, 1113194.0, 0, -1.0, 6446275.0)),
        (UTM, NORTH_UP),
        ("+proj=laea +lat_0=52 +lon_0=10 +ellps=GRS80 +units=us-ft", (2.0, 0, 1000.0, 0, -2.0, 2000.0)),
    ],
)
def test_areas_are_geodesic(crs: str, transform: Any, tmp_path: Path) -> None:
    one_square(tmp_path / "a.tif", crs=crs, transform=transform)
    model = RemoteSAM(KnownSegmenter())
    model.raster(tmp_path / "a.tif", "red", tmp_path / "out.gpkg")
    frame = geopandas.read_file(tmp_path / "out.gpkg")
    # An equal-area projection of its own around the object, on the same ellipsoid.
    centre = frame.to_crs("EPSG:4326").geometry[0].centroid
    equal = frame.to_crs(f"+proj=laea +lat_0={centre.y} +lon_0={centre.x} +ellps=WGS84")
    assert frame.area_m2[0] == pytest.approx(equal.geometry[0].area, rel=1e-3)
    assert frame.perimeter_m[0] == pytest.approx(equal.geometry[0].length, rel=1e-3)
    geod = pyproj.CRS(crs).get_geod()
    lonlat = frame.to_crs(frame.crs.geodetic_crs).geometry[0]
    assert frame.area_m2[0] == pytest.approx(abs(geod.geometry_area_perimeter(lonlat)[0]), rel=1e-3)
    if "4326" not in crs:
        model.raster(tmp_path / "a.tif", "red", tmp_path / "out.gpkg", measure="projected")
        factor = pyproj.CRS(crs).axis_info[0].unit_conversion_factor
        frame = geopandas.read_file(tmp_path / "out.gpkg")
        assert frame.area_m2[0] == pytest.approx(frame.geometry[0].area * factor**2)
    else:
        with pytest.raises(RasterError, match="not projected"):
            model.raster(tmp_path / "a.tif", "red", tmp_path / "out.gpkg", measure="projected")


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_without_a_crs(tmp_path: Path) -> None:
    one_square(tmp_path / "a.tif", crs=None, transform=(1, 0, 0, 0, 1, 0))
    model = RemoteSAM(KnownSegmenter())
    result = model.raster(tmp_path / "a.tif", "red", tmp_path / "out.gpkg")
    assert any("no CRS" in notice for notice in result.notices)
    frame = geopandas.read_file(tmp_path / "out.gpkg")
    assert frame.crs is None or frame.crs.name.startswith("Undefined")
    assert frame.geometry[0].equals(shapely.box(15, 10, 45, 30))
    assert frame.pixels.tolist() == [600]
    assert frame.area_m2.isna().all()
    for options in ({"to_crs": "EPSG:4326"}, {"source": SourceOptions(gsd=1.0)}):
        with pytest.raises(RasterError, match="no CRS"):
            model.raster(tmp_path / "a.tif", "red", tmp_path / "out.gpkg", **options)


@pytest.mark.parametrize("gsd", [0.25, 1.0, 2.0])
def test_resampled(gsd: float, tmp_path: Path) -> None:
    one_square(tmp_path / "a.tif")
    sizes = []

    class Noting(KnownSegmenter):
        identity = "noting"

        def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
            sizes.append(image.shape[:2])
            return super().segment(image, expressions)

    result = RemoteSAM(Noting()).raster(
        tmp_path / "a.tif", "red", [tmp_path / "out.gpkg", tmp_path / "out.tif"], source=SourceOptions(gsd=gsd)
    )
    # UTM at the edge of its zone: 0.5 m of coordinates are 0.1 % less on the ground.
    assert sizes == [pytest.approx((HEIGHT * 0.5 / gsd, WIDTH * 0.5 / gsd), abs=1)]
    assert any("resampled" in notice for notice in result.notices)
    polygon = geopandas.read_file(tmp_path / "out.gpkg").geometry[0]
    expected = shapely.Polygon(to_world(NORTH_UP, np.array([[15, 10], [45, 10], [45, 30], [15, 30]], float)))
    assert polygon.intersection(expected).area / polygon.union(expected).area > 1 - 0.15 * gsd
    with rasterio.open(tmp_path / "out.tif") as made, rasterio.open(tmp_path / "a.tif") as source:
        np.testing.assert_allclose(made.bounds, source.bounds, atol=1e-6)


def test_resampled_to_what_the_model_was_trained_for(tmp_path: Path) -> None:
    one_square(tmp_path / "a.tif")
    segmenter = KnownSegmenter()
    segmenter.gsd = 1.0  # type: ignore[attr-defined]
    result = RemoteSAM(segmenter).raster(tmp_path / "a.tif", "red", tmp_path / "out.gpkg")
    assert result.megapixels == pytest.approx(HEIGHT * WIDTH / 4e6, rel=0.1)


@pytest.mark.parametrize("kind", ["bbox", "bbox_crs", "aoi", "rotated"])
def test_only_a_part(kind: str, tmp_path: Path) -> None:
    transform = TRANSFORMS["rotated"] if kind == "rotated" else NORTH_UP
    one_square(tmp_path / "a.tif", transform=transform)
    part = np.array([[30, 0], [80, 0], [80, 20], [30, 20]], float)  # cuts the square to 15 x 10 pixels
    world = shapely.Polygon(to_world(transform, part))
    options: dict[str, Any] = {"bbox": world.bounds}
    if kind == "bbox_crs":
        options = {
            "bbox": geopandas.GeoSeries([world], crs=UTM).to_crs("EPSG:4326").total_bounds,
            "bbox_crs": "EPSG:4326",
        }
    elif kind in ("aoi", "rotated"):
        write_layer(
            tmp_path / "aoi.gpkg", [shapely.Polygon(part)], {"id": [1]}, transform=transform, written_crs="EPSG:4326"
        )
        options = {"aoi": str(tmp_path / "aoi.gpkg")}
    outputs = [tmp_path / "out.gpkg", tmp_path / "out.tif"]
    result = RemoteSAM(KnownSegmenter()).raster(tmp_path / "a.tif", "red", outputs, source=SourceOptions(**options))
    frame = geopandas.read_file(outputs[0])
    # A box in degrees is a little askew in UTM, and takes in one more row or column.
    assert frame.pixels[0] == 150 if kind != "bbox_crs" else 150 <= frame.pixels[0] <= 16 * 11
    assert frame.geometry[0].difference(world.buffer(0.6)).area == 0
    assert result.megapixels < HEIGHT * WIDTH / 2e6
    with rasterio.open(outputs[1]) as made:
        assert made.shape == pytest.approx((20, 50), abs=2)


def test_palette(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif", pixels=(np.arange(80 * 60) % 3).astype(np.uint8).reshape(1, 60, 80))
    with rasterio.open(tmp_path / "a.tif", "r+") as file:
        file.write_colormap(1, {0: (0, 0, 0), 1: (255, 0, 0), 2: (9, 8, 7)})
    image, _ = read(tmp_path / "a.tif")
    assert image[0, :3].tolist() == [[0, 0, 0], [255, 0, 0], [9, 8, 7]]


def test_url(tmp_path: Path) -> None:
    one_square(tmp_path / "a.tif")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # A process of its own: GDAL holds Python's lock while it waits for the answer.
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        result = RemoteSAM(KnownSegmenter()).raster(f"http://127.0.0.1:{port}/a.tif", "red")
    finally:
        server.kill()
        server.wait()
    assert result.objects.source.tolist() == ["a.tif"]
    assert result.objects.pixels.tolist() == [600]


def test_objects_in_memory(tmp_path: Path) -> None:
    one_square(tmp_path / "a.tif")
    before = set(tmp_path.iterdir())
    result = RemoteSAM(KnownSegmenter()).raster(tmp_path / "a.tif", ["red", "green"], contours="gradient")
    assert result.counts == {"red": 1, "green": 0}
    assert (result.outputs, result.work) == ([], None)
    assert result.objects.crs == pyproj.CRS(UTM)
    assert result.objects["class"].tolist() == ["red"]
    assert set(tmp_path.iterdir()) == before


def test_vrt_and_folder(tmp_path: Path) -> None:
    folder = tmp_path / "rasters" / "deep"
    one_square(folder / "a.tif")
    one_square(folder.parent / "b.tif")
    model = RemoteSAM(KnownSegmenter())
    with pytest.raises(RasterError, match="no rasters"):
        model.raster(tmp_path, "red", tmp_path / "out.gpkg")
    result = model.raster(folder.parent, "red", [tmp_path / "out.gpkg", f"{tmp_path}/each/"], recursive=True)
    frame = geopandas.read_file(tmp_path / "out.gpkg")
    assert frame.source.tolist() == ["b.tif", "deep/a.tif"]
    assert frame.id.tolist() == [1, 2]
    assert result.rasters == 2
    assert geopandas.read_file(tmp_path / "each" / "deep" / "a.gpkg").id.tolist() == [1]
    assert not list(tmp_path.glob("*.work"))


def test_folder_of_different_crs(tmp_path: Path) -> None:
    one_square(tmp_path / "in" / "a.tif")
    one_square(tmp_path / "in" / "b.tif", crs="EPSG:3857")
    model = RemoteSAM(KnownSegmenter())
    with pytest.raises(RasterError, match="another CRS"):
        model.raster(tmp_path / "in", "red", tmp_path / "out.gpkg", on_error="fail")
    result = model.raster(tmp_path / "in", "red", tmp_path / "out.gpkg", to_crs="EPSG:4326")
    assert result.ok
    assert geopandas.read_file(tmp_path / "out.gpkg").crs == pyproj.CRS("EPSG:4326")
