"""Sentences with attributes (place, size, colour, relation), each proposed only where the scene leaves no doubt.

A rule takes the scene, a category and a random generator and returns a sentence with the instances that it means, or
None where it has nothing to say. Those of ``UNIQUE`` mean exactly one instance, those of ``GROUP`` two or more but not
all, and those of ``NONE`` are false for every instance of a present category.
"""

import numpy as np

from remotesam.data.claims.absent import NONE
from remotesam.data.claims.common import Claim, Fit, Rule, Rules, nouns_of
from remotesam.data.claims.group import GROUP
from remotesam.data.claims.unique import UNIQUE
from remotesam.data.geometry import SceneView

__all__ = ["GROUP", "NONE", "UNIQUE", "Claim", "Fit", "Rule", "Rules", "nouns_of", "propose"]


def propose(rules: Rules, scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """Try the rules in a random order (by weight) until one can say something of the category."""
    weights = np.array([weight for weight, _ in rules.values()])
    order = rng.choice(len(weights), len(weights), replace=False, p=weights / weights.sum())
    functions = [rule for _, rule in rules.values()]
    return next((claim for index in order if (claim := functions[index](scene, name, rng)) is not None), None)
