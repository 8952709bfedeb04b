"""The card of a triplet set, for people: where each row comes from and how to use and cite the set."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from remotesam.data.triplet_set.manifest import TABLE, Manifest

_LISTED = 100

_READING = f"""```python
from remotesam.data.triplet_set import TripletSet

triplets = TripletSet("path/to/this/folder")
row = triplets[0]  # row.expression, row.kind, row.source ...
image, mask = triplets.image(0), triplets.mask(0)
```

`{TABLE}/` is a folder of parquet files that pyarrow, pandas, polars and duckdb read as one table. `rle` holds COCO's
compressed counts of the mask; with pycocotools: `decode({{"size": [height, width], "counts": rle}})`."""


def render_card(manifest: Manifest) -> str:
    """The card in Markdown, from nothing but the manifest.

    Args:
        manifest: Of a set with ``counts``.
    """
    counts = manifest.counts
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in counts["kind"].items())
    named = sum(1 for name in counts["category"] if name)
    parts = [
        f"# {manifest.name}",
        f"{counts['rows']:,} triplets of a picture, a sentence and a mask in {counts['images']:,} pictures"
        f"{f': {kinds}' if kinds else ''}; {named:,} categories are named.",
        "## Read it",
        _READING,
        _pictures(manifest),
        "## Sources and licences",
        "Each row names its source, split and licence; who uses the set is bound by all of them.",
        _table(
            ("source", "split", "triplets", "pictures", "licence"),
            [
                (s["source"], s["split"], s["triplets"], s["images"], s["licence"] or "not told")
                for s in counts["sources"]
            ],
        ),
        "## Kinds",
        _table(("kind", "triplets"), counts["kind"].items()),
        "## Makers of the masks",
        _table(("maker", "triplets"), [(name or "(no mask)", n) for name, n in counts["maker"].items()]),
        "## Categories",
        _categories(counts["category"]),
        "## How it was made",
        f"By {', '.join(f'{name} {version}' for name, version in manifest.code.items())}, seed {manifest.seed}, with",
        _json(manifest.settings),
    ]
    if manifest.report:
        parts += ["What the generation reported:", _json(manifest.report)]
    parts += ["## How to cite", _citations(manifest)]
    return "\n\n".join(parts) + "\n"


def _pictures(manifest: Manifest) -> str:
    if manifest.image_root is None:
        return "The pictures lie in this folder; `image` is relative to it."
    return (
        f"The pictures are not part of this folder: `image` is relative to `{manifest.image_root}`. Pass another place "
        'as `TripletSet(..., image_root="...")`.'
    )


def _categories(counts: Mapping[str, int]) -> str:
    listed = [(name or "(none named)", number) for name, number in counts.items()][:_LISTED]
    rest = len(counts) - len(listed)
    more = f"\n\nand {rest:,} more, all in `manifest.json`." if rest else ""
    return _table(("category", "triplets"), listed) + more


def _citations(manifest: Manifest) -> str:
    lines = ["Cite RemoteSAM and the data sets that the triplets come from:", ""]
    for name in manifest.counts["source"]:
        known = manifest.sources.get(name, {})
        told = [known[key] for key in ("citation", "url") if known.get(key)]
        lines.append(f"- {name}: {', '.join(told) if told else 'as its publisher asks'}")
    return "\n".join(lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "\\|").replace("\n", " ")


def _json(values: Mapping[str, object]) -> str:
    return f"```json\n{json.dumps(values, indent=2, ensure_ascii=False)}\n```"
