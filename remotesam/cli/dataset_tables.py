"""What ``remotesam dataset stats`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from remotesam.cli.output import print_line, print_table

if TYPE_CHECKING:
    from remotesam.data.statistics import RecordStatistics, SetStatistics
    from remotesam.data.vocabulary import Coverage

_MOST = 15


def print_set(figures: SetStatistics, name: str) -> None:
    """Prints the figures of a triplet set."""
    _print_facts(
        name,
        {
            "samples": f"{figures.rows:,}",
            "pictures": f"{figures.image_count:,}",
            "different sentences": f"{figures.sentences:,}",
            "categories": f"{len(figures.categories):,} shown by masks, {len(figures.never_shown):,} only asked for",
            "attribute types": f"{len(figures.known_types)} of 16",
            "attributes a sample": f"{figures.attributes_per_sample:.2f}",
            "words a sentence": f"{figures.words_per_sentence:.2f}, of {len(figures.words):,} different words",
            "masks": _masks(figures),
        },
    )
    comparison = [{**row, "data set": row["dataset"]} for row in figures.comparison()]
    columns = ("data set", "samples", "images", "categories", "attribute_types", "attributes_per_sample")
    _print_titled("Sources", (*columns, "words_per_sentence"), comparison)
    for column in ("kind", "split", "licence", "maker"):
        _print_counts(column, figures.by(column), figures.rows, empty="(none)")
    _print_counts("category", figures.categories, figures.rows)
    _print_counts("attribute type", figures.attribute_types, figures.rows)
    _print_coverage(figures.coverage)


def print_records(figures: RecordStatistics) -> None:
    """Prints the figures of a data set's records."""
    _print_facts(
        f"{figures.name}, {figures.split}",
        {
            "licence": figures.licence or "not told",
            "images": f"{figures.images:,}",
            "annotations": f"{figures.annotations:,}",
            **{name: f"{number:,}" for name, number in figures.shapes.items() if number},
            "label maps": f"{figures.label_maps:,}",
            "sentences": f"{figures.expressions:,}",
            "captions": f"{figures.captions:,}",
            "problems": f"{len(figures.problems):,}",
        },
    )
    _print_counts("category", figures.categories, figures.annotations, what="annotations")
    if figures.labels:
        _print_counts("label", figures.labels, figures.images, what="images")
    _print_coverage(figures.coverage)
    if figures.problems:
        _print_counts("problem", figures.problem_kinds, len(figures.problems), what="problems")
        for problem in figures.problems[:_MOST]:
            print_line(f"  {problem}")
        if len(figures.problems) > _MOST:
            print_line(f"  and {len(figures.problems) - _MOST:,} more; all with --json or -o FILE.json", style="dim")


def _masks(figures: SetStatistics) -> str:
    if not len(figures.shares):
        return "none"
    middle = figures.share_quantiles([0.5])[0.5]
    sizes = ", ".join(f"{number:,} {name}" for name, number in figures.sizes.items())
    return f"{len(figures.shares):,}, half below {middle:.2%} of the picture; {sizes}"


def _print_facts(title: str, facts: Mapping[str, str]) -> None:
    print_line(title, style="bold")
    for name, value in facts.items():
        print_line(f"{name:20} {value}")


def _print_titled(title: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    print_line("")
    print_line(title, style="bold")
    names = {column: column.replace("_per_", " a ").replace("_", " ") for column in columns}
    print_table(list(names.values()), [{names[column]: row[column] for column in columns} for row in rows])


def _print_counts(
    column: str, counts: Mapping[str, int], total: int, *, what: str = "samples", empty: str = ""
) -> None:
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    rows = [{column: name or empty, what: n, "share": n / max(1, total)} for name, n in ordered[:_MOST]]
    more = f", {_MOST} of {len(ordered)}" if len(ordered) > _MOST else ""
    plural = f"{column[:-1]}ies" if column.endswith("y") else f"{column}s"
    _print_titled(f"{plural.capitalize()}{more}", (column, what, "share"), rows)


def _print_coverage(covered: Coverage) -> None:
    levels = covered.as_dict()["levels"]
    rows = [
        {"level": name, "covered": int(s["covered"]), "of": int(s["total"]), "share": s["share"]}
        for name, s in levels.items()
    ]
    _print_titled("Coverage of RSVocab-1K", ("level", "covered", "of", "share"), rows)
    if covered.unknown:
        print_line(
            f"not in RSVocab-1K: {', '.join(covered.unknown[:_MOST])}{' ...' if len(covered.unknown) > _MOST else ''}"
        )
