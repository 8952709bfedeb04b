"""An independent reader of captions: forms written by hand, and regular expressions for what English forbids."""

from __future__ import annotations

import re
from collections.abc import Iterable

# What was asked for: (article, singular, plural, after "no").
FORMS = {
    "ship": ("a", "ship", "ships", "ships"),
    "harbour": ("a", "harbour", "harbours", "harbours"),
    "bus": ("a", "bus", "buses", "buses"),
    "overpass": ("an", "overpass", "overpasses", "overpasses"),
    "airplanes": ("an", "airplane", "airplanes", "airplanes"),
    "parking lots": ("a", "parking lot", "parking lots", "parking lots"),
    "storage_tank": ("a", "storage tank", "storage tanks", "storage tanks"),
    "people": ("a", "person", "people", "people"),
    "wharf": ("a", "wharf", "wharves", "wharves"),
    "university": ("a", "university", "universities", "universities"),
    "SUV": ("an", "SUV", "SUVs", "SUVs"),
    "body of water": ("a", "body of water", "bodies of water", "bodies of water"),
    "aircraft": ("an", "aircraft", "aircraft", "aircraft"),
    "crossroads": ("a", "crossroads", "crossroads", "crossroads"),
    "grass": ("an", "area of grass", "areas of grass", "grass"),
    "bare soil": ("an", "area of bare soil", "areas of bare soil", "bare soil"),
    "farmland": ("an", "area of farmland", "areas of farmland", "farmland"),
}
MASS = {"grass", "bare soil", "farmland"}
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

_MANY = r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|1[3-9]|[2-9]\d|\d{3}|\d{1,3}(?:,\d{3})+)"
_SINGULAR_VERB = r"(?:is|was|stretches|covers)\b"
_PLURAL_VERB = r"(?:are|were|stretch|cover)\b"

# Nouns are replaced: S a singular, P a plural, E one that is both, M one that is not counted.
FORBIDDEN = (
    rf"{_MANY} [SM]\b",
    r"\b(?:one|an?|another) [PM]\b",
    r"(?:Both|both|All \S+|of the|Of the \S+) [SM]\b",
    rf"\b(?:S|It|one|One|one [SE]|One [SE]|[Oo]ne of the [PE]|the other|None of the \S+ categories) {_PLURAL_VERB}",
    rf"(?<!One of the )(?<!one of the )\bP {_SINGULAR_VERB}",
    rf"(?:{_MANY}|{_MANY.capitalize()})(?: E| of the [PE])? {_SINGULAR_VERB}",
    rf"(?:{_MANY} of them|they|the other {_MANY}|{_MANY} E) {_SINGULAR_VERB}",
    rf"(?:Both|All \S+|The {_MANY}) E {_SINGULAR_VERB}",
    rf"\bM {_PLURAL_VERB}",
    r"There is (?!an? )",
    r"There are (?:one|an?)\b",
    r"^\d|^[a-z]|[^.]$|\..|  | [,.]|[{}]|,,|\bthe the\b|\bno no\b",
)

_KNOWN = """
    a about across all almost an and another any are at be both bottom can categories category contains cover covers
    does elsewhere found image in is it left located lower middle no none not object objects of on one or other over
    right scattered scene seen show shows spread stretch stretches the them there they this together top upper was were
    whole with
"""


def tokens(sentence: str) -> str:
    """A sentence with its nouns replaced."""
    forms: dict[str, str] = {}
    for category, (_, singular, plural, absent) in FORMS.items():
        if category in MASS:
            forms[absent] = "M"
        forms |= {singular: "E", plural: "E"} if singular == plural else {singular: "S", plural: "P"}
    longest_first = sorted(forms, key=len, reverse=True)
    return re.sub(rf"\b(?:{'|'.join(longest_first)})\b", lambda found: forms[found.group()], sentence)


def faults(sentence: str, counts: dict[str, int]) -> list[str]:
    """What is wrong with a sentence; ``counts`` tell whether "aircraft" is one or many."""
    text = tokens(sentence)
    found = [f"{pattern!r} in {text!r}" for pattern in FORBIDDEN if re.search(pattern, text)]
    known = {"S", "P", "E", "M", *_KNOWN.split(), *WORDS}
    found += [f"unknown {word!r}" for word in re.findall(r"[A-Za-z]+", text) if not {word, word.lower()} & known]
    for category, count in {**dict.fromkeys(FORMS, 0), **counts}.items():
        article, singular, plural, _ = FORMS[category]
        other = "a" if article == "an" else "an"
        if re.search(rf"(?i)\b{other} {singular}\b", sentence):
            found.append(f"{other} {singular}")
        wrong = _PLURAL_VERB if count == 1 else _SINGULAR_VERB
        if singular == plural and count and re.search(rf"^The {singular} {wrong}", sentence):
            found.append(f"{sentence!r} for {count}")
    return found


def value(word: str) -> int:
    """The number that a word or digits say."""
    word = word.lower().replace(",", "")
    if word in ("a", "an"):
        return 1
    return WORDS.index(word) if word in WORDS else int(word)


def told(sentence: str) -> dict[str, int]:
    """The number of each category that an overview tells; others under ""."""
    found: dict[str, int] = {}
    for category, (_, singular, plural, _) in FORMS.items():
        for number in re.findall(rf"([\w,]+) (?:{plural}|{singular})\b", sentence):
            found[category] = value(number)
    for number in re.findall(r"([\w,]+) objects? of (?:another|\S+ other)", sentence):
        found[""] = value(number)
    return found


def placed(sentence: str, phrases: Iterable[str]) -> dict[str, int]:
    """How many a sentence with several places puts in each, by the phrase for the place."""
    verb = r"(?:is|are|stretch|stretches)"
    pattern = rf"([\w,]+)(?: of the [PE]| [SPE])? {verb} ({'|'.join(phrases)})"
    found = re.findall(pattern, tokens(sentence))
    return {phrase: 1 if number == "other" else value(number) for number, phrase in found}
