"""One's own rasters and polygons: windows in pixels, whatever the projection."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from remotesam.data.scene import rasterise_outlines
from remotesam.data.sources import RecordSet, SourceError, open_source
from remotesam.data.sources.geo import require_geo
from remotesam.data.sources.own_vectors import read_own_vectors
from remotesam.data.sources.pixels import read_pixels
from remotesam.images import read_image
from tests.data_factories.vectors import HEIGHT, TRANSFORMS, UTM, WIDTH, write_layer, write_raster

pytest.importorskip("rasterio")
pytest.importorskip("geopandas")
pytest.importorskip("pyogrio")

YARD = box(5, 4, 30, 30).difference(box(12, 12, 20, 21)).difference(box(24, 20, 30, 30))
ISLANDS = MultiPolygon([box(33, 2, 57, 22).difference(box(36, 5, 54, 19)), box(40, 8, 48, 15), box(52, 30, 58, 36)])
SHED = box(1, 33, 6, 38)
DRAWN = {"yard": YARD, "lake": ISLANDS, "shed": SHED}
SLANTED = Polygon([(5.2, 4.3), (30.7, 6.1), (28.4, 30.2), (7.3, 27.6)], [[(12.2, 12.1), (20.3, 12.4), (19.8, 20.2)]])


def outlines(geometry: Any) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    parts = shapely.get_parts(geometry)
    rings = [[part.exterior for part in parts], [ring for part in parts for ring in part.interiors]]
    return tuple(tuple(shapely.get_coordinates(r)[:-1] for r in group) for group in rings)  # type: ignore[return-value]


def mask_of(geometry: Any) -> np.ndarray:
    """The mask drawn in the whole raster."""
    return rasterise_outlines(*outlines(geometry), HEIGHT, WIDTH)


def kinds(records: RecordSet) -> list[str]:
    return [problem.kind for problem in records.problems]


def assemble(records: RecordSet, category: str) -> np.ndarray:
    """The union of a category's masks over all windows, put together again."""
    whole = np.zeros((HEIGHT, WIDTH), bool)
    for record in records:
        assert record.window is not None
        left, top, width, height = record.window
        assert record.size == (height, width)
        for annotation in record.annotations:
            if annotation.category == category:
                whole[top : top + height, left : left + width] |= annotation.mask(*record.size)
    return whole


def write(root: Path, name: str = "a.gpkg", geometries: Any = None, classes: Any = None, **options: Any) -> None:
    write_raster(root / "a.tif", transform=options.get("transform", TRANSFORMS["north up"]))
    drawn = list(DRAWN.values()) if geometries is None else geometries
    columns = {"class": list(DRAWN) if classes is None and geometries is None else classes or ["yard"] * len(drawn)}
    write_layer(root / name, drawn, columns, **options)


@pytest.mark.parametrize("transform", list(TRANSFORMS))
@pytest.mark.parametrize(
    ("name", "crs"),
    [("a.gpkg", "the same"), ("a.geojson", "EPSG:4326"), ("a.shp", "EPSG:3857"), ("a.fgb", "EPSG:32617")],
)
def test_masks_are_those_drawn_in_every_projection(tmp_path: Path, transform: str, name: str, crs: str) -> None:
    write(tmp_path, name, transform=TRANSFORMS[transform], written_crs=crs)
    for size, overlap in ((512, 64), (16, 4)):
        records = read_own_vectors(tmp_path, window_size=size, overlap=overlap, on_error="raise")
        assert records.problems == ()
        assert records.categories == tuple(sorted(DRAWN))
        for category, geometry in DRAWN.items():
            assert (assemble(records, category) == mask_of(geometry)).all()


def test_windows_hold_whole_outlines_in_their_own_pixels(tmp_path: Path) -> None:
    write(tmp_path)
    records = read_own_vectors(tmp_path, window_size=16, overlap=0)
    assert [record.window for record in records][:4] == [
        (0, 0, 16, 16),
        (16, 0, 16, 16),
        (32, 0, 16, 16),
        (44, 0, 16, 16),
    ]
    (yard,) = [one for one in records[1].annotations if one.category == "yard"]
    assert yard.box == pytest.approx((5 - 16, 4, 30 - 16, 30), abs=1e-4)
    assert len(yard.holes) == 1
    assert yard.maker == "annotator"
    assert records[1].exhaustive == ()
    for record in records:
        assert all(annotation.mask(*record.size).any() for annotation in record.annotations)


