"""The categories that the networks know by number: canonical names, plurals, synonyms, and what is easily confused."""

import re
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType


@dataclass(frozen=True)
class Category:
    """A category and the words people use for it.

    Attributes:
        name: Canonical singular, lower case with spaces.
        plural: Its plural.
        synonyms: ``(singular, plural)`` of other words for exactly the same thing.
        understood: ``(singular, plural)`` of words that are taken for it but that generated sentences do not use:
            narrower ones (not every airplane is an airliner) and those that only data sets use ("tennis field").
        includes: Canonical names of categories whose members are members of this one too (a truck is a vehicle).
        confusable: Canonical names of categories that look alike or appear together: the hard negatives.
        overlapping: Canonical names of categories whose objects may rightly be called this one too (a bridge carries a
            road); where one of them is present, nobody should be told that this one is absent.
    """

    name: str
    plural: str
    synonyms: tuple[tuple[str, str], ...] = ()
    understood: tuple[tuple[str, str], ...] = ()
    includes: tuple[str, ...] = ()
    confusable: tuple[str, ...] = ()
    overlapping: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[tuple[str, str], ...]:
        """``(singular, plural)`` of the name and of every word that is taken for it."""
        return ((self.name, self.plural), *self.synonyms, *self.understood)


_NAMES = {
    "airplane": ("airplanes", "plane/planes, aircraft/aircraft, aeroplane/aeroplanes; jet/jets, airliner/airliners"),
    "helicopter": ("helicopters", "chopper/choppers"),
    "ship": ("ships", "boat/boats, vessel/vessels, watercraft/watercraft"),
    "storage tank": (
        "storage tanks",
        "oil tank/oil tanks, fuel tank/fuel tanks, tank/tanks, oil storage tank/oil storage tanks",
    ),
    "baseball diamond": (
        "baseball diamonds",
        "baseball field/baseball fields, ball field/ball fields; baseball pitch/baseball pitches, ballpark/ballparks",
    ),
    "tennis court": ("tennis courts", "; tennis field/tennis fields"),
    "basketball court": ("basketball courts", "; basketball field/basketball fields"),
    "soccer field": (
        "soccer fields",
        "football field/football fields, football pitch/football pitches, soccer pitch/soccer pitches; "
        "soccer ball field/soccer ball fields",
    ),
    "ground track field": (
        "ground track fields",
        "athletic track/athletic tracks, running track/running tracks, track field/track fields, "
        "athletics track/athletics tracks, track and field stadium/track and field stadiums",
    ),
    "harbor": ("harbors", "dock/docks, pier/piers, port/ports, marina/marinas, wharf/wharves, jetty/jetties"),
    "bridge": ("bridges", "; river bridge/river bridges"),
    "vehicle": ("vehicles", "car/cars, automobile/automobiles, motor vehicle/motor vehicles"),
    "truck": ("trucks", "lorry/lorries"),
    "building": ("buildings", "house/houses, rooftop/rooftops, roof/roofs"),
    "swimming pool": ("swimming pools", "pool/pools"),
    "roundabout": ("roundabouts", "traffic circle/traffic circles, rotary/rotaries"),
    "windmill": ("windmills", "wind turbine/wind turbines, turbine/turbines"),
    "road": ("roads", "street/streets; highway/highways"),
    "tree": ("trees", ""),
    "parking lot": ("parking lots", "car park/car parks, parking area/parking areas"),
    "runway": ("runways", "airstrip/airstrips"),
    "river": ("rivers", "stream/streams"),
    "lake": ("lakes", "pond/ponds"),
    "beach": ("beaches", "shore/shores"),
    "farmland": ("farmlands", "cropland/croplands, farm field/farm fields"),
    "forest": ("forests", "woodland/woodlands, wood/woods"),
    "container": ("containers", "shipping container/shipping containers"),
    "crane": ("cranes", "container crane/container cranes, harbor crane/harbor cranes"),
    "greenhouse": ("greenhouses", "glasshouse/glasshouses"),
    "solar panel": ("solar panels", "solar array/solar arrays, photovoltaic panel/photovoltaic panels"),
    "stadium": ("stadiums", "arena/arenas"),
    "overpass": ("overpasses", "flyover/flyovers, viaduct/viaducts"),
}
"""Plural and the synonyms, "singular/plural", of every category; after ";" those that are only understood."""

_CONFUSABLE = {
    "airplane": "helicopter, vehicle, windmill, ship",
    "helicopter": "airplane, windmill, vehicle",
    "ship": "harbor, vehicle, bridge, container, airplane",
    "storage tank": "roundabout, swimming pool, baseball diamond, building",
    "baseball diamond": "ground track field, tennis court, soccer field, farmland",
    "tennis court": "basketball court, swimming pool, soccer field, parking lot",
    "basketball court": "tennis court, parking lot, soccer field, swimming pool",
    "soccer field": "tennis court, baseball diamond, farmland, basketball court",
    "ground track field": "baseball diamond, roundabout, tennis court, swimming pool",
    "harbor": "ship, bridge, runway, beach",
    "bridge": "harbor, road, runway, river",
    "vehicle": "airplane, ship, container, building",
    "truck": "container, ship, building",
    "building": "storage tank, parking lot, container, tennis court",
    "swimming pool": "tennis court, lake, storage tank, basketball court",
    "roundabout": "storage tank, ground track field, stadium, baseball diamond",
    "windmill": "airplane, helicopter, crane",
    "road": "runway, river",
    "tree": "building, farmland, greenhouse",
    "parking lot": "basketball court, tennis court, runway, building",
    "runway": "road, bridge, river",
    "river": "road, runway",
    "lake": "swimming pool, farmland",
    "beach": "harbor, runway, river",
    "farmland": "soccer field, forest, lake",
    "forest": "farmland, lake",
    "container": "truck, vehicle, building, ship",
    "crane": "windmill, bridge, harbor",
    "greenhouse": "solar panel, swimming pool",
    "solar panel": "greenhouse, tennis court, parking lot",
    "stadium": "roundabout, storage tank",
    "overpass": "harbor, runway",
}

