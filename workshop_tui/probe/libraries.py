"""The libraries that matter, replaced: Semantic Kernel's services, Azure's credentials, FastAPI's routes.

Where the learner pins the version that the workshop names, its real signature is held to: an argument that
it does not know fails here as it would fail there.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from workshop_tui.probe import record
from workshop_tui.probe.stand_in import StandIn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PINNED_KERNEL = "0.3.1.dev0"
pinned: dict[str, str] = {}
"""Normalised names and exact versions that the learner's requirements pin."""

_unsorted: list[tuple[record.Service, object]] = []


async def sort_services() -> None:
    """Find out what each service was given to sign in with; a provider is called for that."""
    while _unsorted:
        service, given = _unsorted.pop(0)
        service.sign_in = await record.sort_of(given)


def _version(name: str) -> tuple[int, ...]:
    parts = pinned.get(name, "").split(".")[:2]
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()


class _ChatService(StandIn):
    kind = ""
    options: tuple[str, ...] = ()

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - the real one's arguments
        super().__init__()
        given = self._bound(arguments, named)
        token_names = [name for name in given if _is_token_name(name) and given[name] is not None]
        signs_in = given.get("api_key")
        for name in token_names:
            signs_in = given[name]
        self._validate(given, signs_in)
        self.service = record.Service(
            kind=self.kind,
            as_token=bool(given.get("ad_auth")) or bool(token_names),
            deployment=str(
                given.get("deployment_name") or given.get("model_id") or given.get("ai_model_id") or ""
            ),
            endpoint=str(given.get("endpoint") or given.get("base_url") or ""),
        )
        # A callable where the pinned version wants text would be sent as text: it is no provider there.
        is_text_only = pinned.get("semantic-kernel") == PINNED_KERNEL and callable(signs_in)
        self.signs_in = object() if is_text_only else signs_in

    def _bound(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        name = type(self).__name__
        if len(arguments) > len(self.options):
            raise TypeError(f"{name}.__init__() takes at most {len(self.options) + 1} positional arguments")
        given = dict(zip(self.options, arguments, strict=False))
        for option in named:
            if option in given:
                raise TypeError(f"{name}.__init__() got multiple values for argument '{option}'")
            if option not in self.options and pinned.get("semantic-kernel") == PINNED_KERNEL:
                raise TypeError(f"{name}.__init__() got an unexpected keyword argument '{option}'")
        return given | named

    def _validate(self, given: dict[str, Any], signs_in: object) -> None:
        pass


class AzureChatCompletion(_ChatService):
    """Semantic Kernel's service for Azure OpenAI."""

    kind = "azure"
    options = ("deployment_name", "endpoint", "api_key", "api_version", "logger", "ad_auth")

    def _validate(self, given: dict[str, Any], signs_in: object) -> None:
        if not given.get("deployment_name"):
            raise ValueError("The deployment name cannot be `None` or empty")
        if not signs_in:
            raise ValueError("The Azure API key cannot be `None` or empty")
        if not str(given.get("endpoint") or given.get("base_url") or "").startswith("https://"):
            raise ValueError("The Azure endpoint must start with https://")


class OpenAIChatCompletion(_ChatService):
    """Semantic Kernel's service for OpenAI itself."""

    kind = "openai"
    options = ("model_id", "api_key", "org_id", "api_type", "api_version", "endpoint", "log")


def _is_token_name(name: str) -> bool:
    return "token" in name or name in {"credential", "azure_credential"}


class Kernel(StandIn):
    """Semantic Kernel's kernel: whatever chat service is added to it counts as registered."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method
        if name.startswith(("add_", "set_")):
            return self._add
        return super().__getattr__(name)

    def _add(self, *arguments: Any, **named: Any) -> Kernel:  # noqa: ANN401 - the real one's arguments
        for value in (*arguments, *named.values()):
            if isinstance(value, _ChatService):
                record.current.services.append(value.service)
                _unsorted.append((value.service, value.signs_in))
            elif callable(value) and not isinstance(value, (StandIn, type)):
                # A factory, which the real kernel calls with itself.
                made = value(self)
                self._add(made() if callable(made) and not isinstance(made, StandIn) else made)
        return self


class AccessToken(NamedTuple):
    """A token as azure.core has it."""

    token: str
    expires_on: int


def credential_class(name: str, *, is_async: bool) -> type:
    """Return a credential that notes that it was made and which scopes it is asked for."""

    def note(self: object, *_arguments: object, **_options: object) -> None:
        del self
        record.current.credentials.append(name)

    def get_token(_self: object, *scopes: str, **_options: object) -> Any:  # noqa: ANN401 - or its awaitable
        record.current.scopes.extend(scopes)
        token = AccessToken(record.TOKEN, int(time.time()) + 3600)
        return _in_a_moment(token) if is_async else token

    members: dict[str, Any] = {"__init__": note, "get_token": get_token, "get_token_info": get_token}
    return type(name, (StandIn,), members)


async def _in_a_moment(token: AccessToken) -> AccessToken:
    await asyncio.sleep(0)
    return token


def bearer_provider(*, is_async: bool) -> Callable[..., record.Provider]:
    """Return `get_bearer_token_provider` of azure.identity or of azure.identity.aio."""

    def get_bearer_token_provider(_credential: object, *scopes: str, **_options: object) -> record.Provider:
        record.current.scopes.extend(scopes)
        return record.Provider(is_async=is_async)

    return get_bearer_token_provider


class Router(StandIn):
    """FastAPI's app and router: keeps the handlers that are registered."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - the real one's arguments
        super().__init__(*arguments, **options)
        for name in ("lifespan", "on_startup"):
            found = options.get(name)
            record.current.handlers[:0] = found if isinstance(found, list) else [found] if found else []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method
        if name in {"get", "post", "put", "api_route", "on_event"}:
            return self._registrar
        if name in {"add_api_route", "add_route"}:
            return lambda _path, handler, *_a, **_o: record.current.handlers.append(handler)
        return super().__getattr__(name)

    @staticmethod
    def _registrar(*_arguments: object, **_options: object) -> Callable[..., object]:
        def keep(handler: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
            record.current.handlers.append(handler)
            return handler

        return keep


class Depends:
    """FastAPI's marker of a parameter that another function fills."""

    def __init__(self, dependency: Callable[..., object] | None = None, **_options: object) -> None:
        self.dependency = dependency


class Response(StandIn):
    """Any of FastAPI's responses: its status and content are looked at."""

    def __init__(self, content: object = None, status_code: int = 200, **options: object) -> None:
        super().__init__(**options)
        self.content = content
        self.status_code = status_code


class HTTPException(Exception):  # noqa: N818 - FastAPI's own name
    """FastAPI's exception that becomes an answer."""

    def __init__(self, status_code: int = 500, detail: object = "", **_options: object) -> None:
        super().__init__(str(detail))
        self.status_code = status_code


def has_provider() -> bool:
    """Return whether the pinned azure-identity has `get_bearer_token_provider` (from 1.15 on)."""
    version = _version("azure-identity")
    return not version or version >= (1, 15)
