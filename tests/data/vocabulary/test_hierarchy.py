"""RSVocab-1K: names in any spelling, the tree, the 32 categories within it, and the class names of data sets."""

import doctest
import importlib
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotesam.data.vocabulary import (
    CATEGORIES,
    AmbiguousNameError,
    UnknownNameError,
    Vocabulary,
    resolve,
    rsvocab,
)
from remotesam.data.vocabulary.reading import read_file

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
# The data sets that readers exist for, and how many classes each has by its publisher, background left out.
CLASSES = {
    "dota": 18,
    "dota_v1": 18,
    "dota_v1.5": 18,
    "dota_v2": 18,
    "isaid": 16,  # 15, one in two spellings
    "dior": 20,
    "dior_r": 20,
    "dior_rsvg": 20,
    "hrrsd": 13,
    "nwpu_vhr10": 10,
    "hrplanes": 1,
    "rrsis_d": 20,
    "refsegrs": 14,
    "risbench": 26,
    "loveda": 7,  # 6, one in two spellings
    "potsdam": 5,
    "vaihingen": 5,
    "udd5": 4,
    "deepglobe": 6,
    "ucmerced": 21,
    "ucm_captions": 21,
    "ucmerced_multilabel": 17,
    "aid": 30,
    "rsicd": 30,
    "aid_multilabel": 17,
    "mlrsnet": 74,  # 46 scenes and 60 labels, 32 names in both
    "sydney_captions": 8,  # 7, one in two spellings
    "resisc45": 45,
    "patternnet": 38,
    "eurosat": 10,
    "fmow": 62,
    "fair1m": 37,
    "million_aid": 51,
}


@pytest.mark.parametrize("name", ["", "   ", "_", "zeppelin", "tank ship tank", "ship/boat", "the airplane", "船"])
def test_unknown_names_are_refused_with_the_nearest(name: str) -> None:
    assert rsvocab().find(name) is None
    assert name not in rsvocab()
    with pytest.raises(UnknownNameError, match="has no name"):
        rsvocab().resolve(name)


def test_the_nearest_names_are_told() -> None:
    with pytest.raises(ValueError, match="the nearest are 'storage tank', "):
        rsvocab().resolve("storrage tank")
    with pytest.raises(UnknownNameError, match="nor one like it"):
        rsvocab().resolve("q8z")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("storagetank", "storage tank"),
        ("Storage_Tanks", "storage tank"),
        ("storage-tank", "storage tank"),
        ("  STORAGE   tank ", "storage tank"),
        ("plane", "airplane"),
        ("Aircraft", "airplane"),
        ("jets", "airplane"),
        ("motorways", "freeway"),
        ("wharves", "wharf"),
        ("volcanoes", "volcano"),
        ("people", "person"),
        ("Harbours", "harbor"),
        ("drive-in theatre", "drive-in theater"),
        ("wind turbines", "windmill"),
        ("pier", "pier"),
        ("car", "car"),
        ("pond", "pond"),
        ("house", "house"),
        ("battle tank", "battle tank"),
        ("tank", "storage tank"),
        ("transportation", "transport"),
        ("agriculture", "agricultural land"),
        ("swimmimg_pool", "swimming pool"),  # only a data set spells it so
        ("harbor&port", "harbor"),
        ("Truck w/Box", "box truck"),
    ],
)
def test_names_are_resolved_however_written(name: str, expected: str) -> None:
    assert rsvocab().resolve(name).name == expected
    assert name in rsvocab()


@given(
    entry=st.sampled_from(list(rsvocab())),
    plural=st.booleans(),
    separator=st.sampled_from([" ", "_", "-", "", "  "]),
    case=st.sampled_from([str.lower, str.upper, str.title]),
)
def test_every_word_means_its_entry_in_any_spelling(entry, plural, separator, case) -> None:
    for pair in entry.terms:
        assert rsvocab().resolve(case(pair[plural].replace(" ", separator))) is entry


@given(st.text(max_size=30))
def test_any_text_is_found_or_refused(text: str) -> None:
    entry = rsvocab().find(text)
    if entry is None:
        with pytest.raises(ValueError):
            rsvocab().resolve(text)
    else:
        assert rsvocab().resolve(text) is entry


def test_a_data_set_has_its_own_meanings_and_its_background() -> None:
    vocabulary = rsvocab()
    assert vocabulary.resolve("Playground").name == "playground"
    assert vocabulary.resolve("Playground", dataset="aid").name == "ground track field"
    assert vocabulary.resolve("football field", dataset="patternnet").name == "american football field"
    assert vocabulary.resolve("freeway", dataset="aid").name == "freeway"  # not a class of it, but a word
    with pytest.raises(UnknownNameError, match="'Clutter' is what potsdam calls pixels of no category"):
        vocabulary.resolve("Clutter", dataset="potsdam")
    with pytest.raises(ValueError, match="dataset 'cityscapes' is unknown; known are dota, "):
        vocabulary.resolve("road", dataset="cityscapes")
    with pytest.raises(ValueError, match="dataset 'cityscapes' is unknown"):
        vocabulary.dataset_names("cityscapes")
    with pytest.raises(ValueError, match="dataset 'cityscapes' is unknown"):
        vocabulary.no_category_names("cityscapes")


