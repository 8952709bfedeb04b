"""What was found while units were made, so that a set that was made in several goes has one whole report."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from remotesam.data.generation.units import Made
from remotesam.data.sources.maskers.apply import Agreement
from remotesam.data.sources.records import Problem
from remotesam.files import write_text


class Journal:
    """Lines of JSON, one for each unit that has something to tell.

    Args:
        path: The file.
        sources: How many sources there are.
        units: How many units are done; what is told of later ones is forgotten, they are made again.

    Attributes:
        problems: For each source.
        agreements: For each source.
    """

    def __init__(self, path: Path, *, sources: int, units: int) -> None:
        self.problems: list[list[Problem]] = [[] for _ in range(sources)]
        self.agreements: list[list[Agreement]] = [[] for _ in range(sources)]
        kept = []
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            try:
                entry = json.loads(line)
            except ValueError:  # the last line of a run that was killed
                continue
            if entry["unit"] < units:
                kept.append(line)
                self._take(entry["source"], entry)
        write_text(path, "".join(f"{line}\n" for line in kept))
        self._file = path.open("a", encoding="utf-8")

    def add(self, unit: int, source: int, made: Made) -> None:
        """Note what became of a unit."""
        if not made.problems and not made.agreements:
            return
        entry = {
            "unit": unit,
            "source": source,
            "problems": [asdict(problem) for problem in made.problems],
            "agreements": [asdict(agreement) for agreement in made.agreements],
        }
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()
        self._take(source, entry)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._file.close()

    def _take(self, source: int, entry: dict[str, object]) -> None:
        problems, agreements = entry["problems"], entry["agreements"]
        assert isinstance(problems, list) and isinstance(agreements, list)
        self.problems[source] += [Problem(**values) for values in problems]
        self.agreements[source] += [Agreement(**values) for values in agreements]
