"""What is written opens elsewhere and says what it should: vectors, maps, the page to look at."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pyproj
import pytest
import rasterio
import shapely

from remotesam import RemoteSAM
from remotesam.rasters.errors import RasterError
from remotesam.rasters.orthogonal import squared
from remotesam.rasters.polygons import burn, joined, pixel_polygons
from remotesam.rasters.targets import settle
from tests.data_factories.mosaics import KINDS, KnownSegmenter, Mosaic, make_mosaic
from tests.data_factories.vectors import UTM

VECTORS = ("out.gpkg", "out.geojson", "out.fgb", "out.shp", "out.parquet")
COLUMNS = ["id", "sentence", "class", "score", "area_m2", "perimeter_m", "pixels", "tiles", "source"]
SHORT = ["id", "sentence", "class", "score", "area_m2", "perim_m", "pixels", "tiles", "source"]


@pytest.fixture(scope="module")
def mosaic(tmp_path_factory: pytest.TempPathFactory) -> Mosaic:
    """A mosaic of 120 objects."""
    return make_mosaic(tmp_path_factory.mktemp("mosaic") / "mosaic.tif", size=(200, 260), objects=120, long=3)


@pytest.fixture(scope="module")
def answer(mosaic: Mosaic, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every kind of output about it."""
    folder = tmp_path_factory.mktemp("answer")
    outputs = [folder / name for name in (*VECTORS, "out.tif")]
    result = RemoteSAM(KnownSegmenter()).raster(
        mosaic.path, KINDS, outputs, preview=folder / "out.html", tile_size=64, overlap=8, min_area=1
    )
    assert result.ok
    return folder


@pytest.mark.parametrize("name", VECTORS)
def test_vectors_come_back(name: str, answer: Path, mosaic: Mosaic) -> None:
    read = geopandas.read_parquet if name.endswith(".parquet") else geopandas.read_file
    frame = read(answer / name)
    assert [column for column in frame.columns if column != "geometry"] == (SHORT if ".shp" in name else COLUMNS)
    assert frame.crs.equals(pyproj.CRS(UTM), ignore_axis_order=True) or frame.crs.to_epsg() == 32616
    assert frame.geometry.is_valid.all()
    assert set(frame.geom_type) == {"Polygon"}
    assert sorted(frame.id) == list(range(1, mosaic.count + 1))
    assert set(frame["class"]) == set(KINDS)
    assert set(frame.sentence) == {f"{kind} in the image" for kind in KINDS}
    assert set(frame.source) == {"mosaic.tif"}
    assert (frame.score == 1).all()
    assert frame.tiles.between(1, 12).all()
    np.testing.assert_allclose(frame.area_m2, frame.pixels * 0.25, rtol=2e-3)  # UTM at the edge of its zone
    first = geopandas.read_file(answer / "out.gpkg").set_index("id").geometry
    for one, geometry in zip(frame.id, frame.geometry, strict=True):
        assert geometry.equals(first[one])


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="needs gdal-bin")
@pytest.mark.parametrize("name", VECTORS[:-1])
def test_ogrinfo(name: str, answer: Path, mosaic: Mosaic) -> None:
    """The stack of QGIS; that of a distribution may be without Parquet."""
    done = subprocess.run(["ogrinfo", "-al", "-so", str(answer / name)], capture_output=True, text=True, check=True)
    assert f"Layer name: {'out' if '.shp' in name else 'objects'}" in done.stdout
    assert f"Feature Count: {mosaic.count}" in done.stdout
    assert "Geometry: Polygon" in done.stdout
    assert "UTM zone 16N" in done.stdout
    for column in SHORT if ".shp" in name else COLUMNS:
        assert re.search(rf"^{column}: (Integer|Integer64|Real|String)", done.stdout, re.MULTILINE), column


@pytest.mark.parametrize("name", ["out.tif", "out.probability.tif", "out.instances.tif"])
def test_maps_are_cloud_optimised(name: str, answer: Path, mosaic: Mosaic) -> None:
    pytest.importorskip("rio_cogeo")
    from rio_cogeo import cog_validate

    valid, errors, warnings = cog_validate(answer / name, strict=True)
    assert valid, (errors, warnings)
    with rasterio.open(answer / name) as made, rasterio.open(mosaic.path) as source:
        assert (made.transform, made.crs, made.shape) == (source.transform, source.crs, source.shape)
        assert made.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    if shutil.which("gdalinfo"):
        done = subprocess.run(["gdalinfo", str(answer / name)], capture_output=True, text=True, check=True)
        assert "UTM zone 16N" in done.stdout


