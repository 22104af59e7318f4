"""Do the answers of a gateway fit what can be asked of it: no gap, no overlap, none in vain?

The conditions are tried with every value that makes a difference: the options of a choice, true and
false, and for numbers each one named, those between, below and above. What is read in conditions in
any other way is not judged.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from itertools import combinations, pairwise, product
from typing import TYPE_CHECKING, Any

from processes.lint.kinds import TESTS, bare, path_of
from processes.lint.vocabulary import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from processes.engine.feel import Tree
    from processes.lint.vocabulary import Vocabulary, Word

    Test = Callable[[dict[tuple[str, ...], Any]], bool | None]

MOST_TRIALS = 2_000
Path = tuple[str, ...]
Trial = dict[Path, Any]

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OTHER = "\N{REPLACEMENT CHARACTER}"
"""A text that no condition names."""


class Unclear(Exception):
    """A condition reads something in a way that is not tried here."""


@dataclass(frozen=True)
class Verdict:
    """What the trials have shown."""

    certain: bool
    """Whether every value that can be was tried."""

    gap: str | None = None
    """An example that no condition holds for."""

    overlap: tuple[int, int, str] | None = None
    """The first two conditions that hold at once, by number, with an example."""

    vain: tuple[int, ...] = ()
    """The conditions that hold for no value."""


def judged(conditions: Sequence[Tree], vocabulary: Vocabulary) -> Verdict | None:
    """What can be said of the conditions of one gateway; None if they are not understood."""
    reader = _Reader(vocabulary)
    try:
        tests, looks = zip(*(reader.test_alone(tree) for tree in conditions), strict=True)
        trials = list(reader.trials())
    except (Unclear, IndexError):
        return None
    if not reader.paths or len(trials) > MOST_TRIALS:
        return None
    answers = [(trial, [_asked(test, trial) for test in tests]) for trial in trials]
    return _verdict(answers, looks, certain=reader.certain)


def _asked(test: Test, trial: Trial) -> bool | None:
    try:
        return test(trial)
    except TypeError:
        return None


def _verdict(
    answers: list[tuple[Trial, list[bool | None]]], looks: Sequence[set[Path]], *, certain: bool
) -> Verdict:
    clear = [(trial, found) for trial, found in answers if None not in found]
    gap = next((trial for trial, found in clear if True not in found and _real(trial)), None)
    held = {at for _, found in answers for at, answer in enumerate(found) if answer is not False}
    vain = [at for at in range(len(answers[0][1])) if at not in held] if answers else []
    return Verdict(
        certain and len(clear) == len(answers),
        shown(gap) if gap is not None else None,
        _overlap([(trial, found) for trial, found in clear if _real(trial)], looks),
        tuple(vain) if certain else (),
    )


def _overlap(
    answers: list[tuple[Trial, list[bool | None]]], looks: Sequence[set[Path]]
) -> tuple[int, int, str] | None:
    """Two conditions on the same values; those on different ones are asked in order, on purpose."""
    for trial, found in answers:
        true = [at for at, answer in enumerate(found) if answer]
        for first, second in combinations(true, 2):
            if looks[first] == looks[second]:
                return first, second, shown(trial)
    return None


def _real(trial: Trial) -> bool:
    """Whether the values are ones that the diagram knows of."""
    return OTHER not in trial.values()


def shown(trial: Trial) -> str:
    """The values of a trial as FEEL would write them."""
    return ", ".join(f"{'.'.join(path)} = {_feel(value)}" for path, value in trial.items())


def _feel(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


@dataclass
class _Reader:
    """Turns trees into tests, and notes what they look at."""

    vocabulary: Vocabulary
    paths: dict[Path, list[Any]] = field(default_factory=dict)
    """What is looked at, and the values it is compared with."""

    def trials(self) -> Iterator[Trial]:
        """Every combination of values that makes a difference, not more than can be tried.

        Raises:
            Unclear: a path's values are not known, or there are too many.
        """
        domains = {path: self._domain(path, seen) for path, seen in self.paths.items()}
        total = 1
        for values in domains.values():
            total *= len(values)
        if total > MOST_TRIALS:
            raise Unclear
        for chosen in product(*domains.values()):
            yield dict(zip(domains, chosen, strict=True))

    @property
    def certain(self) -> bool:
        """Whether the values of everything that is looked at are known."""
        return all(self._is_certain(path, seen) for path, seen in self.paths.items())

    def _is_certain(self, path: Path, seen: list[Any]) -> bool:
        word = self.vocabulary.word(path)
        return word.options is not None or _kind(word, seen) in {"boolean", "number"}

    def _domain(self, path: Path, seen: list[Any]) -> list[Any]:
        word = self.vocabulary.word(path)
        if word.options is not None:
            return list(word.options)
        kind = _kind(word, seen)
        if kind == "boolean":
            return [True, False]
        if kind == "number":
            return _numbers(seen, whole=word.whole)
        if kind == "string":
            return [*dict.fromkeys(seen), OTHER]
        raise Unclear

    def test_alone(self, tree: Tree) -> tuple[Test, set[Path]]:
        """A whole condition, and what it looks at.

        Raises:
            Unclear: it is not made of comparisons with literals.
        """
        before = {path: len(seen) for path, seen in self.paths.items()}
        test = self.test(tree)
        return test, {path for path, seen in self.paths.items() if before.get(path) != len(seen)}

    def test(self, tree: Tree) -> Test:
        """A condition as a function of a trial.

        Raises:
            Unclear: it is not made of comparisons with literals.
        """
        tree = bare(tree)
        if tree[0] in {"Conjunction", "Disjunction"}:
            tests = [self.test(part) for part in tree[1:]]
            together = all if tree[0] == "Conjunction" else any
            return lambda trial: together([_decided(test(trial)) for test in tests])
        if tree[0] == "FunctionInvocation" and tree[1][1] == "not":
            inner = self.test(tree[2][1])
            return lambda trial: not _decided(inner(trial))
        if tree[0] == "Comparison":
            return self._comparison(tree)
        if tree[0] == "BooleanLiteral":
            value = tree[1] == "true"
            return lambda _: value
        path = self._noted(tree)
        self.paths[path].append(True)
        return lambda trial: trial[path] if isinstance(trial[path], bool) else None

    def _comparison(self, tree: Tree) -> Test:
        parts = list(tree[1:])
        if len(parts) == len(("left", "sign", "right")) and parts[1][0] == "CompareOp":
            return self._compared(*parts)
        if len(parts) == len(("value", "low", "high")):
            low = self._compared(parts[0], ["CompareOp", ">="], parts[1])
            high = self._compared(parts[0], ["CompareOp", "<="], parts[2])
            return lambda trial: _decided(low(trial)) and _decided(high(trial))
        if len(parts) == len(("value", "test")):
            tests = list(self._members(parts[0], parts[1]))
            return lambda trial: any(_decided(test(trial)) for test in tests)
        raise Unclear

    def _compared(self, left: Tree, sign: Tree, right: Tree) -> Test:
        compare = OPERATORS[str(sign[1])]
        value = literal(str(bare(right)[1])) if _is_literal(bare(right)) else None
        if value is not None:
            path = self._noted(bare(left))
            self.paths[path].append(value)
            return lambda trial: compare(trial[path], value)
        value = literal(str(bare(left)[1])) if _is_literal(bare(left)) else None
        if value is None:
            raise Unclear
        path = self._noted(bare(right))
        self.paths[path].append(value)
        return lambda trial: compare(value, trial[path])

    def _members(self, value: Tree, test: Tree) -> Iterator[Test]:
        test = bare(test)
        if test[0] == "Interval":
            low_sign = ">=" if test[1] == "[" else ">"
            high_sign = "<=" if test[-1] == "]" else "<"
            low = self._compared(value, ["CompareOp", low_sign], test[2])
            high = self._compared(value, ["CompareOp", high_sign], test[3])
            yield lambda trial: _decided(low(trial)) and _decided(high(trial))
        elif test[0] == "SimplePositiveUnaryTest" and test[1][0] == "CompareOp":
            yield self._compared(value, test[1], test[2])
        elif test[0] in TESTS or test[0] == "List":
            for one in test[1:]:
                yield from self._members(value, one)
        else:
            yield self._compared(value, ["CompareOp", "="], test)

    def _noted(self, tree: Tree) -> Path:
        path = path_of(tree)
        if path is None:
            raise Unclear
        self.paths.setdefault(path, [])
        return path


def _is_literal(tree: Tree) -> bool:
    return tree[0] in {"NumericLiteral", "StringLiteral", "BooleanLiteral"}


def _decided(answer: bool | None) -> bool:  # noqa: FBT001 — it is the answer itself
    if answer is None:
        raise TypeError
    return answer


def _kind(word: Word, seen: list[Any]) -> str | None:
    """The kind of what is looked at: as known, else as what it is compared with."""
    kinds = {
        "boolean" if isinstance(v, bool) else "string" if isinstance(v, str) else "number"
        for v in seen
    }
    if len(kinds) != 1 or word.kind not in {None, *kinds}:
        return None
    return kinds.pop()


def _numbers(seen: Sequence[float], *, whole: bool) -> list[float]:
    """Every number named, one between each two, one below and one above: the most telling first."""
    named = sorted(set(seen))
    between = [(low + high) / 2 for low, high in pairwise(named)]
    tried = [*named, *between, named[0] - 1, named[-1] + 1]
    if not whole:
        return list(dict.fromkeys(tried))
    return list(dict.fromkeys(one for n in tried for one in (int(n // 1), int(-(-n // 1)))))
