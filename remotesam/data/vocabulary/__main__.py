"""``python -m remotesam.data.vocabulary``: checks RSVocab-1K and prints what is in it; fails if a rule is broken."""

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from remotesam.data.vocabulary.hierarchy import Vocabulary
from remotesam.data.vocabulary.reading import read_file
from remotesam.data.vocabulary.validation import problems


def summary(vocabulary: Vocabulary) -> Table:
    """Return a table of counts, a row a domain.

    Columns: groups; leaves; names and synonyms; entries with a code of each scheme; entries with a name in a data set;
    entries that belong to one of the 32 categories.
    """
    table = Table(title="RSVocab-1K", show_footer=True, box=SIMPLE)
    table.add_column("domain", no_wrap=True)
    rows = []
    for domain in vocabulary.level(1):
        groups = [vocabulary.resolve(name) for name in vocabulary.children(domain.name)]
        leaves = [vocabulary.resolve(name) for group in groups for name in vocabulary.children(group.name)]
        entries = [domain, *groups, *leaves]
        counts = [len(groups), len(leaves), sum(len(entry.terms) for entry in entries)]
        counts += [sum(scheme in entry.codes for entry in entries) for scheme in ("nlcd", "gap", "gbt")]
        counts += [sum(bool(entry.datasets) for entry in entries), sum(entry.category is not None for entry in entries)]
        rows.append((domain.name, counts))
    heads = ("groups", "leaves", "words", "NLCD", "GAP", "GB/T", "in sets", "of 32")
    totals = [sum(column) for column in zip(*(counts for _, counts in rows), strict=True)]
    table.columns[0].footer = f"{len(rows)} domains"
    for head, total in zip(heads, totals, strict=True):
        table.add_column(head, footer=str(total), justify="right")
    for name, counts in rows:
        table.add_row(name, *map(str, counts))
    return table


def main() -> int:
    """Print the summary and every broken rule; return 1 if there is one."""
    tree, datasets, codes = read_file("rsvocab"), read_file("datasets"), read_file("codes")
    console = Console()
    found = problems(tree, datasets, codes)
    for problem in found:
        console.print(problem, style="red", markup=False, highlight=False)
    if found:
        return 1
    vocabulary = Vocabulary(tree, datasets)
    console.print(summary(vocabulary))
    names = sum(len(vocabulary.dataset_names(dataset)) for dataset in vocabulary.datasets)
    text = (
        f"{len(vocabulary)} entries; {len(vocabulary.datasets)} data sets with {names} class names; no rule is broken"
    )
    console.print(text, highlight=False)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
