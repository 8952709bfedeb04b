"""What the making of a set has to tell: what was left out and why, copies, leaks, and counts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from remotesam.data.generation.opening import Evaluation
from remotesam.data.generation.plan import Found, Plan
from remotesam.data.sources.maskers.apply import Agreement, summarise
from remotesam.data.sources.records import Problem
from remotesam.files import write_json, write_text

REPORT = "report.json"
_LISTED = 30


def make_report(
    plan: Plan,
    *,
    problems: Sequence[Sequence[Problem]],
    agreements: Sequence[Sequence[Agreement]],
    evaluation: Sequence[Evaluation],
) -> dict[str, Any]:
    """Put together what is written to ``report.json``; paths are relative to the roots of the data sets.

    Args:
        plan: What was made.
        problems: For each source, what was found wrong while its records were made.
        agreements: For each source, those of the masks made of boxes.
        evaluation: What was not to be held.
    """
    listed = []
    for entry, found in zip(plan.opened, problems, strict=True):
        listed += [_problem(entry.label, entry.settings.root, p) for p in (*entry.problems, *found)]
    listed += [_problem(entry.label, entry.root, problem) for entry in evaluation for problem in entry.problems]
    sources = []
    for number, entry in enumerate(plan.opened):
        kinds = Counter(p.kind for p in (*entry.problems, *problems[number]))
        sources.append(
            {
                "source": entry.name,
                "split": entry.records.split,
                "licence": entry.licence,
                "records": len(entry.records),
                "records_made": len(plan.kept[number]),
                "duplicates": sum(found.source == number for found in plan.duplicates),
                "leaks": sum(found.source == number for found in plan.leaks),
                "problems": dict(sorted(kinds.items())),
                "masks_of_boxes": summarise(agreements[number]),
            }
        )
    return {
        "sources": sources,
        "leaks": [_found(plan, found) for found in plan.leaks],
        "duplicates": [_found(plan, found) for found in plan.duplicates],
        "problems": listed,
    }


def with_counts(report: Mapping[str, Any], counts: Mapping[str, Any]) -> dict[str, Any]:
    """The report with the counts of the finished set's manifest."""
    made = {(entry["source"], entry["split"]): entry for entry in counts["sources"]}
    sources = []
    for entry in report["sources"]:
        rows = made.get((entry["source"], entry["split"]), {})
        sources.append({**entry, "pictures": rows.get("images", 0), "triplets": rows.get("triplets", 0)})
    return {
        "rows": counts["rows"],
        "pictures": counts["images"],
        "kinds": counts["kind"],
        "categories": {name or "(none named)": number for name, number in counts["category"].items()},
        **report,
        "sources": sources,
    }


def short_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a report, for the manifest and the card of a set."""
    return {
        "problems": dict(sorted(Counter(problem["kind"] for problem in report["problems"]).items())),
        "duplicates": len(report["duplicates"]),
        "leaks": len(report["leaks"]),
        "details": "report.json",
    }


def write_report(folder: Path, report: Mapping[str, Any]) -> None:
    """Write ``report.json`` and ``report.md``.

    Raises:
        OSError: They cannot be written.
    """
    write_json(folder / REPORT, report)
    write_text(folder / "report.md", render_report(report))


def render_report(report: Mapping[str, Any]) -> str:
    """The report for people, in Markdown; the first of long lists only."""
    lines = [f"{report['rows']:,} triplets about {report['pictures']:,} pictures", ""]
    lines += [f"- {kind}: {number:,}" for kind, number in report["kinds"].items()]
    lines += ["", "| source | records | made | pictures | triplets | duplicates | leaks | problems |", "|" + "---|" * 8]
    for entry in report["sources"]:
        problems = ", ".join(f"{number} {kind}" for kind, number in entry["problems"].items()) or "none"
        figures = (entry[key] for key in ("records", "records_made", "pictures", "triplets", "duplicates", "leaks"))
        lines.append(
            f"| {entry['source']} {entry['split']} | {' | '.join(f'{figure:,}' for figure in figures)} | {problems} |"
        )
    for entry in report["sources"]:
        if entry["masks_of_boxes"]:
            figures = entry["masks_of_boxes"]["all"]
            lines += [
                "",
                f"Masks made of the boxes of {entry['source']}: {figures['masks']:,}, used {figures['kept']:,}; the "
                f"boxes around them agree with the given ones with a median IoU of {figures['median']:.3f}.",
            ]
    for title, key in (("Leaks", "leaks"), ("Duplicates", "duplicates")):
        lines += _section(title, [_sentence(found) for found in report[key]])
    told = [
        f"{p['source']}: {p['file']}{', ' + p['item'] if p['item'] else ''}: {p['message']}" for p in report["problems"]
    ]
    lines += _section("Problems", told)
    lines += ["", "## Categories", "", "| category | triplets |", "|---|---|"]
    lines += [f"| {name} | {number:,} |" for name, number in report["categories"].items()]
    return "\n".join(lines) + "\n"


def _section(title: str, entries: list[str]) -> list[str]:
    if not entries:
        return ["", f"## {title}: none"]
    rest = len(entries) - _LISTED
    more = [f"- and {rest:,} more, all in report.json"] if rest > 0 else []
    return ["", f"## {title}: {len(entries):,}", "", *(f"- {entry}" for entry in entries[:_LISTED]), *more]


def _sentence(found: Mapping[str, Any]) -> str:
    how = "has the pixels of" if found["exact"] else f"looks like ({found['distance']} of 256 bits differ)"
    end = "left out" if found["dropped"] else "kept"
    return f"{found['source']}: {found['file']} {how} {found['of_source']}: {found['of']}; {end}"


def _found(plan: Plan, found: Found) -> dict[str, Any]:
    entry = plan.opened[found.source]
    return {
        "source": entry.label,
        "file": _relative(found.record.image, entry.settings.root),
        "window": found.record.window,
        "of_source": found.other,
        "of": _relative(found.original.image, found.original_root),
        "of_window": found.original.window,
        "distance": found.copy.distance,
        "exact": found.copy.exact,
        "dropped": found.dropped,
    }


def _problem(label: str, root: str, problem: Problem) -> dict[str, str]:
    return {
        "source": label,
        "file": _relative(Path(problem.file), root),
        "item": problem.item,
        "message": problem.message,
        "kind": problem.kind,
    }


def _relative(file: Path, root: str) -> str:
    try:
        return Path(os.path.relpath(file, root)).as_posix()
    except ValueError:  # on another drive
        return file.as_posix()
