"""Calling what the learner's module registered, for apps that make their chat service when first asked."""

from __future__ import annotations

import inspect
import typing
from typing import TYPE_CHECKING, Any

from workshop_tui.probe import libraries, record
from workshop_tui.probe.settings_classes import BaseModel
from workshop_tui.probe.stand_in import StandIn

if TYPE_CHECKING:
    from collections.abc import Callable

PRODUCT = {"name": "Probe", "tags": ["toy", "dog"]}
_REFUSED = 400


class Request(StandIn):
    """A request for a description."""

    async def json(self) -> dict[str, Any]:
        """Return the body."""
        return dict(PRODUCT)


async def call_handlers() -> str:
    """Call start-up and route handlers until a chat service is there; return the last error's text."""
    error = ""
    for handler in list(record.current.handlers):
        try:
            error = refusal(await _call(handler)) or error
        except Exception as problem:  # noqa: BLE001 - the learner's code may fail in any way
            error = str(problem) or type(problem).__name__
        if record.current.services:
            return ""
    return error


def refusal(answer: object) -> str:
    """Return the error that an answer tells, or an empty text."""
    if not isinstance(answer, libraries.Response) or answer.status_code < _REFUSED:
        return ""
    content = answer.content
    if isinstance(content, dict):
        content = content.get("error") or content.get("detail") or content
    return str(content) or f"status {answer.status_code}"


async def _call(function: Callable[..., Any]) -> object:
    given: Any = function(**{item.name: await _argument(item) for item in _parameters(function)})
    if inspect.isawaitable(given):
        return await given
    if hasattr(given, "__aenter__") and not isinstance(given, StandIn):
        return await given.__aenter__()  # a lifespan: what it makes lives as long as the app
    if inspect.isasyncgen(given):
        return await anext(given)
    if inspect.isgenerator(given):
        return next(given)
    return given


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        found = inspect.signature(function, eval_str=True).parameters.values()
    except Exception:  # noqa: BLE001 - an annotation may name anything
        found = inspect.signature(function).parameters.values()
    return [item for item in found if item.kind not in (item.VAR_POSITIONAL, item.VAR_KEYWORD)]


async def _argument(parameter: inspect.Parameter) -> object:
    marks = [parameter.default, *getattr(parameter.annotation, "__metadata__", ())]
    for mark in marks:
        if isinstance(mark, libraries.Depends):
            return await _call(mark.dependency) if mark.dependency else StandIn()
    kind = parameter.annotation
    if inspect.isclass(kind) and issubclass(kind, BaseModel):
        return _product(kind)
    if parameter.default is not parameter.empty:
        return parameter.default
    return Request()


def _product(kind: type[BaseModel]) -> BaseModel:
    product = kind.__new__(kind)
    for name, hint in typing.get_type_hints(kind).items():
        is_list = typing.get_origin(hint) in (list, set, tuple)
        setattr(product, name, PRODUCT["tags"] if is_list else PRODUCT["name"])
    return product
