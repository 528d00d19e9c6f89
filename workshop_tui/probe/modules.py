"""Imports, taken over: what is neither the standard library nor the learner's own becomes a stand-in."""

from __future__ import annotations

import importlib
import sys
import types
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any

from workshop_tui.probe import libraries, settings_classes
from workshop_tui.probe.stand_in import stand_in_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_KERNEL = {
    "Kernel": libraries.Kernel,
    "AzureChatCompletion": libraries.AzureChatCompletion,
    "OpenAIChatCompletion": libraries.OpenAIChatCompletion,
}
_WEB = {
    "APIRouter": libraries.Router,
    "FastAPI": libraries.Router,
    "Router": libraries.Router,
    "Starlette": libraries.Router,
    "Depends": libraries.Depends,
    "HTTPException": libraries.HTTPException,
}
_DOTENV = {"dotenv_values": lambda *_a, **_o: {}, "find_dotenv": lambda *_a, **_o: ""}
_OWN = "workshop_tui"
_SUBMODULES = {
    "azure": frozenset({"identity", "core"}),
    "azure.identity": frozenset({"aio"}),
    "semantic_kernel": frozenset({"connectors", "kernel"}),
    "semantic_kernel.connectors": frozenset({"ai"}),
    "semantic_kernel.connectors.ai": frozenset({"open_ai"}),
}
"""Modules that are also reached as attributes: `from azure import identity`."""


class _Status:
    """`fastapi.status`: HTTP_401_UNAUTHORIZED is 401."""

    def __getattr__(self, name: str) -> int:
        digits = name.split("_")[1] if name.startswith("HTTP_") else ""
        if digits.isdecimal():
            return int(digits)
        raise AttributeError(name)


def attribute(module: str, name: str) -> Any:  # noqa: ANN401 - stands for anything
    """Return what `module.name` is replaced by; None where any stand-in will do."""
    if module.startswith("azure.identity"):
        return _identity(name, is_async=".aio" in module)
    match module.partition(".")[0]:
        case "semantic_kernel":
            return _KERNEL.get(name)
        case "fastapi" | "starlette":
            return _web(module, name)
        case "pydantic" | "pydantic_settings":
            return settings_classes.NAMES.get(name)
        case "dotenv":
            return _DOTENV.get(name)
    return None


def _web(module: str, name: str) -> Any:  # noqa: ANN401 - a class or a number
    if name == "status":
        return _Status()
    if module.endswith(".status"):
        return getattr(_Status(), name)
    if name.endswith("Response"):
        return type(name, (libraries.Response,), {})
    return _WEB.get(name)


def _identity(name: str, *, is_async: bool) -> Any:  # noqa: ANN401 - a class or a function
    if name == "get_bearer_token_provider":
        if not libraries.has_provider():
            raise ImportError(f"cannot import name '{name}' from 'azure.identity'")
        return libraries.bearer_provider(is_async=is_async)
    if name.endswith("Credential"):
        return libraries.credential_class(name, is_async=is_async)
    return None


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands for anything
        if name == "__version__":
            return "0"
        if name.startswith("__"):
            raise AttributeError(name)
        if name in _SUBMODULES.get(self.__name__, ()):
            return importlib.import_module(f"{self.__name__}.{name}")
        found = attribute(self.__name__, name)
        if found is None:
            found = stand_in_for(name)
        setattr(self, name, found)
        return found


class _StandInLoader(Loader):
    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


class StandInFinder(MetaPathFinder):
    """First in line: leaves the standard library and the learner's files alone, replaces all else."""

    def __init__(self, service: Path) -> None:
        self._service = service
        self._loader = _StandInLoader()

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a stand-in's spec, or None for what is imported as ever."""
        root = fullname.partition(".")[0]
        if root in sys.stdlib_module_names or root == _OWN:
            return None
        if (self._service / root).is_dir() or (self._service / f"{root}.py").is_file():
            return None
        return ModuleSpec(fullname, self._loader, is_package=True)
