"""Random rounding of a network of counts: every count up or down to a neighbour, every sum kept.

Each edge of the network is a count, each node a sum that must hold: what comes in goes out. From a
fractional edge one can walk along fractional edges round a cycle, because no node has just one;
shifting the cycle up or down until an edge is whole keeps every sum. Which way is drawn so that the
expectation of each edge stays what it was (dependent rounding: Gandhi, Khuller, Parthasarathy and
Srinivasan, Journal of the ACM 53(3), 2006; for tables: Cox, JASA 82(398), 1987).
"""

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Counts = NDArray[np.float64]
Nodes = NDArray[np.int64]

# Sums of doubles that should be whole differ from it by less than this.
_WHOLE: Final = 1e-7


class _Graph(NamedTuple):
    """The fractional edges at each node: `degree[n]` of them in `edges` from `start[n]` on.

    `place_tail` and `place_head` say where an edge stands at either of its nodes.
    """

    tails: Nodes
    heads: Nodes
    start: Nodes
    degree: Nodes
    edges: Nodes
    place_tail: Nodes
    place_head: Nodes


class _Path(NamedTuple):
    """A walk: its edges, whether each is walked along (1) or against it (-1), and its nodes.

    `seen_at[n]` is the step at which the walk met a node, -1 for the rest.
    """

    edges: Nodes
    signs: Nodes
    nodes: Nodes
    seen_at: Nodes


def round_network(
    tails: Nodes, heads: Nodes, counts: Counts, generator: np.random.Generator
) -> Nodes:
    """Whole numbers for the edges, each the floor or the ceiling of its count (none below 0).

    `tails` and `heads` are the nodes (0, 1, ...) that each edge leads from and to. At each node
    what comes in must differ from what goes out by a whole number, which is then kept exactly.
    The same state of the generator gives the same result.
    """
    draws = generator.random(len(tails) + 1)
    whole: Nodes = _round(tails, heads, counts.astype(np.float64), draws)
    return whole


@njit(cache=True)
def _round(tails: Nodes, heads: Nodes, counts: Counts, draws: Counts) -> Nodes:
    whole = np.floor(counts + _WHOLE)
    part = counts - whole
    part[part < _WHOLE] = 0.0
    graph = _graph(tails, heads, part)
    nodes = graph.degree.size
    path = _Path(
        np.empty(nodes + 1, np.int64),
        np.empty(nodes + 1, np.int64),
        np.empty(nodes + 1, np.int64),
        np.full(nodes, -1, np.int64),
    )
    drawn = 0
    for first in range(part.size):
        while part[first] > 0.0:
            begin, end = _walk(graph, path, first)
            if begin == end:
                # Only the rounding errors of sums end a walk: the edge was whole all along.
                lone = path.edges[end - 1]
                whole[lone] += np.rint(part[lone])
                part[lone] = 0.0
                _drop(graph, lone)
                continue
            shift = _shift(part, path, begin, end, draws[drawn])
            drawn += 1
            for step in range(begin, end):
                edge = path.edges[step]
                part[edge] += path.signs[step] * shift
                if part[edge] < _WHOLE or part[edge] > 1.0 - _WHOLE:
                    whole[edge] += np.rint(part[edge])
                    part[edge] = 0.0
                    _drop(graph, edge)
    return whole.astype(np.int64)


@njit(cache=True)
def _graph(tails: Nodes, heads: Nodes, part: Counts) -> _Graph:
    nodes = max(tails.max(), heads.max()) + 1 if tails.size else 0
    degree = np.zeros(nodes, np.int64)
    for edge in range(part.size):
        if part[edge] > 0.0:
            degree[tails[edge]] += 1
            degree[heads[edge]] += 1
    start = np.cumsum(degree) - degree
    fill = start.copy()
    edges = np.empty(degree.sum(), np.int64)
    place_tail = np.zeros(part.size, np.int64)
    place_head = np.zeros(part.size, np.int64)
    for edge in range(part.size):
        if part[edge] > 0.0:
            place_tail[edge] = fill[tails[edge]]
            fill[tails[edge]] += 1
            place_head[edge] = fill[heads[edge]]
            fill[heads[edge]] += 1
            edges[place_tail[edge]] = edge
            edges[place_head[edge]] = edge
    return _Graph(tails, heads, start, degree, edges, place_tail, place_head)


@njit(cache=True)
def _walk(graph: _Graph, path: _Path, first: int) -> tuple[int, int]:
    """Walks from an edge until a node comes round again; the steps of the cycle, none if stuck."""
    node = graph.tails[first]
    path.nodes[0] = node
    path.seen_at[node] = 0
    edge = first
    length = 0
    begin = -1
    while begin < 0:
        forward = graph.tails[edge] == node
        path.edges[length] = edge
        path.signs[length] = 1 if forward else -1
        node = graph.heads[edge] if forward else graph.tails[edge]
        length += 1
        path.nodes[length] = node
        begin = path.seen_at[node]
        if begin < 0:
            path.seen_at[node] = length
            edge = _another(graph, node, edge)
            if edge < 0:
                begin = length
    for step in range(length + 1):
        path.seen_at[path.nodes[step]] = -1
    return begin, length


@njit(cache=True)
def _another(graph: _Graph, node: int, edge: int) -> int:
    """A fractional edge of the node other than this one, or -1."""
    for place in range(graph.start[node], graph.start[node] + graph.degree[node]):
        if graph.edges[place] != edge:
            return int(graph.edges[place])
    return -1


@njit(cache=True)
def _shift(part: Counts, path: _Path, begin: int, end: int, draw: float) -> float:
    """How far the cycle moves: until an edge is whole, up or down by odds that favour neither."""
    up = 1.0
    down = 1.0
    for step in range(begin, end):
        here = part[path.edges[step]]
        if path.signs[step] > 0:
            up, down = min(up, 1.0 - here), min(down, here)
        else:
            up, down = min(up, here), min(down, 1.0 - here)
    return up if draw * (up + down) < down else -down


@njit(cache=True)
def _drop(graph: _Graph, edge: int) -> None:
    """Takes an edge that is whole from the lists of its two nodes."""
    for node, place in (
        (graph.tails[edge], graph.place_tail[edge]),
        (graph.heads[edge], graph.place_head[edge]),
    ):
        last = graph.start[node] + graph.degree[node] - 1
        moved = graph.edges[last]
        graph.edges[place] = moved
        if graph.tails[moved] == node and graph.place_tail[moved] == last:
            graph.place_tail[moved] = place
        else:
            graph.place_head[moved] = place
        graph.degree[node] -= 1
