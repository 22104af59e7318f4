"""Which counts of people may be told: few people are somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

Name = TypeVar("Name")

SMALLEST = 5
"""Source: the steering group and the committee see counts of five and more."""


def kept_back(counts: Mapping[Name, int], smallest: int = SMALLEST) -> set[Name]:
    """The parts of a whole that are kept back when the whole is told; none of them is empty.

    They come to `smallest` at least and are more than one, so that subtracting what is told finds
    neither a count nor a handful: the smallest of the others go with a small one.
    """
    hidden: set[Name] = set()
    for name in sorted((one for one in counts if counts[one]), key=counts.__getitem__):
        is_enough = len(hidden) != 1 and sum(counts[one] for one in hidden) >= smallest
        if counts[name] >= smallest and (not hidden or is_enough):
            break
        hidden.add(name)
    return hidden
