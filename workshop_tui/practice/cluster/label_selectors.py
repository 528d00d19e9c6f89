"""The text of a label selector, read and refused as k8s.io/apimachinery/pkg/labels does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(r"\s*(==|!=|[!=(),<>]|[^\s=!(),<>]+)")
_SPECIAL = frozenset({"==", "!=", "=", "!", "(", ")", ",", "<", ">"})
_NO_BEGINNING = _SPECIAL - {"!"}
_NO_VALUE = _SPECIAL - {","}
_SET_WORDS = frozenset({"in", "notin"})
_OPERATORS = {"=": "In", "==": "In", "!=": "NotIn", "in": "In", "notin": "NotIn", "<": "Lt", ">": "Gt"}
_OPERATORS_LISTED = "in, notin, =, ==, !=, gt, lt"
_END = ""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on a label: `operator` is In, NotIn, Exists, DoesNotExist, Gt or Lt."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether the labels meet it; a missing label meets NotIn, as Kubernetes has it."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case "DoesNotExist":
                return self.key not in labels
            case _:
                return self._compares(labels.get(self.key, ""))

    def _compares(self, text: str) -> bool:
        try:
            value, limit = int(text), int(next(iter(self.values)))
        except ValueError:
            return False
        return value > limit if self.operator == "Gt" else value < limit


class SelectorError(ValueError):
    """What is wrong, as the parser of Kubernetes words it."""


class _Parser:
    """Reads a selector from left to right; the empty token is its end."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._at = 0

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _take(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def all(self) -> list[Requirement]:
        """Return every requirement; SelectorError."""
        requirements: list[Requirement] = []
        while (token := self._peek()) != _END:
            if token in _NO_BEGINNING:
                raise SelectorError(f"found '{token}', expected: !, identifier, or 'end of string'")
            try:
                requirements.append(self._requirement())
            except SelectorError as error:
                raise SelectorError(f"unable to parse requirement: {error}") from None
            if self._peek() == _END:
                break
            if (token := self._take()) != ",":
                raise SelectorError(f"found '{token}', expected: ',' or 'end of string'")
            if (token := self._peek()) == _END or token in _NO_BEGINNING:
                raise SelectorError(f"found '{token}', expected: identifier after ','")
        return requirements

    def _requirement(self) -> Requirement:
        absent = self._peek() == "!"
        if absent:
            self._take()
        key = self._identifier()
        if self._peek() in (_END, ","):
            return Requirement(key, "DoesNotExist" if absent else "Exists")
        word = self._take()
        operator = _OPERATORS.get(word)
        if operator is None:
            raise SelectorError(f"found '{word}', expected: {_OPERATORS_LISTED}")
        values = self._set() if word in _SET_WORDS else frozenset({self._exact()})
        return Requirement(key, operator, values)

    def _identifier(self) -> str:
        token = self._take()
        if token == _END or token in _SPECIAL:
            raise SelectorError(f"found '{token}', expected: identifier")
        return token

    def _exact(self) -> str:
        return "" if self._peek() in (_END, ",") else self._identifier()

    def _set(self) -> frozenset[str]:
        if (token := self._take()) != "(":
            raise SelectorError(f"found '{token}' expected: '('")
        values: set[str] = set()
        if self._peek() == ")":
            self._take()
            return frozenset({""})
        if (token := self._peek()) == _END or token in _NO_VALUE:
            raise SelectorError(f"found '{token}', expected: ',', ')' or identifier")
        while True:
            values.add("" if self._peek() in (",", ")") else self._identifier())
            match self._take():
                case ")":
                    return frozenset(values)
                case ",":
                    continue
                case token:
                    raise SelectorError(f"found '{token}', expected: ',' or ')'")


def parse_label_selector(text: str) -> tuple[Requirement, ...]:
    """Read a `labelSelector` parameter; ApiError BadRequest when it is malformed."""
    try:
        return tuple(_Parser(text).all())
    except SelectorError as error:
        raise bad_request(str(error)) from None
