"""The readers on real data, where it is there."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from remotesam.data.faults import Fault
from remotesam.data.scene import rasterise_outlines
from remotesam.data.segmentation import read_segmentation
from remotesam.data.sources import open_source
from remotesam.data.sources.pixels import read_pixels
from remotesam.images import read_image

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not there")


@pytest.mark.parametrize(
    ("name", "folder", "options", "images", "shown"),
    [
        (
            "loveda",
            "semantic_samples/loveda",
            {},
            3,
            {"building", "road", "water", "forest", "agriculture", "background"},
        ),
        (
            "potsdam",
            "semantic_samples/potsdam",
            {},
            1,
            {"impervious surfaces", "building", "low vegetation", "tree", "car"},
        ),
        (
            "vaihingen",
            "semantic_samples/vaihingen",
            {},
            1,
            {"impervious surfaces", "building", "low vegetation", "tree", "car"},
        ),
        ("isaid-semantic", "isaid_samples", {}, 3, {"background", "storage_tank", "Large_Vehicle", "Small_Vehicle"}),
        ("palette", "cil_roads", {"palette": {"background": 0, "road": 255}}, 108, {"background", "road"}),
    ],
)
def test_label_maps_are_whole_and_documented(
    name: str, folder: str, options: dict[str, Any], images: int, shown: set[str]
) -> None:
    records = open_source(name, DATA / folder, split="all", on_error="raise", check_maps=True, **options)
    assert records.problems == ()
    assert len(records) == images
    found = {category for record in records[:5] if record.label_map for category in record.label_map.masks()}
    assert found == shown


def test_roads_are_the_white_pixels() -> None:
    from PIL import Image

    records = open_source("palette", DATA / "cil_roads", palette={"background": 0, "road": 255})
    for record in records[:5]:
        assert record.label_map is not None
        white = np.asarray(Image.open(record.label_map.path)) == 255
        assert (record.label_map.masks()["road"] == white).all()


def test_scenes_and_captions_agree() -> None:
    root = DATA / "aid150_rsicd"
    captions = open_source("captions", root, on_error="raise")
    scenes = open_source("aid", root / "images", on_error="raise")
    assert len(captions) == len(scenes) == 1500
    assert len(scenes.categories) == 30
    assert {r.id: r.labels for r in captions} == {r.id: r.labels for r in scenes}
    assert {len(record.captions) for record in captions} == {5}


# One's own data


def solaris(**options: Any) -> Any:
    pytest.importorskip("geopandas")
    return open_source(
        "own-vectors",
        DATA / "geotiff",
        rasters=["solaris__sample_geotiff.tif"],
        vectors=["solaris__sample_geotiff_buildings.geojson"],
        category="building",
        on_error="raise",
        **options,
    )


def test_buildings_are_those_that_gdal_burns() -> None:
    pytest.importorskip("geopandas")
    import geopandas
    import rasterio
    from rasterio.features import rasterize

    records = solaris(window_size=300)
    assert records.problems == ()
    with rasterio.open(DATA / "geotiff" / "solaris__sample_geotiff.tif") as file:
        frame = geopandas.read_file(DATA / "geotiff" / "solaris__sample_geotiff_buildings.geojson").to_crs(file.crs)
        burnt = rasterize(frame.geometry, out_shape=file.shape, transform=file.transform).astype(bool)
    found = np.zeros_like(burnt)
    for record in records:
        left, top, width, height = record.window
        for annotation in record.annotations:
            found[top : top + height, left : left + width] |= annotation.mask(height, width)
    assert burnt.sum() > 10_000
    assert (found & burnt).sum() / (found | burnt).sum() > 0.98
    assert len({annotation.id for record in records for annotation in record.annotations}) == 43


def test_windows_of_a_16_bit_raster_fit_together() -> None:
    whole = read_image(DATA / "geotiff" / "solaris__sample_geotiff.tif")
    for record in solaris(window_size=400):
        left, top, width, height = record.window
        assert (read_pixels(record) == whole[top : top + height, left : left + width]).all()


def test_corrupt_raster_is_told_when_its_pixels_are_asked_for(tmp_path: Path) -> None:
    geopandas = pytest.importorskip("geopandas")
    import rasterio
    import shapely

    (tmp_path / "a.tif").symlink_to((DATA / "geotiff" / "rasterio__corrupt.tif").resolve())
    with rasterio.open(tmp_path / "a.tif") as file:
        frame = geopandas.GeoDataFrame({"class": ["all"]}, geometry=[shapely.box(*file.bounds)], crs=file.crs)
    frame.to_file(tmp_path / "a.gpkg", engine="pyogrio")
    records = open_source("own-vectors", tmp_path)
    with pytest.raises(Fault, match=r"a\.tif"):
        for record in records:
            read_pixels(record)


def test_footprints_in_degrees_come_back_as_the_masks_of_coco(tmp_path: Path) -> None:
    pytest.importorskip("geopandas")
    import geopandas
    import rasterio
    import shapely
    from rasterio.transform import from_bounds

    from tests.data_factories.vectors import to_world

    document = json.loads((DATA / "hotosm_buildings" / "instances_train.json").read_text())
    checked = 0
    for image in document["images"][:12]:
        entries = [entry for entry in document["annotations"] if entry["image_id"] == image["id"]]
        entries = [entry for entry in entries if isinstance(entry["segmentation"], list)]
        if not entries:
            continue
        pixels = read_image(DATA / "hotosm_buildings" / "images" / image["file_name"])
        transform = from_bounds(*image["bounds_wgs84"], 256, 256)
        folder = tmp_path / str(image["id"])
        folder.mkdir()
        profile = {"driver": "GTiff", "count": 3, "height": 256, "width": 256, "dtype": "uint8"}
        with rasterio.open(folder / "a.tif", "w", **profile, crs="EPSG:4326", transform=transform) as file:
            file.write(pixels.transpose(2, 0, 1))
        outlines = [read_segmentation(entry["segmentation"], 256, 256)[0] for entry in entries]
        shapes = [shapely.MultiPolygon([shapely.Polygon(part) for part in parts]) for parts in outlines]
        world = [shapely.transform(one, partial(to_world, transform)) for one in shapes]
        frame = geopandas.GeoDataFrame({"class": ["building"] * len(world)}, geometry=world, crs=4326)
        frame.to_file(folder / "a.geojson", engine="pyogrio")
        (record,) = open_source("own-vectors", folder)
        expected, found = np.zeros((256, 256), bool), np.zeros((256, 256), bool)
        for entry in entries:
            polygons, holes = read_segmentation(entry["segmentation"], 256, 256)
            expected |= rasterise_outlines(polygons, holes, 256, 256)
        for annotation in record.annotations:
            found |= annotation.mask(256, 256)
        assert (found & expected).sum() >= 0.995 * (found | expected).sum()
        checked += 1
    assert checked >= 5
