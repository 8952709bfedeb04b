"""The validator of RSVocab-1K: the shipped files are right, and every rule is noticed when broken."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from remotesam.data.vocabulary.__main__ import main
from remotesam.data.vocabulary.reading import nodes, read_file
from remotesam.data.vocabulary.validation import problems, shipped_problems

Files = dict[str, Any]


def node(files: Files, name: str) -> dict[str, Any]:
    return next(node for _, node, _ in nodes(files["rsvocab"]) if node["name"] == name)


def test_the_shipped_files_break_no_rule() -> None:
    assert shipped_problems() == []


def test_no_key_is_written_twice() -> None:
    # json keeps the last of two equal keys, so that a class name could silently lose its meaning.
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        assert len(set(keys)) == len(keys), sorted({key for key in keys if keys.count(key) > 1})
        return dict(pairs)

    from importlib.resources import files

    for name in ("rsvocab", "datasets", "codes"):
        text = files("remotesam.data.vocabulary").joinpath(f"{name}.json").read_text(encoding="utf-8")
        json.loads(text, object_pairs_hook=unique)


def _remove_leaf(files: Files, name: str) -> None:
    for _, parent, _ in nodes(files["rsvocab"]):
        if "leaves" in parent:
            parent["leaves"] = [leaf for leaf in parent["leaves"] if leaf["name"] != name]


BREAKS: list[tuple[Callable[[Files], object], str]] = [
    (lambda files: files["rsvocab"].pop("domains"), "needs domains with groups with leaves"),
    (lambda files: node(files, "road").pop("leaves"), "needs domains with groups with leaves"),
    (
        lambda files: node(files, "road").update(leaves=["freeway"]),
        "every entry is an object with a name, got 'freeway'",
    ),
    (lambda files: node(files, "road").update(leaves=[]), "'road' has no leaves"),
    (
        lambda files: node(files, "freeway").update(leaves=[{"name": "slow lane"}]),
        "'freeway' has leaves; level 3 takes",
    ),
    (lambda files: node(files, "freeway").update(sinonyms=["autobahn"]), "'freeway' has sinonyms"),
    (lambda files: node(files, "freeway").update(name="Free_Way"), "name 'Free_Way' in 'road' is not lower case"),
    (lambda files: node(files, "freeway").pop("name"), "name None in 'road' is not lower case"),
    (lambda files: node(files, "freeway").update(name="street"), "'street' is there 2 times"),
    (lambda files: node(files, "car").update(overlapping=["chariot"]), "'car' overlaps 'chariot', which is no entry"),
    (lambda files: files["rsvocab"]["domains"].__delitem__(slice(1, None)), "183 leaves; allowed are 950 to 1100"),
    (lambda files: files["rsvocab"]["domains"].__delitem__(slice(1, None)), "1 domains; allowed are 10 to 15"),
    (lambda files: node(files, "freeway").update(synonyms=["street"]), "'street' names both 'freeway' and 'street'"),
    (lambda files: node(files, "freeway").update(synonyms=["street s"]), "'streets' names both 'freeway'"),
    (lambda files: node(files, "freeway").update(synonyms=["free way"]), "'freeway' is there 2 times among the words"),
    (lambda files: node(files, "freeway").update(synonyms=["A road"]), "'A road' of 'freeway' is not lower case"),
    (lambda files: node(files, "oasis").pop("plural"), "plural of 'oasis': 'oasises' by rule, 'oases' by inflect"),
    (
        lambda files: node(files, "freeway").update(codes={"nlcd": ["20"]}),
        "'freeway' has the code '20', unknown to nlcd",
    ),
    (lambda files: node(files, "freeway").update(codes={"corine": ["1"]}), "has the code '1', unknown to corine"),
    (lambda files: node(files, "freeway").update(category="lane"), "'freeway' is of the category 'lane'; known are"),
    (
        lambda files: node(files, "pier").update(category=None),
        "'pier' is a word for the category 'harbor', here for 'pier'",
    ),
    (lambda files: _remove_leaf(files, "roundabout"), "the category 'roundabout' is no entry"),
    (lambda files: files["datasets"]["datasets"]["dota"]["names"].update(ufo="saucer"), "dota maps 'ufo' to 'saucer'"),
    (
        lambda files: files["datasets"]["datasets"]["dota"]["names"].update(Plane="airport"),
        "dota maps 'Plane' to both 'airplane' and 'airport'",
    ),
    (
        lambda files: files["datasets"]["datasets"]["loveda"]["no_category"].append("road"),
        "loveda has a name both with and without a category",
    ),
    (lambda files: files["datasets"]["datasets"]["dota"].pop("source"), "dota needs a title, a source and names"),
    (
        lambda files: files["datasets"]["datasets"]["dior_r"].update(same_as="dior_q"),
        "dior_r has the names of 'dior_q', which has no list",
    ),
]


@pytest.mark.parametrize(("damage", "message"), BREAKS, ids=[message for _, message in BREAKS])
def test_a_broken_rule_is_told(damage: Callable[[Files], object], message: str) -> None:
    files = {name: copy.deepcopy(read_file(name)) for name in ("rsvocab", "datasets", "codes")}
    damage(files)
    told = problems(files["rsvocab"], files["datasets"], files["codes"])
    assert any(message in problem for problem in told), told[:5]


def test_the_command_prints_a_row_a_domain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    printed = capsys.readouterr().out
    assert all(domain["name"] in printed for domain in read_file("rsvocab")["domains"])
    assert "no rule is broken" in printed


def test_the_command_fails_on_a_broken_rule(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("remotesam.data.vocabulary.__main__.problems", lambda *files: ["[pier] is wrong"])
    assert main() == 1
    assert "[pier] is wrong" in capsys.readouterr().out


def test_importing_the_vocabulary_reads_no_file_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, remotesam.data.vocabulary as vocabulary\n"
        "assert vocabulary.rsvocab.cache_info().currsize == 0\n"
        "assert not {'torch', 'numpy', 'inflect', 'rich'} & set(sys.modules), sorted(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