def test_maps_agree_with_the_objects(answer: Path, mosaic: Mosaic) -> None:
    with rasterio.open(answer / "out.tif") as file:
        classes, tags, colours = file.read(1), file.tags(), file.colormap(1)
    assert [tags[f"class_{number}"] for number in (1, 2, 3)] == list(KINDS)
    assert len({colours[number][:3] for number in range(1, 4)}) == 3
    covered = mosaic.masks.sum(axis=0)
    np.testing.assert_array_equal(classes > 0, covered > 0)
    alone = covered == 1
    np.testing.assert_array_equal(classes[alone], mosaic.masks.argmax(axis=0)[alone] + 1)
    with rasterio.open(answer / "out.instances.tif") as file:
        assert file.descriptions == KINDS
        instances = file.read()
    np.testing.assert_array_equal(instances > 0, mosaic.masks)
    frame = geopandas.read_file(answer / "out.gpkg").set_index("id")
    numbers, counts = np.unique(instances[instances > 0], return_counts=True)
    assert dict(zip(numbers.tolist(), counts.tolist(), strict=True)) == frame.pixels.to_dict()
    with rasterio.open(answer / "out.probability.tif") as file:
        np.testing.assert_array_equal(file.read(), mosaic.masks * 254)


def test_large_maps_have_overviews(tmp_path: Path) -> None:
    make_mosaic(tmp_path / "m.tif", size=(600, 1100), objects=20)
    RemoteSAM(KnownSegmenter()).raster(tmp_path / "m.tif", "red", tmp_path / "out.classes.tif")
    assert not (tmp_path / "out.probability.tif").exists()
    with rasterio.open(tmp_path / "out.classes.tif") as file:
        assert file.overviews(1) == [2, 4]


def test_page(answer: Path, mosaic: Mosaic) -> None:
    page = (answer / "out.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http-equiv", ""), "it needs no connection"
    match = re.search(r"const data = (\{.*\});", page)
    assert match
    data = json.loads(match.group(1))
    assert (data["width"], data["height"]) == (260, 200)
    assert [kind["name"] for kind in data["classes"]] == list(KINDS)
    assert data["total"] == len(data["objects"]) == mosaic.count
    assert data["image"].startswith("data:image/jpeg;base64,")
    largest = max(data["objects"], key=lambda one: one["pixels"])
    assert largest["pixels"] == geopandas.read_file(answer / "out.gpkg").pixels.max()


def test_page_escapes_names(mosaic: Mosaic, tmp_path: Path) -> None:
    name = "red </script><b>"
    RemoteSAM(KnownSegmenter()).raster(mosaic.path, name, tmp_path / "o.gpkg", preview=tmp_path / "o.html")
    assert "<b>" not in (tmp_path / "o.html").read_text(encoding="utf-8")


def test_brought_to_another_crs(mosaic: Mosaic, tmp_path: Path) -> None:
    model = RemoteSAM(KnownSegmenter())
    outputs = [tmp_path / "there.gpkg", tmp_path / "there.tif"]
    model.raster(mosaic.path, KINDS, outputs, to_crs="EPSG:4326")
    model.raster(mosaic.path, KINDS, tmp_path / "here.gpkg")
    there, here = geopandas.read_file(outputs[0]), geopandas.read_file(tmp_path / "here.gpkg")
    assert there.crs == pyproj.CRS("EPSG:4326")
    assert there.drop(columns="geometry").equals(here.drop(columns="geometry")), "areas are those of the raster"
    moved = here.to_crs("EPSG:4326")
    differences = shapely.area(moved.geometry.symmetric_difference(there.geometry).array)
    assert (differences <= 1e-9 * shapely.area(moved.geometry.array)).all()
    with rasterio.open(outputs[1]) as file:
        assert file.crs == rasterio.CRS.from_epsg(4326)


@pytest.mark.parametrize("simplify", [0.5, 1.0, 3.0])
def test_simplified(simplify: float, mosaic: Mosaic, answer: Path, tmp_path: Path) -> None:
    RemoteSAM(KnownSegmenter()).raster(mosaic.path, KINDS, tmp_path / "out.gpkg", simplify=simplify, min_area=1)
    simple, exact = geopandas.read_file(tmp_path / "out.gpkg"), geopandas.read_file(answer / "out.gpkg")
    assert simple.geometry.is_valid.all()
    assert simple.geometry.count_coordinates().sum() < exact.geometry.count_coordinates().sum()
    assert (simple.geometry.hausdorff_distance(exact.geometry) <= 1.5 * simplify).all()


@pytest.mark.parametrize("regularize", ["rectangle", "orthogonal"])
def test_regularized(regularize: Any, mosaic: Mosaic, tmp_path: Path) -> None:
    RemoteSAM(KnownSegmenter()).raster(mosaic.path, KINDS, tmp_path / "out.gpkg", regularize=regularize)
    frame = geopandas.read_file(tmp_path / "out.gpkg")
    assert frame.geometry.is_valid.all()
    assert (frame.area > 0).all()
    if regularize == "rectangle":
        assert set(frame.geometry.count_coordinates()) == {5}