@pytest.mark.parametrize("transform", list(TRANSFORMS))
def test_slanted_outlines_differ_by_pixels_on_the_outline_alone(tmp_path: Path, transform: str) -> None:
    write(tmp_path, "a.geojson", [SLANTED], ["yard"], transform=TRANSFORMS[transform], written_crs="EPSG:4326")
    for size in (512, 16):
        records = read_own_vectors(tmp_path, window_size=size, on_error="raise")
        rows, columns = np.nonzero(assemble(records, "yard") != mask_of(SLANTED))
        centres = shapely.points(columns + 0.5, rows + 0.5)
        # pycocotools rounds corners to fifths of a pixel.
        assert (shapely.distance(centres, SLANTED.boundary) < 0.3).all()


def test_only_complete_layers_say_what_is_absent(tmp_path: Path) -> None:
    write(tmp_path)
    records = read_own_vectors(tmp_path, window_size=16, complete=True)
    assert all(record.exhaustive == tuple(sorted(DRAWN)) for record in records)


BOW_TIE = Polygon([(2, 2), (12, 12), (12, 2), (2, 12)])


@pytest.mark.parametrize(
    ("geometry", "kind", "message"),
    [
        (None, "area", "no geometry"),
        (Polygon(), "area", "no geometry"),
        (Polygon([(1, 1), (5, 5), (9, 9)]), "area", "no area"),
        (LineString([(1, 1), (9, 9)]), "format", "is a LineString"),
        (Point(3, 3), "format", "is a Point"),
        (SHED, "duplicate", "repeats object"),
    ],
)
def test_objects_that_cannot_be_used_are_told(tmp_path: Path, geometry: Any, kind: str, message: str) -> None:
    write(tmp_path, "a.gpkg", [SHED, geometry], ["shed", "shed"])
    records = read_own_vectors(tmp_path)
    found = [problem for problem in records.problems if problem.kind != "crossing"]
    assert [problem.kind for problem in found] == [kind]
    assert message in found[0].message
    assert "object 2" in found[0].item
    assert (assemble(records, "shed") == mask_of(SHED)).all()
    with pytest.raises(SourceError, match=message):
        read_own_vectors(tmp_path, on_error="raise")


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_objects_without_a_class_are_told(tmp_path: Path, empty: str | None) -> None:
    write(tmp_path, "a.gpkg", [SHED, YARD], ["shed", empty])
    records = read_own_vectors(tmp_path)
    assert kinds(records) == ["category"]
    assert records.categories == ("shed",)


def test_crossing_outlines_are_repaired_and_counted(tmp_path: Path) -> None:
    write(tmp_path, "a.gpkg", [BOW_TIE, SHED], ["tie", "shed"])
    records = read_own_vectors(tmp_path, on_error="raise")
    assert kinds(records) == ["crossing"]
    assert "make_valid" in records.problems[0].message
    assert (assemble(records, "tie") == mask_of(shapely.make_valid(BOW_TIE))).all()


@pytest.mark.parametrize("lacking", ["raster", "layer"])
def test_one_crs_alone_is_told(tmp_path: Path, lacking: str) -> None:
    write_raster(tmp_path / "a.tif", crs=None if lacking == "raster" else UTM)
    write_layer(
        tmp_path / "a.gpkg", [SHED], {"class": ["shed"]}, written_crs="the same" if lacking == "raster" else None
    )
    records = read_own_vectors(tmp_path)
    assert kinds(records) == ["crs"]
    assert records.problems[0].file.endswith("a.tif" if lacking == "raster" else "a.gpkg")
    assert len(records) == 0
    with pytest.raises(SourceError, match="has no CRS"):
        read_own_vectors(tmp_path, on_error="raise")


