"""What a triplet set is made of and how; plain data, checked once, here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from inspect import signature
from pathlib import Path
from typing import Any, Literal

from remotesam.configuration import parse
from remotesam.data.generation.tiling import Tiling
from remotesam.data.sources.registry import SOURCES, find_reader

Choice = Literal["drop", "keep"]


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """How many sentences a picture gets.

    Attributes:
        one_to_one: At most so many about one object, in turn over the present categories.
        one_to_many: At most so many about all of a category or a sub-group, likewise.
        one_to_zero: At most so many about what is not there.
        zero_ratio: Sentences about what is not there for each sentence with a target.
        empty: Sentences of a picture that allows none with a target.
        canonical: Share of "{category} in the image" among the sentences about all or none of a category.
        subsets: Share of sub-groups among the sentences about many.
        hard: Share of hard negatives among absent categories, see
            :class:`~remotesam.data.generation.negatives.HardNegatives`.
    """

    one_to_one: int = 4
    one_to_many: int = 4
    one_to_zero: int = 4
    zero_ratio: float = 0.5
    empty: int = 1
    canonical: float = 0.5
    subsets: float = 0.25
    hard: float = 0.75

    def __post_init__(self) -> None:
        for name in ("one_to_one", "one_to_many", "one_to_zero", "zero_ratio", "empty"):
            if getattr(self, name) < 0:
                raise ValueError(f"sentences.{name} is {getattr(self, name)}; it takes 0 or more")
        for name in ("canonical", "subsets", "hard"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"sentences.{name} is {getattr(self, name)}; it takes a share in [0, 1]")


@dataclass(frozen=True, kw_only=True)
class Copies:
    """What happens to pictures that look like others.

    Attributes:
        check: Whether to look for them at all; every picture is read once for it.
        duplicates: Of pictures that look like one of an earlier source or place in the list: "drop" or "keep". Pictures
            are compared as files (or windows of files), before they are cut into tiles.
        leaks: Of those that look like a picture of an evaluation split: likewise.
        distance: Perceptual hashes that differ in at most so many of 256 bits mean copies.
        turned: Also find copies that are turned by quarters or mirrored; there are such in published sets.
    """

    check: bool = True
    duplicates: Choice = "drop"
    leaks: Choice = "drop"
    distance: int = 40
    turned: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.distance <= 127:
            raise ValueError(f"copies.distance is {self.distance}; it takes 0 to 127 of 256 bits")


@dataclass(frozen=True, kw_only=True)
class Source:
    """A split of a data set.

    Attributes:
        source: Its reader, a name of ``remotesam.data.sources.SOURCES``.
        root: Its folder.
        split: The split; where empty, what the reader takes by itself: "train", or "all" where there are no splits.
        options: Further options of the reader.
        name: What its rows are called; the reader's name for it where None.
        licence: Its licence in words; what the reader says where None.
        masker: What makes masks of boxes: None (annotations without a mask are not used), or a mapping with ``type``:
            "fill", "sam" (``checkpoint``, ``device`` ...) or "segmenter" (``checkpoint``, ``threshold`` ...).
        min_agreement: Masks whose box agrees less with the given one (IoU) are not used.
        difficult: "leave out" says nothing of a category of which the picture has a difficult object.
        never_absent: Categories, as the data set spells them, that are not to be called absent: those of which its
            annotators left some out in pictures that they were not looking for them in.
        tiling: Instead of the one for all.
        sentences: Likewise.
        limit: Only the first so many records.
    """

    source: str
    root: str
    split: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    name: str | None = None
    licence: str | None = None
    masker: dict[str, Any] | None = None
    min_agreement: float = 0.5
    difficult: Literal["keep", "leave out"] = "keep"
    never_absent: tuple[str, ...] = ()
    tiling: Tiling | None = None
    sentences: Numbers | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.source.strip().lower().replace("_", "-").replace(" ", "-") not in SOURCES:
            raise ValueError(f"unknown data set {self.source!r}; there are {', '.join(sorted(SOURCES))}")
        if not self.split:
            object.__setattr__(self, "split", signature(find_reader(self.source)).parameters["split"].default)
        if self.masker is not None and self.masker.get("type") not in ("fill", "sam", "segmenter"):
            raise ValueError(f"masker is {self.masker!r}; its type is 'fill', 'sam' or 'segmenter'")


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """Pictures to evaluate on, which must not be trained on.

    Attributes:
        root: Folder of the data set, or of pictures where ``source`` is None.
        source: Its reader; None takes every picture below ``root``.
        split: The split.
        options: Further options of the reader.
    """

    root: str
    source: str | None = None
    split: str = "val"
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that decides what a set holds, and how it is made.

    Attributes:
        output: Folder of the set.
        sources: What it is made of, in the order of priority: of two copies the first stays.
        evaluation: What it must not hold.
        name: Name of the set; that of the folder where empty.
        sentences: How many of each kind.
        tiling: How large images are cut.
        copies: What happens to copies and leaks.
        images: "copy" puts pictures and tiles into the set; "reference" leaves them where they are.
        tile_format: Of pictures that are written anew: "png", without losses, or "jpg", of quality 95.
        seed: Decides every choice.
        on_error: "skip" leaves out what is wrong and lists it in the report; "raise" stops at the first.
        workers: Processes; 0 or 1 works in this one. They change nothing in the set.
        shard_rows: Rows of a parquet file.
        cache: File that remembers what pictures look like, for the making of other sets of them; None keeps it only
            until the set is complete.
    """

    output: str
    sources: list[Source]
    evaluation: list[HeldOut] = field(default_factory=list)
    name: str = ""
    sentences: Numbers = field(default_factory=Numbers)
    tiling: Tiling = field(default_factory=Tiling)
    copies: Copies = field(default_factory=Copies)
    images: Literal["copy", "reference"] = "copy"
    tile_format: Literal["png", "jpg"] = "png"
    seed: int = 0
    on_error: Literal["skip", "raise"] = "skip"
    workers: int = 0
    shard_rows: int = 50_000
    cache: str | None = None

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError("sources is empty; it takes at least one dict(source=..., root=...)")
        if self.workers < 0 or self.shard_rows < 1 or self.seed < 0:
            raise ValueError(
                f"workers and seed take 0 or more and shard_rows 1 or more, got {self.workers}, {self.seed} and "
                f"{self.shard_rows}"
            )

    def recorded(self) -> dict[str, Any]:
        """What the manifest records: all that changes the rows, and not where or how fast they are made."""
        values = asdict(self)
        for name in ("output", "workers", "shard_rows", "name", "seed", "cache"):
            values.pop(name)
        for entry in (*values["sources"], *values["evaluation"]):
            entry["root"] = Path(entry["root"]).name
        return values


def parse_settings(values: Mapping[str, Any]) -> Settings:
    """Check a mapping (an mmengine ``Config`` is one) and make :class:`Settings` of it.

    Raises:
        ValueError: A field is unknown, missing or wrong; the message names it.
    """
    plain = values.to_dict() if hasattr(values, "to_dict") else dict(values)
    result: Settings = parse(Settings, plain, path="")
    return result
