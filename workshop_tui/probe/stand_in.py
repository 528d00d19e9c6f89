"""A stand-in for anything: takes every call, attribute, item, loop and await, and gives itself."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class StandIn:
    """Stands for objects and classes of libraries that do not matter to what is probed."""

    def __init__(self, *_arguments: Any, **_options: Any) -> None:  # noqa: ANN401 - takes anything
        pass

    def __call__(self, *arguments: Any, **_options: Any) -> Any:  # noqa: ANN401 - takes anything
        """Give another stand-in, or what is decorated."""
        # Used as a decorator: what it decorates stays what it is.
        if len(arguments) == 1 and (inspect.isfunction(arguments[0]) or inspect.isclass(arguments[0])):
            return arguments[0]
        return StandIn()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands for anything
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        # Kept, so that what is put on it (an app's state) is found there again.
        made = self.__dict__[name] = StandIn()
        return made

    def __getitem__(self, _key: object) -> StandIn:
        return StandIn()

    def __setitem__(self, _key: object, _value: object) -> None:
        pass

    def __contains__(self, _key: object) -> bool:
        return True

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __await__(self) -> Iterator[Any]:
        yield from ()
        return StandIn()  # type: ignore[return-value] # what `await` gives

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    async def __aenter__(self) -> StandIn:
        return self

    async def __aexit__(self, *_error: object) -> None:
        pass

    def __aiter__(self) -> StandIn:
        return self

    async def __anext__(self) -> Any:  # noqa: ANN401 - never gives one
        raise StopAsyncIteration

    def __str__(self) -> str:
        return "A fine product."

    def __format__(self, _form: str) -> str:
        return str(self)

    def __bool__(self) -> bool:
        return True

    def __int__(self) -> int:
        return 1

    def __or__(self, _other: object) -> StandIn:
        return self

    __ror__ = __or__

    def __class_getitem__(cls, _key: object) -> type[StandIn]:
        return cls

    def __set_name__(self, _owner: type, _name: str) -> None:
        pass


def stand_in_for(name: str) -> Any:  # noqa: ANN401 - a class or an object
    """Return what a library's attribute of that name is replaced by: a class, an exception, or an object."""
    if name.endswith(("Error", "Exception")):
        return type(name, (Exception,), {})
    if name[:1].isupper() and not name.isupper():
        return type(name, (StandIn,), {})
    return StandIn()
