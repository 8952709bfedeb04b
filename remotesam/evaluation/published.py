"""Results that others published, to be shown beside one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_NEEDED = {"system", "source", "task", "data", "split", "protocol", "figures"}
_ALLOWED = {*_NEEDED, "place", "version", "size", "of", "metric", "shape"}


@dataclass(frozen=True, kw_only=True)
class PublishedResult:
    """One row of ``published.yaml``.

    Attributes:
        system: Its name.
        title: Of the publication.
        where: Where it was published, with the table.
        task: As of ``remotesam evaluate``.
        metric: Name of the metric.
        shape: "mask" where the metric of objects compares masks.
        data: Key of the data set.
        version: Of the data set, where it has several.
        split: None where the source does not say.
        protocol: "reference" or "native"; None where the source does not say.
        size: (height, width) of the network's input, where the source says.
        of: How the system came to its answers, "" for nothing special.
        figures: Name -> value, shares as shares (0.75, not 75).
    """

    system: str
    title: str
    where: str
    task: str
    metric: str
    shape: str
    data: str
    version: str | None
    split: str | None
    protocol: str | None
    size: tuple[int, int] | None
    of: str
    figures: Mapping[str, float]

    def reason_against(self, summary: Mapping[str, Any]) -> str:
        """Why a result is not comparable with this one, "" where it is.

        Args:
            summary: Of an evaluation of the same task on the same data set.
        """
        if self.version is not None:
            return f"it is of version {self.version} of the data"
        if self.split is None:
            return "its split is not named"
        if self.split != summary["data"]["split"]:
            return f"its split is {self.split}"
        if self.protocol is None:
            return "its protocol is not named"
        if self.protocol != summary["protocol"]:
            return f"its protocol is {self.protocol}"
        size = summary["metric"]["settings"].get("size")
        if self.size is not None and size is not None and tuple(size) != self.size:
            return f"its masks are {self.size[1]} x {self.size[0]}"
        if summary.get("limit") is not None:
            return "ours is of a part of the split"
        if summary["questions"]["asked"] not in (None, "own"):
            return "ours is of other sentences"
        return ""


@cache
def published_results() -> tuple[PublishedResult, ...]:
    """All of them, in the order of the file.

    Raises:
        ValueError: The file has a field that is unknown, lacks one, or names a source that it does not describe.
    """
    import yaml

    document = yaml.safe_load(files("remotesam.evaluation").joinpath("published.yaml").read_text(encoding="utf-8"))
    return tuple(_result(entry, document["sources"]) for entry in document["results"])


def published_for(summary: Mapping[str, Any]) -> list[PublishedResult]:
    """The published results of the metric and the data set of an evaluation, comparable or not."""
    metric = summary["metric"]
    wanted = (summary["task"], metric["name"], metric["settings"].get("shape", "box"), summary["data"]["key"])
    return [one for one in published_results() if (one.task, one.metric, one.shape, one.data) == wanted]


def _result(entry: Mapping[str, Any], sources: Mapping[str, Mapping[str, str]]) -> PublishedResult:
    wrong = [*sorted(set(entry) - _ALLOWED), *sorted(_NEEDED - set(entry))]
    if wrong or entry["source"] not in sources:
        told = ", ".join(wrong) or f"source {entry['source']}"
        raise ValueError(f"published.yaml: {entry.get('system')}: unknown or missing: {told}")
    source = sources[entry["source"]]
    where = source["where"] + (f", {entry['place']}" if "place" in entry else "")
    return PublishedResult(
        system=entry["system"],
        title=source["title"],
        where=where,
        task=entry["task"],
        metric=entry.get("metric", entry["task"]),
        shape=entry.get("shape", "box"),
        data=entry["data"],
        version=entry.get("version"),
        split=entry["split"],
        protocol=entry["protocol"],
        size=tuple(entry["size"]) if entry.get("size") else None,
        of=entry.get("of", ""),
        figures={name: value / 100 for name, value in entry["figures"].items()},
    )
