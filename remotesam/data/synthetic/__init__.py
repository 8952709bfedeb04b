"""Procedural overhead scenes with exact instance masks: grounds, objects, light and a sensor, all from a seed."""

from .scene import CATEGORIES, CONTEXTS, SyntheticScenes, generate_scene

__all__ = ["CATEGORIES", "CONTEXTS", "SyntheticScenes", "generate_scene"]
