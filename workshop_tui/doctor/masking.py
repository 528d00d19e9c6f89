"""Making text fit for others to read: on top of what `clean` hides, who and where the learner is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud.text import HIDDEN, clean
from workshop_tui.saved_settings import SettingsError, read_saved
from workshop_tui.settings import TARGETS, user_home

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.settings import Settings

_SECRET_NAME = re.compile(
    r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|CONNECTION_?STRING|SIGNATURE|_PAT$|_SAS", re.IGNORECASE
)
_NO_SECRET = re.compile(r".{0,5}|[a-z]{6,11}|/.*", re.DOTALL)
"""Values that are words or paths, which stand anywhere: hiding them would hide half of the text."""
_E_MAIL = re.compile(r"[\w.+%#-]+@[\w-]+(?:\.[\w-]+)+")
_PEOPLES_HOMES = re.compile(r"/(?:home|Users)/[^/\s:\"',;]+")
_LIMIT = 4_000_000


@dataclass(frozen=True, slots=True)
class Mask:
    """Hides secrets, e-mail addresses, the learner's name in paths, and these very texts."""

    secrets: tuple[str, ...]
    home: str

    @classmethod
    def of(cls, settings: Settings, environment: Mapping[str, str]) -> Mask:
        """Learn what to hide on this machine: the values themselves of all that is called a secret."""
        values = {
            value
            for name, value in environment.items()
            if _SECRET_NAME.search(name) and not _NO_SECRET.fullmatch(value)
        }
        # Who knows the repository's name may push to it.
        values |= {value for target in TARGETS if (value := _repository(settings, target))}
        # The longest first: one may be a part of another.
        return cls(
            tuple(sorted(values, key=len, reverse=True)), environment.get("HOME") or str(user_home() or "")
        )

    def text(self, text: object) -> str:
        """Return the text, cleaned and masked; its lines are kept."""
        found = str(text)
        for secret in self.secrets:
            found = found.replace(secret, HIDDEN)
        found = clean(found, limit=_LIMIT, lines=True)
        found = _E_MAIL.sub("[e-mail address]", found)
        if len(self.home) > 1:
            found = re.sub(rf"{re.escape(self.home)}(?![\w.-])", "~", found)
        return _PEOPLES_HOMES.sub("~", found)

    def value(self, value: Any) -> Any:  # noqa: ANN401 - it is JSON, in and out
        """Return a JSON value with every text in it masked."""
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        return self.text(value) if isinstance(value, str) else value


def _repository(settings: Settings, target: str) -> str:
    try:
        return read_saved(settings.home, target).get("image_repository", "")
    except SettingsError:
        return ""
