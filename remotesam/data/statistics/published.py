"""Table 1 of RemoteSAM's paper, to set a measured set beside."""

from __future__ import annotations

from typing import NamedTuple


class PublishedSet(NamedTuple):
    """What the paper says of a data set; it does not say by which words attributes were counted.

    Attributes:
        name: Of the data set.
        generalized: Whether its sentences mean one, several and no object.
        samples: About how many triplets.
        categories: How many.
        attribute_types: Kinds of attributes.
        attributes_per_sample: In the mean.
    """

    name: str
    generalized: bool
    samples: int
    categories: int
    attribute_types: int
    attributes_per_sample: float


PUBLISHED = (
    PublishedSet("RefSegRS", False, 4_400, 15, 3, 0.78),
    PublishedSet("RRSIS-D", False, 17_400, 20, 7, 2.41),
    PublishedSet("RISBench", False, 52_500, 26, 8, 2.45),
    PublishedSet("RemoteSAM-270K", True, 270_000, 297, 16, 3.17),
)
