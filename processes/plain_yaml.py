"""YAML with the types of JSON only: a date and the word `no` stay text."""

from __future__ import annotations

import math
import re
from itertools import count
from typing import Any

import yaml

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
TAGS = {"!", *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))}
DEEPEST, MOST_NODES = 40, 100_000


class BadYaml(Exception):
    """The text cannot be read; the sentence says where and why."""


def read_plain(text: str, name: str) -> Any:
    """The JSON value that a text in YAML stands for; None if it is empty.

    Raises:
        BadYaml: it is not YAML, is too large, or holds more than JSON's types.
    """
    try:
        node = yaml.compose(text, Loader=_Words)
        return None if node is None else _plain(node, name, count())
    except yaml.YAMLError as error:
        raise BadYaml(f"{name} is not YAML: {error}") from error
    except RecursionError as error:
        raise BadYaml(f"{name} is nested too deeply") from error


class _Words(yaml.SafeLoader):
    """Reads every plain word as text; what it means is ours to say."""


_Words.yaml_implicit_resolvers = {}


def _plain(node: yaml.Node, name: str, nodes: count[int], depth: int = 0) -> Any:
    """The JSON value of a node. Aliases may point anywhere, so that size and depth are watched."""
    if depth > DEEPEST or next(nodes) > MOST_NODES:
        raise BadYaml(f"{name} is too large or nested too deeply")
    if node.tag not in TAGS:
        line = node.start_mark.line + 1
        raise BadYaml(f"{name}, line {line}: only JSON's types may stand here, no {node.tag}")
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, name, nodes, depth)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(entry, name, nodes, depth + 1) for entry in node.value]
    quoted = getattr(node, "style", None) is not None
    return str(node.value) if quoted else _scalar(node, name)


def _mapping(node: yaml.MappingNode, name: str, nodes: count[int], depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise BadYaml(f"{name}, line {line}: a key must be a word")
        if key.value in found:
            raise BadYaml(f"{name}, line {line}: '{key.value}' stands here twice")
        found[key.value] = _plain(value, name, nodes, depth + 1)
    return found


def _scalar(node: yaml.Node, name: str) -> str | float | bool | None:
    text: str = node.value
    if text in WORDS:
        return WORDS[text]
    number = NUMBER.fullmatch(text)
    if number is None:
        return text
    try:
        value = float(text) if any(number.groups()) else int(text)
    except ValueError:
        value = math.inf
    if value in {math.inf, -math.inf}:
        raise BadYaml(f"{name}, line {node.start_mark.line + 1}: the number is too large")
    return value
