"""What kind of value does an expression give, as far as its text shows?

Source: DMN 1.3, 10.3.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from processes.lint.vocabulary import Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from processes.engine.feel import Tree
    from processes.lint.vocabulary import Vocabulary

LITERALS = {
    "NumericLiteral": "number",
    "StringLiteral": "string",
    "BooleanLiteral": "boolean",
    "List": "list",
    "Context": "context",
    "ForExpression": "list",
    "QuantifiedExpression": "boolean",
    "Comparison": "boolean",
    "Conjunction": "boolean",
    "Disjunction": "boolean",
    "InstanceOfExpression": "boolean",
}
MADE = {"date": "date", "time": "time", "date and time": "date and time", "duration": "duration"}
FUNCTIONS = {
    "abs": "number",
    "all": "boolean",
    "any": "boolean",
    "append": "list",
    "ceiling": "number",
    "concatenate": "list",
    "contains": "boolean",
    "count": "number",
    "day of week": "string",
    "decimal": "number",
    "distinct values": "list",
    "ends with": "boolean",
    "floor": "number",
    "flatten": "list",
    "index of": "list",
    "is defined": "boolean",
    "list contains": "boolean",
    "lower case": "string",
    "matches": "boolean",
    "mean": "number",
    "modulo": "number",
    "month of year": "string",
    "not": "boolean",
    "now": "date and time",
    "number": "number",
    "round half down": "number",
    "round half up": "number",
    "split": "list",
    "starts with": "boolean",
    "string": "string",
    "string length": "number",
    "substring": "string",
    "sum": "number",
    "today": "date",
    "union": "list",
    "upper case": "string",
    "years and months duration": "duration",
}
MOMENTS = frozenset({"date", "date and time"})
AROUND = frozenset({"Expression", "ParenthesizedExpression", "PositiveUnaryTest"})
TESTS = frozenset({"PositiveUnaryTest", "PositiveUnaryTests", "SimplePositiveUnaryTest"})


def path_of(tree: Tree) -> tuple[str, ...] | None:
    """The names of `a.b.c`; None if the tree is something else."""
    if tree[0] == "VariableName":
        return (str(tree[1]),)
    if tree[0] == "PathExpression" and len(tree) == len(("name", "object", "field")):
        before = path_of(tree[1])
        return None if before is None else (*before, str(tree[2][1]))
    return None


def bare(tree: Tree) -> Tree:
    """The tree without what only stands around it."""
    while tree and tree[0] in AROUND and len(tree) == len(("name", "child")):
        tree = tree[1]
    return tree


def word_of(tree: Tree, vocabulary: Vocabulary) -> Word:
    """What an expression's value can be."""
    tree = bare(tree)
    if not tree:
        return Word()
    path = path_of(tree)
    if path is not None:
        return vocabulary.word(path)
    if tree[0] == "Context":
        return Word("context", fields=dict(entries(tree, vocabulary)))
    if tree[0] == "StringLiteral":
        return Word("string", (str(tree[1])[1:-1],))
    if tree[0] == "BooleanLiteral":
        return Word("boolean", (tree[1] == "true",))
    return Word(_kind(tree, vocabulary))


def entries(tree: Tree, vocabulary: Vocabulary) -> Iterator[tuple[str, Word]]:
    """The entries of a context, each with what it can be."""
    tree = bare(tree)
    if not tree or tree[0] != "Context":
        return
    for entry in tree[1:]:
        if entry[0] == "ContextEntry" and len(entry) == len(("name", "key", "value")):
            yield key_of(entry[1]), word_of(entry[2], vocabulary)


def key_of(tree: Tree) -> str:
    """The name of a context's entry."""
    while not isinstance(tree[1], str):
        tree = tree[1]
    return tree[1].strip('"')


def _kind(tree: Tree, vocabulary: Vocabulary) -> str | None:
    name = tree[0]
    if name in LITERALS:
        return LITERALS[name]
    if name == "DateTimeLiteral":
        return _moment(tree)
    if name == "FunctionInvocation":
        return FUNCTIONS.get(str(tree[1][1]))
    if name == "IfExpression":
        kinds = {word_of(part, vocabulary).kind for part in tree[2:] if bare(part)[0] != "null"}
        return kinds.pop() if len(kinds) == 1 else None
    if name == "ArithmeticExpression":
        return _arithmetic(tree, vocabulary)
    return None


def _moment(tree: Tree) -> str | None:
    made = tree[1]
    if made[0] == "DateTimeConstructor":
        return MADE.get(str(made[1]))
    text = str(made[1][1]).strip('"') if made[0] == "AtLiteral" else ""
    if text.lstrip("-").startswith("P"):
        return "duration"
    if "T" in text:
        return "date and time"
    return "date" if text[:1].isdigit() else None


def _arithmetic(tree: Tree, vocabulary: Vocabulary) -> str | None:
    parts = tree[1:]
    if len(parts) == len(("sign", "operand")):
        return word_of(parts[1], vocabulary).kind
    if len(parts) != len(("left", "sign", "right")) or parts[1][0] != "ArithOp":
        return None
    left, right = (word_of(part, vocabulary).kind for part in (parts[0], parts[2]))
    if left == right:
        same = {"number": "number", "string": "string", "duration": "duration"}
        return "duration" if left in MOMENTS and parts[1][1] == "-" else same.get(left or "")
    if {left, right} <= {*MOMENTS, "time", "duration"} and "duration" in {left, right}:
        return left if right == "duration" else right
    return None


# -- comparisons -------------------------------------------------------------------------------


def clashes(tree: Tree, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """The kinds of both sides of every comparison that can only go wrong."""
    if not tree or isinstance(tree[1] if len(tree) > 1 else "", str):
        return
    if tree[0] == "Comparison":
        left = word_of(tree[1], vocabulary).kind
        for other in _compared(tree[2:]):
            right = word_of(other, vocabulary).kind
            if left and right and not _comparable(left, right):
                yield left, right
    for part in tree[1:]:
        if isinstance(part, list | tuple):
            yield from clashes(part, vocabulary)


def _compared(parts: Sequence[Any]) -> Iterator[Tree]:
    """The values that the first side of a comparison is held against."""
    for part in parts:
        if isinstance(part, str) or part[0] in {"CompareOp", "null"}:
            continue
        listed = part[0] == "List" and len(parts) == 1
        if listed or part[0] in TESTS or part[0] == "Interval":
            yield from _compared(part[1:])
        else:
            yield part


def _comparable(left: str, right: str) -> bool:
    return left == right or {left, right} <= MOMENTS