@pytest.mark.parametrize("angle", [0, 17, 45, 80])
def test_buildings_get_right_angles(angle: float) -> None:
    outline = shapely.Polygon(
        [(0, 0), (40, 0), (40, 15), (22, 15), (22, 30), (0, 30)], [[(5, 5), (9, 5), (9, 9), (5, 9)]]
    )
    truth = shapely.affinity.rotate(outline, angle, origin=(20, 15))
    y, x = np.mgrid[-20:60, -20:60] + 0.5
    mask = shapely.contains_xy(truth, x, y)
    (rough,) = pixel_polygons([mask], [(-20, -20)])
    made = squared(rough, 0.75)
    assert made.intersection(truth).area / made.union(truth).area > 0.9
    for ring in (made.exterior, *made.interiors):
        edges = np.diff(shapely.get_coordinates(ring), axis=0)
        following = np.roll(edges, -1, axis=0)
        cosines = (edges * following).sum(axis=1) / (np.hypot(*edges.T) * np.hypot(*following.T))
        assert np.abs(cosines).max() < 1e-6
    assert len(made.exterior.coords) <= 9


def test_round_things_stay_round() -> None:
    disc = shapely.Point(0, 0).buffer(20)
    made = squared(disc, 0.5)
    assert made.intersection(disc).area / made.union(disc).area > 0.7


@pytest.mark.parametrize("seed", range(5))
def test_outlines_are_exact(seed: int) -> None:
    rng = np.random.default_rng(seed)
    from scipy import ndimage

    labels, count = ndimage.label(rng.random((40, 50)) > 0.4)
    boxes = ndimage.find_objects(labels)
    masks = [labels[box] == number for number, box in enumerate(boxes, start=1)]
    corners = [(100 + box[1].start, 200 + box[0].start) for box in boxes]
    outlines = pixel_polygons(masks, corners)
    assert all(shapely.is_valid(outline) and outline.geom_type == "Polygon" for outline in outlines)
    assert [outline.area for outline in outlines] == [mask.sum() for mask in masks]
    np.testing.assert_array_equal(burn(outlines, range(1, count + 1), 100, 200, 50, 40), labels)
    for mask, (left, top), outline in zip(masks, corners, outlines, strict=True):
        # Cut into quarters and joined again, it is the same.
        parts = []
        for rows in (np.s_[:7], np.s_[7:]):
            for columns in (np.s_[:9], np.s_[9:]):
                part = np.zeros_like(mask)
                part[rows, columns] = mask[rows, columns]
                pieces, number = ndimage.label(part)
                parts += pixel_polygons([pieces == n for n in range(1, number + 1)], [(left, top)] * number)
        assert joined(parts).equals_exact(outline, 0), "the same points in the same order"


@pytest.mark.parametrize(
    ("inputs", "outputs", "options", "match"),
    [
        (["a.tif"], [], {}, "no output"),
        (["a.tif"], ["out.xyz"], {}, "no such output"),
        (["a.tif"], ["a.tif"], {}, "what is read"),
        (["a.tif"], ["o.gpkg", "o.gpkg"], {}, "written twice"),
        (["a.tif", "b.tif"], ["out.tif"], {}, "one raster"),
        (["a.tif", "b.tif"], ["o.gpkg"], {"preview": "o.html"}, "one raster"),
        (["a.tif"], ["o.gpkg"], {"preview": "o.png"}, r"\.html"),
        ([], ["o.gpkg"], {}, "no raster"),
    ],
)
def test_targets_that_cannot_be(inputs: list[str], outputs: list[str], options: dict[str, Any], match: str) -> None:
    with pytest.raises(RasterError, match=match):
        settle(inputs, outputs, **options)


def test_targets() -> None:
    settled = settle(["a.tif"], ["x/o.tif", "o.gpkg"], preview="o.html")
    assert [(str(target.path), target.kind) for target in settled.all] == [
        ("x/o.tif", "classes"),
        ("x/o.probability.tif", "probability"),
        ("x/o.instances.tif", "instances"),
        ("o.html", "preview"),
        ("o.gpkg", "vector"),
    ]
    several = settle(["p/a.tif", "q/b.tif", "https://host/c.tif?key=1"], ["out/"])
    assert [item.name for item in several.items] == ["a.tif", "b.tif", "c.tif?key=1"]


def test_layer_of_the_file(answer: Path) -> None:
    assert pyogrio.list_layers(answer / "out.gpkg").tolist() == [["objects", "Polygon"]]