_INCLUDES = {"vehicle": "truck"}

_OVERLAPPING = {
    "baseball diamond": "stadium",
    "bridge": "overpass",
    "building": "greenhouse, stadium",
    "forest": "tree",
    "ground track field": "stadium",
    "lake": "river",
    "overpass": "bridge",
    "river": "lake",
    "road": "overpass, bridge",
    "soccer field": "ground track field, stadium",
    "stadium": "ground track field",
    "tree": "forest",
    "truck": "vehicle",
}


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split(", ")) if text else ()


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((pair.partition("/")[0], pair.partition("/")[2]) for pair in _split(text.strip()))


def _category(name: str) -> Category:
    plural, words = _NAMES[name]
    synonyms, _, understood = words.partition(";")
    return Category(
        name=name,
        plural=plural,
        synonyms=_pairs(synonyms),
        understood=_pairs(understood),
        includes=_split(_INCLUDES.get(name, "")),
        confusable=_split(_CONFUSABLE[name]),
        overlapping=_split(_OVERLAPPING.get(name, "")),
    )


CATEGORIES = MappingProxyType({name: _category(name) for name in _NAMES})
"""Every known category by its canonical name."""

_SPELLING = {"harbour": "harbor", "harbours": "harbors", "centre": "center", "grey": "gray", "colour": "color"}


def normalise(text: str) -> str:
    """Lower case, ``_`` and ``-`` as spaces, single spaces, American spelling.

    Example:
        >>> normalise("Storage_Tank"), normalise("the  Harbours")
        ('storage tank', 'the harbors')
    """
    words = re.sub(r"[\s_\-]+", " ", text).strip().lower().split(" ")
    return " ".join(_SPELLING.get(word, word) for word in words)


@cache
def _terms() -> dict[str, str]:
    terms: dict[str, str] = {}
    for category in CATEGORIES.values():
        for pair in category.terms:
            for term in pair:
                if terms.setdefault(term, category.name) != category.name:
                    raise AssertionError(f"{term!r} names both {terms[term]!r} and {category.name!r}")
    return terms


@cache
def _joined_terms() -> dict[str, str]:
    return {term.replace(" ", ""): name for term, name in _terms().items()}


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_terms(), key=lambda term: (-len(term), term))
    return re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b")


def resolve(name: str) -> str:
    """Return the canonical name of a category, however it is written.

    Args:
        name: A name, plural or synonym, in any case, with spaces, ``_``, ``-`` or nothing between the words.

    Raises:
        ValueError: The name is not in the vocabulary.

    Example:
        >>> resolve("plane"), resolve("storagetank"), resolve("Harbours"), resolve("Tennis_Court")
        ('airplane', 'storage tank', 'harbor', 'tennis court')
    """
    text = normalise(name)
    found = _terms().get(text) or _joined_terms().get(normalise(text.replace(" ", "")))
    if found is None:
        raise ValueError(f"unknown category {name!r}; known are {', '.join(CATEGORIES)} and their synonyms")
    return found


def canonical(name: str) -> str:
    """Return ``resolve(name)``, or for a name outside the vocabulary its normalised form (never an error).

    Example:
        >>> canonical("Oil_Tank"), canonical("Golf-Course")
        ('storage tank', 'golf course')
    """
    text = normalise(name)
    return _terms().get(text) or _joined_terms().get(normalise(text.replace(" ", ""))) or text


def category(name: str) -> Category:
    """Return the entry of a canonical name; for one outside the vocabulary, an entry with a regular English plural.

    Example:
        >>> category("golf course").plural, category("refinery").plural
        ('golf courses', 'refineries')
    """
    return CATEGORIES.get(name) or Category(name, pluralise(name))


def pluralise(noun: str) -> str:
    """Return the regular English plural of a noun phrase.

    Example:
        >>> pluralise("church"), pluralise("gas station"), pluralise("railway")
        ('churches', 'gas stations', 'railways')
    """
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(s|x|z|ch|sh)$", noun) else "s")


def mentioned(sentence: str) -> list[str]:
    """Return the canonical names mentioned in a sentence, in order, each once; longer terms win over shorter ones.

    Example:
        >>> mentioned("The car park next to the oil tanks")
        ['parking lot', 'storage tank']
    """
    found = (_terms()[match] for match in _pattern().findall(normalise(sentence)))
    return list(dict.fromkeys(found))
