"""The sixteen kinds of attributes that a sentence can give an object, each defined here and nowhere else.

Published statistics count such kinds (colour, size, position, relation, state, material, shape ...) without lists of
words; these lists make the count repeatable. A kind of object ("cargo ship") is its category, not an attribute.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class AttributeType:
    """A kind of attribute.

    Attributes:
        name: One word.
        meaning: What it says of an object.
        values: Value -> the words for it, in American spelling, without hyphens.
    """

    name: str
    meaning: str
    values: Mapping[str, tuple[str, ...]]


def _type(name: str, meaning: str, values: str) -> AttributeType:
    """Values are parted by ";", each "value: word, word" or only a word that is its own value."""
    parsed = {}
    for entry in values.split(";"):
        value, _, words = entry.partition(":")
        parsed[value.strip()] = tuple(word.strip() for word in (words or value).split(","))
    return AttributeType(name, meaning, MappingProxyType(parsed))


_ALL = (
    _type(
        "colour",
        "The hue that people would name, or that there is none.",
        "white: white, whitish; black: black, blackish; gray: gray, grayish; red: red, reddish; "
        "orange: orange; yellow: yellow, yellowish; green: green, greenish; blue: blue, bluish; "
        "brown: brown, brownish; pink; purple: purple, violet; beige: beige, tan, cream, cream colored; "
        "silver: silver, silvery; golden: golden, gold; turquoise: turquoise, cyan, teal; maroon; "
        "multicolored: multicolored, colorful, colored in, many colored, multi colored",
    ),
    _type(
        "brightness",
        "How light or dark it looks.",
        "light: light, lighter, pale, light colored; dark: dark, darker, dark colored, dim; "
        "bright: bright, brighter, brightly; shadowed: shadowed, shaded, in shadow, in the shadow, in the shade",
    ),
    _type(
        "size",
        "Its extent by itself, in one word.",
        "large: large, big, sizable, sizeable, large sized; huge: huge, giant, enormous, massive, vast, very large; "
        "medium: medium sized, medium size, mid sized, middle sized, moderate, moderately sized; "
        "small: small, little, small sized; tiny: tiny, minute, very small, miniature; "
        "long: long, elongated; short: short; wide: wide, broad; narrow: narrow, thin, slim, slender; "
        "tall: tall, multi story; low: single story, low lying; thick; deep; shallow",
    ),
    _type(
        "comparison",
        "Its extent compared with others of its kind or with another object.",
        "largest: largest, biggest, most extensive; smallest: smallest, tiniest, littlest; longest; shortest; "
        "widest: widest, broadest; narrowest: narrowest, thinnest; tallest: tallest, highest; brightest; darkest; "
        "larger: larger than, bigger than, larger, bigger; smaller: smaller than, smaller; longer: longer than, longer;"
        " shorter: shorter than, shorter; wider: wider than, wider; narrower: narrower than, narrower, thinner; "
        "taller: taller than, taller; same size: same size, equal in size, equally sized, similar size, similar "
        "in size",
    ),
    _type(
        "shape",
        "The form of its outline.",
        "round: round, rounded, circular, circle shaped, disc shaped; oval: oval, elliptical, ellipse shaped; "
        "square: square, square shaped; rectangular: rectangular, rectangle shaped, oblong; "
        "triangular: triangular, triangle shaped; polygonal: polygonal, hexagonal, octagonal, pentagonal; "
        "trapezoidal: trapezoidal, trapezoid; semicircular: semicircular, half round, crescent, crescent shaped; "
        "curved: curved, curving, bent, arched, arc shaped, bending; straight: straight; "
        "winding: winding, meandering, snaking, zigzag, twisting; ring: ring shaped, annular, doughnut shaped; "
        "cross: cross shaped, crossed, t shaped, l shaped, u shaped, h shaped, x shaped, y shaped, v shaped; "
        "star: star shaped; fan: fan shaped; diamond: diamond shaped; irregular: irregular, irregularly shaped; "
        "regular: regular, regularly shaped; cylindrical: cylindrical, cylinder shaped; spherical: spherical, "
        "dome shaped,"
        " domed; conical: conical, cone shaped; pointed: pointed, sharp; flat: flat",
    ),
    _type(
        "orientation",
        "The way it lies or points.",
        "horizontal: horizontal, horizontally, crosswise; vertical: vertical, vertically, upright; "
        "diagonal: diagonal, diagonally, slanted, slanting, tilted, oblique, sloping; "
        "parallel: parallel, parallel to; perpendicular: perpendicular, perpendicular to, at right angles to; "
        "to the left: facing left, pointing left, facing the left, facing to the left, pointing to the left, "
        "heading left;"
        " to the right: facing right, pointing right, facing the right, facing to the right, pointing to the right, "
        "heading right; up: facing up, pointing up, facing upwards, pointing upwards, facing the top; "
        "down: facing down, pointing down, facing downwards, pointing downwards, facing the bottom; "
        "north: facing north, north facing, pointing north, heading north; south: facing south, south facing, "
        "pointing south, heading south; east: facing east, east facing, pointing east, heading east; "
        "west: facing west, west facing, pointing west, heading west; north-south: north south, from north to south; "
        "east-west: east west, from east to west, from west to east",
    ),
    _type(
        "position",
        "Where it is in the picture.",
        "left: left, left hand; right: right, right hand; top: top, upper; bottom: bottom, lower; "
        "upper left: upper left, top left, left top, left upper, upper left hand, upper left corner, top left corner; "
        "upper right: upper right, top right, right top, right upper, upper right hand, "
        "upper right corner, top right corner; "
        "lower left: lower left, bottom left, left bottom, left lower, lower left hand, "
        "lower left corner, bottom left corner; "
        "lower right: lower right, bottom right, right bottom, right lower, lower right hand, "
        "lower right corner, bottom right corner; "
        "middle: middle, center, central, centrally, centered, mid; middle left: middle left, center left, left "
        "middle; "
        "middle right: middle right, center right, right middle; upper middle: upper middle, top middle, top center, "
        "upper center; lower middle: lower middle, bottom middle, bottom center, lower center; "
        "leftmost: leftmost, left most, furthest to the left, farthest to the left, far left; "
        "rightmost: rightmost, right most, furthest to the right, farthest to the right, far right; "
        "topmost: topmost, uppermost, highest up; bottommost: bottommost, lowest, lowermost; corner; "
        "edge: edge, border, margin, at the side; north: northern, in the north; south: southern, in the south; "
        "east: eastern, in the east; west: western, in the west; northeast: northeast, northeastern; "
        "northwest: northwest, northwestern; southeast: southeast, southeastern; southwest: southwest, southwestern",
    ),
    _type(
        "relation",
        "How it lies to other objects.",
        "next to: next to, beside, adjacent to, alongside, neighboring, bordering, adjoining, abutting; "
        "near: near, nearby, close to, in the vicinity of, not far from; nearest: nearest, nearest to, closest, "
        "closest to;"
        " far from: far from, away from, far away from, furthest from, farthest from; between: between, in between; "
        "left of: left of, to the left of, on the left of, on the left side of, at the left of; "
        "right of: right of, to the right of, on the right of, on the right side of, at the right of; "
        "above: above, over, on top of; below: below, beneath, under, underneath; in front of; behind; "
        "inside: inside, within, inside of, enclosed by, encircled by; outside: outside, outside of; "
        "around: around, surrounding, encircling; surrounded by: surrounded by, surrounded with, bordered by, "
        "flanked by, "
        "lined with, lined by; along; opposite: opposite, opposite to, across from; beyond; "
        "connected to: connected to, attached to, joined to, linked to, connected with, connecting, linking; "
        "crossing: crossing, across, passing through, running through, spanning, intersecting; among: among, "
        "amid, amidst;"
        " touching; north of: north of, to the north of; south of: south of, to the south of; east of: east of, "
        "to the east of; west of: west of, to the west of; at the end of: at the end of; on the side of: on the "
        "side of, "
        "by the side of, on either side of, on both sides of",
    ),
    _type(
        "surroundings",
        "The ground or place that it is on or in.",
        "water: water, waters; sea: sea, ocean, open sea, bay; river: river, stream, canal; lake: lake, pond; "
        "harbor: harbor, port, marina, dock, pier, berth; shore: shore, coast, beach, bank, shoreline, riverbank; "
        "land: land, ground; road: road, highway, street, freeway, lane; runway: runway, taxiway; "
        "airport: airport, apron, tarmac, airfield; parking lot: parking lot, car park, parking area, parking space; "
        "grass: grass, lawn, grassland, meadow; field: field, farmland, cropland; forest: forest, woods, trees; "
        "desert: desert, sand, bare land; city: city, town, village, residential area, urban area; "
        "industrial area: industrial area, factory area; mountain: mountain, mountains, hill, slope, valley; "
        "yard: yard, courtyard, garden, park; snow: snow, ice",
    ),
    _type(
        "arrangement",
        "How the members of a group, or what it consists of, lie to each other.",
        "in a row: in a row, row of, in a line, in one row, lined up, in line, side by side, aligned, line of; "
        "in rows: in rows, rows of, rows and columns, in columns; clustered: clustered, cluster of, grouped, group of, "
        "in a group, in groups, gathered, clustered together; scattered: scattered, dispersed, spread out, spread; "
        "dense: dense, densely, crowded, closely packed, packed, compact, tightly packed, thick growing; "
        "sparse: sparse, sparsely, sparse growing; orderly: orderly, neatly, neat, evenly spaced, evenly, in order, "
        "well arranged, regularly arranged; disorderly: disorderly, messy, chaotic, randomly, jumbled, disordered; "
        "isolated: isolated, alone, solitary, standalone, lone, by itself; stacked: stacked, piled, piled up",
    ),
    _type(
        "count",
        "How many there are.",
        "1: single, only, exactly one, only one, sole; 2: two, pair of, both, couple of, twin; 3: three; 4: "
        "four; 5: five;"
        " 6: six; 7: seven; 8: eight; 9: nine; 10: ten; 11: eleven; 12: twelve, dozen; "
        "several: several, some, few, a few; many: many, multiple, numerous, lots of, a lot of, dozens of, plenty of",
    ),
    _type(
        "pattern",
        "Regular marks on its surface.",
        "striped: striped, stripes, with stripes, banded; checkered: checkered, chequered, checkerboard; "
        "grid: gridded, grid, grid like, latticed; marked: marked, markings, with markings, painted lines, lines; "
        "dotted: dotted, spotted, speckled; concentric; radial: radial, radiating; patterned: patterned, pattern; "
        "terraced; mosaic: mosaic, patchy, patchwork, mottled",
    ),
    _type(
        "texture",
        "The feel that its surface would have.",
        "smooth: smooth, even; rough: rough, coarse, uneven, bumpy, rugged, grainy; rippled: rippled, wavy, "
        "ripples, waves;"
        " shiny: shiny, glossy, reflective, glittering, sparkling; dull: dull, matte; fine: fine grained; furrowed: "
        "furrowed, ridged, corrugated, wrinkled; lush; soft: soft, fluffy",
    ),
    _type(
        "material",
        "What it is made of or covered with.",
        "asphalt: asphalt, bitumen; concrete: concrete, cement; metal: metal, metallic, steel, iron, "
        "aluminum, tin;"
        " wood: wooden, timber; brick; stone: stone, stony, cobblestone; gravel; glass; plastic; tile: tiled, tile; "
        "thatch: thatched; dirt: dirt, earthen, muddy, clay; sand: sandy, sand covered; grass: grassy, grass covered, "
        "covered with grass, covered by grass, turf; rock: rocky; snow: snowy, snow covered, covered with snow, icy; "
        "vegetation: vegetated, tree covered, covered with trees, forested, wooded, planted; paved; unpaved; rubber",
    ),
    _type(
        "state",
        "What it does or what has happened to it.",
        "parked: parked, stopped, standing, stationary; moving: moving, in motion, traveling, driving, "
        "running, "
        "taxiing; sailing: sailing, cruising, underway; docked: docked, moored, anchored, berthed; flying: "
        "flying, airborne;"
        " empty: empty, vacant, unoccupied, idle; full: full, filled, occupied, busy; loaded; damaged: damaged, "
        "broken, "
        "ruined; destroyed: destroyed, collapsed, demolished; intact: intact, undamaged; abandoned: abandoned, "
        "deserted, "
        "disused; under construction: under construction, unfinished, being built; flooded: flooded, inundated, "
        "submerged;"
        " burned: burned, burnt, scorched, burning; frozen; dry: dry, dried, dried up; wet; open; closed; covered; "
        "uncovered: uncovered, exposed; cultivated: cultivated, plowed, harvested, irrigated; fallow; bare: "
        "bare, barren; "
        "new: new, newly built, modern; old: old, historic, ancient; clear: clear, clean; blurred: blurred, "
        "blurry, hazy; "
        "hidden: hidden, partially hidden, occluded, obscured, partly hidden, partially covered; visible: visible, "
        "partially visible; cut off: cut off, truncated, cropped, incomplete; overgrown",
    ),
    _type(
        "function",
        "What it serves for.",
        "residential: residential; commercial: commercial, retail; industrial; military: military, army, naval; "
        "civil: civil, civilian; agricultural: agricultural, farming; recreational: recreational, leisure; "
        "passenger: passenger, commuter; cargo: cargo, freight, shipping; fishing; storage: storage, for storage; "
        "public; private; educational; medical; religious; sports: sports, sporting, athletic; "
        "transport: transport, transportation; fighter: fighter, combat; rescue: rescue, emergency; office; "
        "administrative: administrative, government; tourist: tourist, sightseeing",
    ),
)

ATTRIBUTE_TYPES: Mapping[str, AttributeType] = MappingProxyType({entry.name: entry for entry in _ALL})
"""The sixteen types by name."""