def test_without_any_crs_coordinates_are_taken_as_they_are(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif", crs=None)
    write_layer(tmp_path / "a.gpkg", [SHED], {"class": ["shed"]}, written_crs=None)
    records = read_own_vectors(tmp_path, on_error="raise")
    assert (assemble(records, "shed") == mask_of(SHED)).all()


def test_layers_beside_the_raster_are_told(tmp_path: Path) -> None:
    far = shapely.transform(SHED, lambda points: points + 5000)
    write(tmp_path, "a.gpkg", [SHED, far], ["shed", "barn"])
    records = read_own_vectors(tmp_path, on_error="raise")  # a layer of a whole town is no fault
    assert kinds(records) == ["outside"]
    assert "1 objects lie beside" in records.problems[0].message
    (tmp_path / "a.gpkg").unlink()
    write(tmp_path, "a.gpkg", [far], ["barn"])
    assert kinds(read_own_vectors(tmp_path)) == ["outside"]
    with pytest.raises(SourceError, match="none of its 1 objects lies on a raster; check the CRS"):
        read_own_vectors(tmp_path, on_error="raise")


@pytest.mark.parametrize(
    ("content", "kind"),
    [("", "unreadable"), ("{", "unreadable"), ('{"type": "FeatureCollection", "features": []}', "missing")],
)
def test_empty_and_damaged_layers_are_told(tmp_path: Path, content: str, kind: str) -> None:
    write_raster(tmp_path / "a.tif")
    (tmp_path / "a.geojson").write_text(content)
    records = read_own_vectors(tmp_path)
    assert kinds(records) == [kind]
    assert len(records) == 0


def test_damaged_rasters_are_told(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "b.tif").write_bytes((tmp_path / "a.tif").read_bytes()[:90])
    records = read_own_vectors(tmp_path)
    assert kinds(records) == ["unreadable"]
    assert records.problems[0].file.endswith("b.tif")
    assert len(records) == 1


def test_windows_without_data_are_left_out_and_counted(tmp_path: Path) -> None:
    write(tmp_path)
    pixels = np.full((3, HEIGHT, WIDTH), 9, np.uint8)
    pixels[:, :, :32] = 0
    for number, (extra, options) in enumerate([(0, {"nodata": 0}), (1, {"photometric": "RGB", "alpha": "YES"})]):
        alpha = (pixels[:1] > 0).astype(np.uint8) * 255
        write_raster(tmp_path / "a.tif", pixels=np.concatenate([pixels, alpha]) if extra else pixels, **options)
        records = read_own_vectors(tmp_path, window_size=16, overlap=0)
        assert kinds(records) == ["nodata"], number
        assert "6 of 12 windows hold no data" in records.problems[0].message
        assert all(record.window is not None and record.window[0] >= 32 for record in records)


# Which file, layer and column


@pytest.mark.parametrize("column", ["class", "Class", "LABEL", "category", "type"])
def test_the_column_of_the_class_is_found(tmp_path: Path, column: str) -> None:
    write_raster(tmp_path / "a.tif")
    write_layer(tmp_path / "a.gpkg", [SHED], {"name": ["x"], column: ["shed"]})
    assert read_own_vectors(tmp_path).categories == ("shed",)


def test_the_column_can_be_named_or_replaced(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif")
    write_layer(tmp_path / "a.gpkg", [SHED, YARD], {"class": ["x", "y"], "code": [3, None], "height": [2.5, 3.0]})
    assert read_own_vectors(tmp_path, class_column="code").categories == ("3",)
    records = read_own_vectors(tmp_path, category="building", attribute_columns=["height"])
    assert records.categories == ("building",)
    assert [one.attributes for one in records[0].annotations] == [{"height": "2.5"}, {"height": "3.0"}]
    for options, message in (
        ({"class_column": "none"}, "no column 'none'; .* there are class, code, height"),
        ({"attribute_columns": ["colour"]}, "no column 'colour'"),
        ({"layer": "other"}, "no layer 'other' with geometries; there are 'a'"),
    ):
        with pytest.raises(SourceError, match=message):
            read_own_vectors(tmp_path, **options)  # type: ignore[arg-type]


def test_no_column_for_the_class_is_fatal(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif")
    write_layer(tmp_path / "a.gpkg", [SHED], {"osm_id": [1]})
    with pytest.raises(SourceError, match=r"no column tells the class; .* there are osm_id"):
        read_own_vectors(tmp_path)


def test_layers_of_a_file_are_read_together_or_alone(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif")
    for name, geometry in DRAWN.items():
        write_layer(tmp_path / "town.gpkg", [geometry], {"class": [name]}, layer=name)
    records = read_own_vectors(tmp_path, on_error="raise")
    assert records.categories == tuple(sorted(DRAWN))
    assert len({annotation.id for annotation in records[0].annotations}) == 3
    assert read_own_vectors(tmp_path, layer="lake").categories == ("lake",)


def test_vector_files_belong_to_the_rasters_of_their_names(tmp_path: Path) -> None:
    for name in ("town", "town_east", "village"):
        write_raster(tmp_path / f"{name}.tif")
    write_layer(tmp_path / "town_roofs.gpkg", [SHED], {"class": ["shed"]})
    write_layer(tmp_path / "town_east_roofs.gpkg", [YARD], {"class": ["yard"]})
    write_layer(tmp_path / "hamlet.gpkg", [YARD], {"class": ["yard"]})
    records = read_own_vectors(tmp_path)
    assert {record.id: [one.category for one in record.annotations] for record in records} == {
        "town_0_0": ["shed"],
        "town_east_0_0": ["yard"],
    }
    assert [(problem.kind, Path(problem.file).name) for problem in records.problems] == [
        ("missing", "hamlet.gpkg"),
        ("missing", "village.tif"),
    ]
    records = read_own_vectors(tmp_path, rasters=["village.tif"], vectors=["town_roofs.gpkg", "hamlet.gpkg"])
    assert [one.category for one in records[0].annotations] == ["shed", "yard"]


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda root: (root / "a.tif").unlink(), {}, "holds no rasters"),
        (lambda root: (root / "a.gpkg").unlink(), {}, "holds no vector files"),
        (lambda root: None, {"rasters": ["b.tif"]}, "no such file"),
        (lambda root: None, {"split": "train"}, "there are 'all'"),
        (lambda root: None, {"window_size": 8, "overlap": 8}, "smaller than the windows"),
    ],
)
def test_missing_files_and_options_are_fatal(
    tmp_path: Path, change: Callable[[Path], object], options: dict[str, Any], message: str
) -> None:
    write(tmp_path)
    change(tmp_path)
    with pytest.raises(ValueError, match=message):
        open_source("own-vectors", tmp_path, **options)


def test_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def without_pyogrio(name: str) -> Any:
        if name == "pyogrio":
            raise ImportError("No module named 'pyogrio'")
        return real(name)

    monkeypatch.setattr(importlib, "import_module", without_pyogrio)
    with pytest.raises(SourceError, match=r"needs pyogrio.*pip install 'remotesam\[geo\]'"):
        require_geo()


# Pixels


@pytest.mark.parametrize(
    ("bands", "dtype", "profile"),
    [
        (3, np.uint8, {}),
        (1, np.uint8, {}),
        (4, np.uint8, {}),
        (3, np.uint8, {"nodata": 7}),
        (4, np.uint8, {"photometric": "RGB", "alpha": "YES"}),
        (3, np.uint16, {}),
        (1, np.float32, {"nodata": -9999}),
    ],
)
def test_pixels_of_a_window_are_those_of_the_whole(
    tmp_path: Path, bands: int, dtype: type, profile: dict[str, Any]
) -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 9, (bands, HEIGHT, WIDTH)).astype(dtype) * dtype(7 if dtype == np.uint8 else 300)
    write(tmp_path)
    write_raster(tmp_path / "a.tif", pixels=pixels, **profile)
    whole = read_image(tmp_path / "a.tif")
    for record in read_own_vectors(tmp_path, window_size=16, overlap=4):
        assert record.window is not None
        left, top, width, height = record.window
        assert (read_pixels(record) == whole[top : top + height, left : left + width]).all()
