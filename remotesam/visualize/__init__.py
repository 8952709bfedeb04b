"""Results drawn on images: labelled pictures of every task, readable on a chip of 256 pixels and on one of 8,000."""

from remotesam.visualize.caption import draw_caption
from remotesam.visualize.classification import draw_classification
from remotesam.visualize.colours import COLOURS, category_colours, colour_at
from remotesam.visualize.draw import draw
from remotesam.visualize.instances import draw_counts, draw_grounding, draw_instances
from remotesam.visualize.maps import draw_map
from remotesam.visualize.masks import overlay
from remotesam.visualize.panel import panel
from remotesam.visualize.semantic import draw_semantic, semantic_legend, write_palette_png

__all__ = [
    "COLOURS",
    "category_colours",
    "colour_at",
    "draw",
    "draw_caption",
    "draw_classification",
    "draw_counts",
    "draw_grounding",
    "draw_instances",
    "draw_map",
    "draw_semantic",
    "overlay",
    "panel",
    "semantic_legend",
    "write_palette_png",
]