def test_a_spelling_with_two_meanings_is_ambiguous() -> None:
    leaves = [{"name": "runway"}, {"name": "running track"}]
    tree = {"domains": [{"name": "all", "groups": [{"name": "strip", "leaves": leaves}]}]}
    datasets = {
        "datasets": {
            "a": {"names": {"track": "runway"}},
            "b": {"names": {"track": "running track"}},
            "c": {"names": {"Lane": "runway"}},
        }
    }
    vocabulary = Vocabulary(tree, datasets)
    assert vocabulary.resolve("lane").name == "runway"
    assert vocabulary.resolve("track", dataset="a").name == "runway"
    assert vocabulary.find("track") is None
    with pytest.raises(
        AmbiguousNameError, match="'track' means 'runway' in a; 'running track' in b; say which data set"
    ):
        vocabulary.resolve("track")


def test_a_word_for_two_entries_is_refused() -> None:
    leaves = [{"name": "pier", "synonyms": ["dock"]}, {"name": "dock"}]
    tree = {"domains": [{"name": "all", "groups": [{"name": "harbor", "leaves": leaves}]}]}
    with pytest.raises(ValueError, match="'dock' names both 'pier' and 'dock'"):
        Vocabulary(tree, {"datasets": {}})


def test_three_levels_without_orphans() -> None:
    vocabulary = rsvocab()
    assert 950 <= len(vocabulary.level(3)) <= len(vocabulary) <= 1100
    assert 10 <= len(vocabulary.level(1)) <= 15
    for entry in vocabulary:
        above = vocabulary.parents(entry.name)
        assert len(above) == entry.level - 1
        assert entry.parent == (above[0] if above else None)
        assert not above or entry.name in vocabulary.children(above[0])
        assert bool(vocabulary.children(entry.name)) == (entry.level < 3)
    with pytest.raises(ValueError, match=r"level is 1 \(domains\), 2 \(groups\) or 3 \(leaves\), got 4"):
        vocabulary.level(4)  # type: ignore[arg-type]


def test_children_parents_synonyms_and_plural() -> None:
    vocabulary = rsvocab()
    assert {"airport", "ship", "road", "bridge"} < set(vocabulary.children("transport"))
    assert "freeway" in vocabulary.children("Roads")
    assert vocabulary.children("freeway") == ()
    assert vocabulary.parents("freeways") == ("road", "transport")
    assert vocabulary.parents("transport") == ()
    assert "vessel" in vocabulary.synonyms("ship")
    assert vocabulary.plural("quay wall") == "quays"
    assert vocabulary.plural("sea ice") == "sea ice"


@pytest.mark.parametrize("name", CATEGORIES)
def test_the_32_categories_are_entries_and_their_words_agree(name: str) -> None:
    vocabulary = rsvocab()
    category = CATEGORIES[name]
    entry = vocabulary.resolve(name)
    assert (entry.name, entry.plural, entry.category) == (name, category.plural, name)
    assert vocabulary.confusable(name) == category.confusable
    for term in (term for pair in category.synonyms for term in pair):
        assert resolve(term) == vocabulary.resolve(term).category == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("wheat field", ("barley field", "oat field", "corn field", "sorghum field")),
        ("suspension bridge", CATEGORIES["bridge"].confusable),  # its siblings may be suspension bridges
        ("transport", ()),
    ],
)
def test_confusable(name: str, expected: tuple[str, ...]) -> None:
    assert rsvocab().confusable(name) == expected


def test_hard_negatives_are_other_entries_and_neither_above_nor_the_same() -> None:
    vocabulary = rsvocab()
    for entry in vocabulary:
        negatives = vocabulary.confusable(entry.name)
        same = {entry.name, *vocabulary.parents(entry.name), *vocabulary.children(entry.name), *entry.overlapping}
        assert len(set(negatives)) == len(negatives), entry.name
        assert not set(negatives) & same, entry.name
        assert not any(entry.name in vocabulary.resolve(other).overlapping for other in negatives), entry.name
        assert negatives or entry.level == 1, entry.name


