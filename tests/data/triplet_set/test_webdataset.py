import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from remotesam.data.triplet_set import TripletRow, TripletSet, TripletSetError, TripletSetWriter, export_webdataset
from tests.data_factories.pictures import save
from tests.data_factories.triplet_sets import HEIGHT, SHIP, WIDTH, files, row, write_set


@pytest.fixture
def triplets(tmp_path: Path) -> TripletSet:
    write_set(tmp_path / "set")
    return TripletSet(tmp_path / "set")


def read(folder: Path) -> dict[str, bytes]:
    """All members of all shards by name."""
    found = {}
    for shard in sorted(folder.glob("*.tar")):
        with tarfile.open(shard) as tar:
            for member in tar:
                stream = tar.extractfile(member)
                assert stream is not None
                found[member.name] = stream.read()
    return found


@pytest.mark.parametrize("options", [{"pictures": 0}, {"on_error": "ignore"}])
def test_wrong_options_are_refused(triplets, tmp_path, options):
    with pytest.raises(ValueError, match=next(iter(options))):
        export_webdataset(triplets, tmp_path / "out", **options)


def test_an_empty_view_gives_no_shard(triplets, tmp_path):
    assert export_webdataset(triplets[:0], tmp_path / "out") == []
    assert sorted(files(tmp_path / "out")) == ["export.json"]


def test_every_picture_comes_once_with_all_its_rows(triplets, tmp_path):
    assert export_webdataset(triplets, tmp_path / "out", pictures=4) == []
    assert len(list((tmp_path / "out").glob("shard-*.tar"))) == 3
    members = read(tmp_path / "out")
    rows: list[TripletRow] = []
    for name in sorted(name for name in members if name.endswith(".json")):
        about = json.loads(members[name])
        stored = members[name.replace(".json", ".png")]
        assert stored == (triplets.folder / about["image"]).read_bytes()
        for entry in about.pop("triplets"):
            fields = {**about, **entry, "attributes": tuple(entry["attributes"])}
            rows.append(TripletRow(**{**fields, "box": entry["box"] and tuple(entry["box"])}))
    assert rows == list(triplets)


def test_windows_are_cut_out(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    save(tmp_path / "set" / "images" / "big.png", pixels)
    with TripletSetWriter(tmp_path / "set", settings={}) as writer:
        writer.add([row("the ship", [SHIP], image="images/big.png", window=(9, 8, WIDTH, HEIGHT))])
    export_webdataset(TripletSet(tmp_path / "set"), tmp_path / "out")
    members = read(tmp_path / "out")
    stored = np.asarray(Image.open(io.BytesIO(members["00000000.png"])))
    assert np.array_equal(stored, pixels[8 : 8 + HEIGHT, 9 : 9 + WIDTH])
    assert json.loads(members["00000000.json"])["window"] == [9, 8, WIDTH, HEIGHT]


def test_an_export_that_was_stopped_goes_on_to_the_same_files(triplets, tmp_path):
    export_webdataset(triplets, tmp_path / "whole", pictures=3)
    hidden = triplets.folder / "images" / "7.png"
    content = hidden.read_bytes()
    hidden.unlink()
    with pytest.raises(TripletSetError, match=r"images/7.png: the image is missing"):
        export_webdataset(triplets, tmp_path / "out", pictures=3)
    assert 0 < len(list((tmp_path / "out").glob("*.tar"))) < 4 and not list((tmp_path / "out").glob(".*"))
    hidden.write_bytes(content)
    export_webdataset(triplets, tmp_path / "out", pictures=3)
    assert files(tmp_path / "out") == files(tmp_path / "whole")


@pytest.mark.parametrize(
    ("damage", "kind"),
    [(None, "missing"), (b"no picture", "unreadable"), (np.zeros((HEIGHT, WIDTH + 1, 3), np.uint8), "size")],
)
def test_pictures_that_cannot_be_read_are_told(triplets, tmp_path, damage, kind):
    path = triplets.folder / "images" / "4.png"
    path.unlink()
    if isinstance(damage, bytes):
        path.write_bytes(damage)
    elif damage is not None:
        save(path, damage)
    (problem,) = export_webdataset(triplets, tmp_path / "out", on_error="skip")
    assert (problem.file, problem.kind) == ("images/4.png", kind)
    assert len(read(tmp_path / "out")) == 2 * (len({r.image for r in triplets}) - 1)


def test_exports_do_not_mix(triplets, tmp_path):
    export_webdataset(triplets, tmp_path / "out")
    for other in (triplets.filter(split="val"), triplets[1:]):
        with pytest.raises(TripletSetError, match="holds an export of another set"):
            export_webdataset(other, tmp_path / "out")
    with pytest.raises(TripletSetError, match="is not empty"):
        export_webdataset(triplets, triplets.folder)


def test_the_webdataset_library_reads_it(triplets, tmp_path):
    webdataset = pytest.importorskip("webdataset")
    export_webdataset(triplets, tmp_path / "out", pictures=4)
    shards = sorted(str(path) for path in (tmp_path / "out").glob("*.tar"))
    samples = list(webdataset.WebDataset(shards, shardshuffle=False).decode("rgb8"))
    assert [sample["json"]["image"] for sample in samples] == list(dict.fromkeys(r.image for r in triplets))
    assert samples[0]["png"].shape == (HEIGHT, WIDTH, 3)
