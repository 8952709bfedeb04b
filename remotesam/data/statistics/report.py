"""The report about a triplet set."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

import remotesam
from remotesam.data.attribute_types import ATTRIBUTE_TYPES
from remotesam.data.statistics import bar_charts, spread_charts
from remotesam.data.statistics.figures import SetStatistics
from remotesam.data.statistics.page import Section, escaped, paragraph, plot, render_page, table, tiles
from remotesam.data.statistics.plotting import percent
from remotesam.data.statistics.published import PUBLISHED
from remotesam.data.vocabulary import Coverage
from remotesam.data.vocabulary.entry import LEVEL_NAMES

_VALUES, _WORDS, _LISTED = 8, 120, 300


def render_report(
    figures: SetStatistics,
    *,
    name: str,
    points: np.ndarray | None = None,
    features: str = "",
    notes: Mapping[str, str] | None = None,
) -> str:
    """A page about a set, with plots.

    Args:
        figures: What was counted.
        name: Name of the set.
        points: (n, 2) where the sentences of the sample lie on a plane; without it the report has no map of them.
        features: Where the points come from, such as "TF-IDF weights of words and pairs of words".
        notes: What else to tell: title -> text.

    Returns:
        HTML that needs no other file.
    """
    sections = [
        Section("", (_tiles(figures), *map(paragraph, (notes or {}).values()))),
        Section("Beside published sets", _comparison(figures)),
        Section("Where samples come from", _origins(figures)),
        Section("Categories", _categories(figures)),
        Section("Coverage of RSVocab-1K", coverage_blocks(figures.coverage)),
        Section("Attributes", _attributes(figures)),
        Section("Sentences", _sentences(figures, points, features)),
        Section("Masks", _masks(figures)),
    ]
    lead = f"{figures.rows:,} triplets of a picture, a sentence and a mask."
    return render_page(name, lead, sections, foot=f"Measured by remotesam {remotesam.__version__}.")


def coverage_blocks(covered: Coverage) -> tuple[str, ...]:
    """What of RSVocab-1K is covered, as parts of a page."""
    rows = [
        (LEVEL_NAMES[level], share.covered, share.total, f"{share.share:.1%}")
        for level, share in covered.levels.items()
    ]
    told = "A category covers its entry and what lies above it in the vocabulary, nothing below."
    unknown = [paragraph(f"Not in RSVocab-1K: {', '.join(covered.unknown[:_LISTED])}.")] if covered.unknown else []
    return (
        paragraph(told),
        table(("level", "covered", "of", "share"), rows),
        plot(partial(bar_charts.coverage_chart, covered), "Share of each domain's groups and leaves that masks show"),
        *unknown,
    )


def _tiles(figures: SetStatistics) -> str:
    return tiles(
        {
            "samples": f"{figures.rows:,}",
            "pictures": f"{figures.image_count:,}",
            "samples a picture": f"{figures.rows / max(1, figures.image_count):.1f}",
            "different sentences": f"{figures.sentences:,}",
            "categories": f"{len(figures.categories):,}",
            "attribute types": f"{len(figures.known_types)} of {len(ATTRIBUTE_TYPES)}",
            "attributes a sample": f"{figures.attributes_per_sample:.2f}",
            "words a sentence": f"{figures.words_per_sentence:.1f}",
            "different words": f"{len(figures.words):,}",
        }
    )


def _comparison(figures: SetStatistics) -> tuple[str, ...]:
    head = (
        *("data set", "generalized", "samples", "categories", "attribute types", "attributes a sample"),
        *("words a sentence", "pictures"),
    )
    columns = ("generalized", "samples", "categories", "attribute_types", "attributes_per_sample")
    rows = [
        (
            f"{entry['dataset']} (here)" if entry["dataset"] != "all" else "all of this set",
            *(entry[name] for name in (*columns, "words_per_sentence", "images")),
        )
        for entry in figures.comparison()
    ]
    published = [(*entry, None, None) for entry in PUBLISHED]
    told = (
        "The upper rows are table 1 of RemoteSAM's paper, which does not say by which words it counts attributes; "
        "here they are those of remotesam.data.attribute_types. A set is generalized where sentences mean one object, "
        "several, and none. A category counts where a mask shows it."
    )
    return paragraph(told), table(head, [*published, *rows], strong=len(published) + len(rows) - 1)


def _origins(figures: SetStatistics) -> tuple[str, ...]:
    origins: dict[tuple[str, str, str], int] = {}
    for cell in figures.cells:
        key = (cell.source, cell.split, cell.licence or "not told")
        origins[key] = origins.get(key, 0) + cell.rows
    ordered = sorted(origins.items(), key=lambda item: -item[1])
    return (
        plot(partial(bar_charts.kinds_chart, figures), "Samples of each source by kind"),
        table(("source", "split", "licence", "samples"), [(*key, rows) for key, rows in ordered]),
        table(("maker of the mask", "samples"), [(n or "(no mask)", rows) for n, rows in figures.by("maker").items()]),
    )


def _categories(figures: SetStatistics) -> tuple[str, ...]:
    told = []
    if figures.unnamed:
        told.append(paragraph(f"{figures.unnamed:,} samples name no category."))
    if figures.never_shown:
        listed = ", ".join(figures.never_shown[:_LISTED])
        told.append(paragraph(f"Asked for, but shown by no mask: {listed}."))
    if not figures.categories and not figures.absent_categories:
        return tuple(told)
    names = [*figures.categories, *figures.never_shown]
    rows = [(name, figures.categories[name], figures.absent_categories[name]) for name in names]
    every = table(("category", "samples with a mask", "samples without (absent)"), rows)
    return (
        plot(partial(bar_charts.categories_chart, figures), "The commonest categories by kind"),
        f"<details><summary>All {len(names)} categories</summary>{every}</details>",
        *told,
    )


def _attributes(figures: SetStatistics) -> tuple[str, ...]:
    values: dict[str, list[tuple[str, int]]] = {}
    for entry, number in figures.attribute_values.most_common():
        kind, _, value = entry.partition(":")
        values.setdefault(kind, []).append((value, number))
    rows = [
        (name, ATTRIBUTE_TYPES[name].meaning if name in ATTRIBUTE_TYPES else "none of the sixteen types", number,
         len(values.get(name, ())), ", ".join(f"{value} ({n:,})" for value, n in values.get(name, ())[:_VALUES]))
        for name, number in figures.attribute_types.items()
    ]  # fmt: skip
    head = ("type", "what it says", "samples", "values", "the commonest values")
    return plot(partial(bar_charts.attributes_chart, figures), "Share of samples with each attribute type"), table(
        head, rows
    )


def _sentences(figures: SetStatistics, points: np.ndarray | None, features: str) -> tuple[str, ...]:
    words = sorted(figures.words.items(), key=lambda item: (-item[1], item[0]))[:_WORDS]
    listed = "".join(f"<li>{escaped(word)} <span>{number:,}</span></li>" for word, number in words)
    blocks = [plot(partial(spread_charts.numbers_chart, figures), "Attributes of a sample and words of a sentence")]
    if points is not None:
        chart = partial(spread_charts.sentences_chart, figures.sample, points)
        told = f"Each point is one of the set's different sentences, laid out by t-SNE of {features}: what lies close "
        blocks += [
            plot(chart, "Sentences on a plane"),
            paragraph(told + "together says alike; directions say nothing."),
        ]
    blocks.append(
        f"<details open><summary>The {len(words)} commonest of {len(figures.words):,} words</summary>"
        f'<ul class="words">{listed}</ul></details>'
    )
    return tuple(blocks)


def _masks(figures: SetStatistics) -> tuple[str, ...]:
    if not len(figures.shares):
        return (paragraph("No sample has a mask."),)
    sizes = [(name, figures.sizes[name], f"{figures.sizes[name] / len(figures.shares):.1%}") for name in figures.sizes]
    quantiles = [(f"{at:.0%}", percent(share)) for at, share in figures.share_quantiles().items()]
    told = (
        "Small masks have fewer than 32 x 32 pixels, large ones 96 x 96 or more (COCO's words). The mask of a "
        "one-to-many sentence is the union of several objects."
    )
    return (
        plot(partial(spread_charts.areas_chart, figures.shares), "Shares of the picture that masks cover"),
        table(("of the masks", "are at most this share of the picture"), quantiles),
        paragraph(told),
        table(("size", "masks", "share"), sizes),
        plot(partial(spread_charts.positions_chart, figures), "Where the middles of the masks lie on the picture"),
    )