@pytest.mark.parametrize("dataset", rsvocab().datasets)
def test_every_class_of_a_data_set_means_one_entry(dataset: str) -> None:
    vocabulary = rsvocab()
    names = vocabulary.dataset_names(dataset)
    if dataset in CLASSES:
        assert len(names) == CLASSES[dataset]
    for name, canonical in names.items():
        entry = vocabulary.resolve(name, dataset=dataset)
        assert entry.name == canonical
        assert name in entry.datasets[dataset]
    for name in vocabulary.no_category_names(dataset):
        assert vocabulary.find(name, dataset=dataset) is None


def test_no_data_set_of_a_reader_is_missing() -> None:
    assert set(CLASSES) <= set(rsvocab().datasets)


@pytest.mark.parametrize(
    ("name", "dataset", "category"),
    [
        ("plane", "dota", "airplane"),
        ("small-vehicle", "dota", "vehicle"),
        ("container-crane", "dota", "crane"),
        ("soccer-ball-field", "dota", "soccer field"),
        ("Expressway-toll-station", "dior", None),
        ("golffield", "dior", None),
        ("windmill", "dior", "windmill"),
        ("agricultural", "loveda", "farmland"),
        ("car", "potsdam", "vehicle"),
        ("cars", "ucmerced_multilabel", "vehicle"),
        ("Viaduct", "aid", "overpass"),
        ("Pond", "aid", "lake"),
        ("other-ship", "fair1m", "ship"),
    ],
)
def test_class_names_lead_to_the_categories_of_the_networks(name: str, dataset: str, category: str | None) -> None:
    assert rsvocab().resolve(name, dataset=dataset).category == category


@pytest.mark.parametrize(
    ("name", "scheme", "codes"),
    [
        ("evergreen forest", "nlcd", ("42",)),
        ("paddy field", "gbt", ("0101",)),
        ("mangrove forest", "nlcd", ("90",)),
        ("mangrove forest", "gbt", ("0303",)),
        ("medium residential area", "nlcd", ("22", "23")),
        ("wheat field", "nlcd", ("82",)),  # from its group
        ("forest clearing", "gbt", None),  # its group's taken away
        ("airplane", "gbt", None),
        ("glacier", "gap", None),
        ("alpine tundra", "gap", ("Polar & High Montane Scrub, Grassland & Barrens",)),
    ],
)
def test_land_cover_codes(name: str, scheme: str, codes: tuple[str, ...] | None) -> None:
    assert rsvocab().resolve(name).codes.get(scheme) == codes  # type: ignore[call-overload]


def test_every_code_of_nlcd_and_gbt_is_used_or_too_wide_for_an_entry() -> None:
    legend = {scheme: set(content["codes"]) for scheme, content in read_file("codes").items()}
    assert len(legend["nlcd"]) == 20
    assert sum(len(code) == 2 for code in legend["gbt"]) == 12
    assert sum(len(code) == 4 for code in legend["gbt"]) == 73
    used = {scheme: {c for entry in rsvocab() for c in entry.codes.get(scheme, ())} for scheme in legend}
    assert legend["nlcd"] - used["nlcd"] == set()
    assert legend["gbt"] - used["gbt"] == {"0404", "12"}  # other grassland, other land
    assert rsvocab().with_code("nlcd", "42") == ("evergreen forest",)
    assert rsvocab().with_code("nlcd", "99") == ()


def test_the_files_are_read_once_and_fast() -> None:
    tree, datasets = read_file("rsvocab"), read_file("datasets")
    start = time.process_time()  # not the clock: other processes may own the cores
    Vocabulary(tree, datasets)
    assert time.process_time() - start < 0.3
    assert rsvocab() is rsvocab()


@pytest.mark.parametrize("module", ["", ".entry", ".hierarchy", ".lookup", ".reading", ".shares", ".validation"])
def test_examples_in_the_documentation_are_true(module: str) -> None:
    tested = importlib.import_module(f"remotesam.data.vocabulary{module}")
    assert doctest.testmod(tested, optionflags=doctest.IGNORE_EXCEPTION_DETAIL).failed == 0


@pytest.mark.parametrize(
    ("dataset", "file"),
    [
        ("nwpu_vhr10", "nwpu_vhr10/instances_val.json"),
        ("dior", "dior_mini/instances.json"),
        ("hrplanes", "hrplanes/boxes_valid.json"),
    ],
)
def test_categories_of_real_coco_files(dataset: str, file: str) -> None:
    if not (SHARED / file).is_file():
        pytest.skip(f"{file} is not here")
    names = [category["name"] for category in json.loads((SHARED / file).read_text(encoding="utf-8"))["categories"]]
    meant = {rsvocab().resolve(name, dataset=dataset).name for name in names}
    assert meant == set(rsvocab().dataset_names(dataset).values())


def test_folders_of_the_real_aid() -> None:
    folders = SHARED / "aid150_rsicd" / "images"
    if not folders.is_dir():
        pytest.skip("AID is not here")
    assert {path.name for path in folders.iterdir()} == set(rsvocab().dataset_names("aid"))
