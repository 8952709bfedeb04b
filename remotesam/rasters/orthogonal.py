"""Outlines with right angles, as buildings have them."""

from __future__ import annotations

from typing import Any

import numpy as np

_SHORTEST = 4.0  # tolerances: steps below that are noise
_LEAST_IOU = 0.7  # with the outline before: below, the object is no building and keeps its shape


def squared(polygon: Any, tolerance: float) -> Any:
    """Gives an outline right angles along its main direction.

    The outline is simplified; its main direction is that of its edges modulo 90°, weighted by the squares of their
    lengths (the mean of four times their angle). Every edge becomes parallel or perpendicular to that through its
    middle; neighbours that became parallel are one edge at their weighted mean; steps shorter than four tolerances go,
    and what they parted becomes one edge likewise; corners are where neighbours meet.

    Args:
        polygon: A valid shapely polygon.
        tolerance: Of the simplification, in its own units.

    Returns:
        A valid polygon; the simplified one where right angles would change it too much (IoU below 0.7), as of round
        things, or where it is no single polygon.

    Example:
        >>> squared(shapely.Polygon([(0, 0), (10, 1), (10, 6), (0, 5)]), 0.1).area > 45
        True
    """
    import shapely

    simple = shapely.simplify(polygon, tolerance, preserve_topology=True)
    if simple.geom_type != "Polygon" or not simple.is_valid or simple.area == 0:
        return polygon
    rough = shapely.simplify(polygon, 2 * tolerance, preserve_topology=True)  # without the steps of pixels
    angle = _main_direction(shapely.get_coordinates(rough.exterior if rough.area > 0 else simple.exterior))
    shortest = _SHORTEST * tolerance
    rings = [
        _square_ring(shapely.get_coordinates(ring), angle, shortest) for ring in (simple.exterior, *simple.interiors)
    ]
    if rings[0] is None:
        return simple
    result = shapely.Polygon(rings[0], [ring for ring in rings[1:] if ring is not None])
    if not result.is_valid or result.area == 0:
        return simple
    common = shapely.intersection(result, polygon).area
    return result if common >= _LEAST_IOU * (result.area + polygon.area - common) else simple


def _main_direction(points: np.ndarray) -> float:
    edges = np.diff(points, axis=0)
    turned = np.exp(4j * np.arctan2(edges[:, 1], edges[:, 0]))
    return float(np.angle((turned * np.hypot(*edges.T) ** 2).sum()) / 4)


def _square_ring(points: np.ndarray, angle: float, shortest: float) -> np.ndarray | None:
    """(n + 1, 2), closed -> the ring with right angles, or None where too little is left of it."""
    centre = points[0]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    local = (points - centre) @ turn
    edges, middles = np.diff(local, axis=0), (local[1:] + local[:-1]) / 2
    level = np.abs(edges[:, 0]) >= np.abs(edges[:, 1])
    lengths = np.hypot(*edges.T)
    if level.all() or not level.any():
        return None
    start = int(np.flatnonzero(level != np.roll(level, 1))[0])  # so that no run of parallel edges is cut
    order = (np.arange(len(level)) + start) % len(level)
    runs = np.split(order, np.flatnonzero(np.diff(level[order].astype(int))) + 1)
    # A level edge has one y, an upright one one x.
    places = [float(np.average(middles[run, 1 if level[run[0]] else 0], weights=lengths[run])) for run in runs]
    weights = [float(lengths[run].sum()) for run in runs]
    begins_level = _without_short_edges(places, weights, bool(level[runs[0][0]]), shortest)
    if len(places) < 4:
        return None
    corners = []
    for index in range(len(places)):
        before, here = places[index - 1], places[index]
        corners.append((before, here) if begins_level == (index % 2 == 0) else (here, before))
    return np.array([*corners, corners[0]]) @ turn.T + centre


def _without_short_edges(places: list[float], weights: list[float], begins_level: bool, shortest: float) -> bool:
    """Takes out steps below a length, until four edges are left; tells whether the first that remains is level.

    Edges alternate between level and upright, so the one before and the one after a step are parallel.
    """
    while len(places) > 4:
        steps = [abs(places[(index + 1) % len(places)] - places[index - 1]) for index in range(len(places))]
        index = int(np.argmin(steps))
        if steps[index] >= shortest:
            break
        if index in (0, len(places) - 1):  # turned around, so that its neighbours lie within the list
            for values in (places, weights):
                values[:] = values[-2:] + values[:-2]
            index = (index + 2) % len(places)
        around = slice(index - 1, index + 2)
        weight = weights[index - 1] + weights[index + 1]
        place = (places[index - 1] * weights[index - 1] + places[index + 1] * weights[index + 1]) / weight
        places[around], weights[around] = [place], [weight]
    return begins_level
