"""Names of what can be seen from above: canonical names, plurals, synonyms, and which categories are easily confused."""

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
        includes: Canonical names of categories whose members are members of this one too (a truck is a vehicle).
        confusable: Canonical names of categories that look alike or appear together: the hard negatives.
        overlapping: Canonical names of categories of which one object may rightly be called either; where one is present,
            nobody should be told that the other is absent.
    """

    name: str
    plural: str
    synonyms: tuple[tuple[str, str], ...] = ()
    includes: tuple[str, ...] = ()
    confusable: tuple[str, ...] = ()
    overlapping: tuple[str, ...] = ()


def _category(
    name: str,
    plural: str,
    synonyms: str = "",
    *,
    includes: str = "",
    confusable: str = "",
    overlapping: str = "",
) -> Category:
    def names(text: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())

    pairs = tuple((singular, plural) for singular, _, plural in (part.partition("|") for part in names(synonyms)))
    return Category(name, plural, pairs, names(includes), names(confusable), names(overlapping))


_ALL = (
    _category(
        "airplane", "airplanes", "plane|planes, aircraft|aircraft, jet|jets, aeroplane|aeroplanes, airliner|airliners",
        confusable="helicopter, vehicle, windmill, ship",
    ),
    _category("helicopter", "helicopters", "chopper|choppers", confusable="airplane, windmill, vehicle"),
    _category(
        "ship", "ships", "boat|boats, vessel|vessels, watercraft|watercraft",
        confusable="harbor, vehicle, bridge, container, airplane",
    ),
    _category(
        "storage tank", "storage tanks",
        "oil tank|oil tanks, fuel tank|fuel tanks, tank|tanks, oil storage tank|oil storage tanks",
        confusable="roundabout, swimming pool, baseball diamond, building",
    ),
    _category(
        "baseball diamond", "baseball diamonds",
        "baseball field|baseball fields, ball field|ball fields, baseball pitch|baseball pitches, ballpark|ballparks",
        confusable="ground track field, tennis court, soccer field, farmland", overlapping="stadium",
    ),
    _category(
        "tennis court", "tennis courts", "tennis field|tennis fields",
        confusable="basketball court, swimming pool, soccer field, parking lot",
    ),
    _category(
        "basketball court", "basketball courts", "basketball field|basketball fields",
        confusable="tennis court, parking lot, soccer field, swimming pool",
    ),
    _category(
        "soccer field", "soccer fields",
        "football field|football fields, football pitch|football pitches, soccer pitch|soccer pitches, "
        "soccer ball field|soccer ball fields",
        confusable="tennis court, baseball diamond, farmland, basketball court", overlapping="ground track field, stadium",
    ),
    _category(
        "ground track field", "ground track fields",
        "athletic track|athletic tracks, running track|running tracks, track field|track fields, athletics track|"
        "athletics tracks, track and field stadium|track and field stadiums",
        confusable="baseball diamond, roundabout, tennis court, swimming pool", overlapping="soccer field, stadium",
    ),
    _category(
        "harbor", "harbors", "dock|docks, pier|piers, port|ports, marina|marinas, wharf|wharves, jetty|jetties",
        confusable="ship, bridge, runway, beach",
    ),
    _category(
        "bridge", "bridges", "river bridge|river bridges", confusable="harbor, road, runway, river", overlapping="overpass",
    ),
    _category(
        "vehicle", "vehicles", "car|cars, automobile|automobiles, motor vehicle|motor vehicles",
        includes="truck", confusable="airplane, ship, container, building",
    ),
    _category("truck", "trucks", "lorry|lorries", confusable="container, ship, building", overlapping="vehicle"),
    _category(
        "building", "buildings", "house|houses, rooftop|rooftops, roof|roofs",
        confusable="storage tank, parking lot, container, tennis court", overlapping="greenhouse, stadium",
    ),
    _category("swimming pool", "swimming pools", "pool|pools", confusable="tennis court, lake, storage tank, basketball court"),
    _category(
        "roundabout", "roundabouts", "traffic circle|traffic circles, rotary|rotaries",
        confusable="storage tank, ground track field, stadium, baseball diamond",
    ),
    _category(
        "windmill", "windmills", "wind turbine|wind turbines, turbine|turbines", confusable="airplane, helicopter, crane",
    ),
    _category(
        "road", "roads", "street|streets, highway|highways", confusable="runway, river, bridge", overlapping="overpass, bridge",
    ),
    _category("tree", "trees", "", confusable="building, farmland, greenhouse", overlapping="forest"),
    _category(
        "parking lot", "parking lots", "car park|car parks, parking area|parking areas",
        confusable="basketball court, tennis court, runway, building",
    ),
    _category("runway", "runways", "airstrip|airstrips", confusable="road, bridge, river"),
    _category("river", "rivers", "stream|streams", confusable="road, lake, runway", overlapping="lake"),
    _category("lake", "lakes", "pond|ponds", confusable="swimming pool, river, farmland", overlapping="river"),
    _category("beach", "beaches", "shore|shores", confusable="harbor, runway, river"),
    _category("farmland", "farmlands", "cropland|croplands, farm field|farm fields", confusable="soccer field, forest, lake"),
    _category("forest", "forests", "woodland|woodlands, wood|woods", confusable="farmland, lake", overlapping="tree"),
    _category(
        "container", "containers", "shipping container|shipping containers", confusable="truck, vehicle, building, ship",
    ),
    _category(
        "crane", "cranes", "container crane|container cranes, harbor crane|harbor cranes",
        confusable="windmill, bridge, harbor",
    ),
    _category(
        "greenhouse", "greenhouses", "glasshouse|glasshouses", confusable="solar panel, swimming pool", overlapping="building",
    ),
    _category(
        "solar panel", "solar panels", "solar array|solar arrays, photovoltaic panel|photovoltaic panels",
        confusable="greenhouse, tennis court, parking lot",
    ),
    _category(
        "stadium", "stadiums", "arena|arenas", confusable="roundabout, storage tank",
        overlapping="building, ground track field, soccer field, baseball diamond",
    ),
    _category(
        "overpass", "overpasses", "flyover|flyovers, viaduct|viaducts", confusable="harbor, runway", overlapping="bridge, road",
    ),
)

CATEGORIES = MappingProxyType({category.name: category for category in _ALL})
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
        for pair in ((category.name, category.plural), *category.synonyms):
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
    """Return the canonical names mentioned in a sentence, in order, each once; longer terms win over the shorter inside.

    Example:
        >>> mentioned("The car park next to the oil tanks")
        ['parking lot', 'storage tank']
    """
    found = (_terms()[match] for match in _pattern().findall(normalise(sentence)))
    return list(dict.fromkeys(found))
