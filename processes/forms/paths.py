"""Where an answer lives in nested JSON: `("moeder", 0, "dato")`."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

Path = tuple[str | int, ...]


class Missing:
    """The type of `MISSING`: null is an answer, this is none."""

    def __bool__(self) -> bool:
        return False


MISSING = Missing()


def look_up(data: Any, path: Path) -> Any:
    """The value at the path, or `MISSING`."""
    for step in path:
        data = _step(data, step)
    return data


def put(data: dict[str, Any], path: Path, value: Any) -> None:
    """Write the value, making the objects and lists on its way."""
    spot: Any = data
    for step, following in pairwise(path):
        spot = _enter(spot, step, [] if isinstance(following, int) else {})
    _enter(spot, path[-1], None)
    spot[path[-1]] = value


def remove(data: dict[str, Any], path: Path) -> None:
    """Take the value away, if it is there; the objects around it stay."""
    around = look_up(data, path[:-1])
    if isinstance(around, dict):
        around.pop(str(path[-1]), None)


def dotted(path: Path) -> str:
    """How errors name a place: `moeder.0.dato`."""
    return ".".join(map(str, path))


def pointer(path: Path) -> str:
    """As RFC 6901 writes it, without the leading slash: a plain key stays itself."""
    return "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _step(data: Any, step: str | int) -> Any:
    if isinstance(step, str):
        return data.get(step, MISSING) if isinstance(data, dict) else MISSING
    inside = isinstance(data, list) and step < len(data)
    return data[step] if inside else MISSING


def _enter(spot: Any, step: str | int, fresh: Any) -> Any:
    if isinstance(step, int):
        spot.extend({} for _ in range(step + 1 - len(spot)))
        return spot[step]
    return spot.setdefault(step, fresh)
