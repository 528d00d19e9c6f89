"""pydantic's models and settings, as far as an app's settings need them: filled from the environment."""

from __future__ import annotations

import os
import typing
from typing import Any

_TRUE, _FALSE = (
    frozenset({"1", "true", "t", "yes", "y", "on"}),
    frozenset({"0", "false", "f", "no", "n", "off"}),
)
_NOTHING = object()


class _Field:
    def __init__(self, default: object, names: tuple[str, ...]) -> None:
        self.default = default
        self.names = names


def Field(default: object = _NOTHING, *, default_factory: Any = None, **options: Any) -> _Field:  # noqa: ANN401, N802 - pydantic's own
    """Describe a field: `env`, `alias` and `validation_alias` name its variable."""
    if default is ...:
        default = _NOTHING
    if default_factory is not None:
        default = default_factory()
    listed: list[str] = []
    for option in ("env", "alias", "validation_alias"):
        value = options.get(option)
        listed += [value] if isinstance(value, str) else list(value or ())
    return _Field(default, tuple(listed))


class BaseModel:
    """A model: filled from its arguments, then from its defaults."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - the fields
        for name, hint in _fields(type(self)).items():
            setattr(self, name, _value(type(self), name, hint, given))

    def __init_subclass__(cls, **_options: object) -> None:
        pass

    @classmethod
    def from_environment(cls, _names: tuple[str, ...]) -> str | None:
        """Return the variable's text; a plain model has none."""
        return None


class BaseSettings(BaseModel):
    """Settings: filled from the environment, whatever the case of a variable's name."""

    @classmethod
    def from_environment(cls, names: tuple[str, ...]) -> str | None:
        """Return the text of the first of these variables that is set."""
        prefix = _prefix(cls)
        wanted = [name.lower() for name in names] + [(prefix + name).lower() for name in names]
        return next((value for name, value in os.environ.items() if name.lower() in wanted), None)


def _prefix(kind: type) -> str:
    config = getattr(kind, "model_config", None)
    if isinstance(config, dict):
        return str(config.get("env_prefix", ""))
    return str(getattr(getattr(kind, "Config", None), "env_prefix", ""))


def _fields(kind: type) -> dict[str, Any]:
    try:
        found = typing.get_type_hints(kind)
    except Exception:  # noqa: BLE001 - an annotation may name anything
        found = dict(getattr(kind, "__annotations__", {}))
    return {name: hint for name, hint in found.items() if not name.startswith("_") and name != "model_config"}


def _value(kind: type[BaseModel], name: str, hint: object, given: dict[str, Any]) -> object:
    declared = getattr(kind, name, _NOTHING)
    field = declared if isinstance(declared, _Field) else _Field(declared, ())
    for known in (name, *field.names):
        if known in given:
            return _converted(hint, given[known], name)
    text = kind.from_environment((*field.names, name))
    if text is not None:
        return _converted(hint, text, name)
    if field.default is not _NOTHING:
        return field.default
    if _takes_none(hint):
        return None
    raise ValueError(f"1 validation error for {kind.__name__}: {name}: field required")


def _takes_none(hint: object) -> bool:
    return type(None) in typing.get_args(hint)


def _converted(hint: object, value: object, name: str) -> object:
    kinds = [kind for kind in (typing.get_args(hint) or (hint,)) if kind is not type(None)]
    if bool in kinds and isinstance(value, str):
        if value.lower() in _TRUE | _FALSE:
            return value.lower() in _TRUE
        raise ValueError(f"{name}: value could not be parsed to a boolean")
    if int in kinds and isinstance(value, str):
        return int(value)
    if SecretStr in kinds and isinstance(value, str):
        return SecretStr(value)
    return value


class SecretStr:
    """Text that does not show itself."""

    def __init__(self, text: str) -> None:
        self._text = text

    def get_secret_value(self) -> str:
        """Return the text."""
        return self._text


NAMES: dict[str, Any] = {
    "BaseModel": BaseModel,
    "BaseSettings": BaseSettings,
    "Field": Field,
    "SettingsConfigDict": dict,
    "ConfigDict": dict,
    "SecretStr": SecretStr,
}
