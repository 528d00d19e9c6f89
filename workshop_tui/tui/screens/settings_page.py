"""The settings over the desk: what may be chosen, and what it is now. What is chosen is kept at once."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual.widgets.option_list import Option

from workshop_tui.choosing import TITLES
from workshop_tui.saved_settings import save
from workshop_tui.tui.messages import OtherNamesWanted, OtherTargetWanted, SettingsChanged
from workshop_tui.tui.screens.dialog import Dialog
from workshop_tui.tui.widgets.choices import Choices

if TYPE_CHECKING:
    from textual.widgets import OptionList

    from workshop_tui.session import Session

_TURNS = {
    "builder": {
        "auto": "with Docker where it runs, else by the workshop itself",
        "docker": "with Docker",
        "embedded": "by the workshop itself, without Docker",
    },
    "source_from": {
        "auto": "cloned, or our starter where there is no network",
        "clone": "cloned from its repository",
        "starter": "our starter: small, and here without a network",
    },
}
"""The settings that have few values: Enter turns to the next one."""


_TITLE_WIDTH = 19
"""The column of the values."""


class SettingsPage(Dialog[None]):
    """Theme, where one works and under which names, and how things are made."""

    title_text = "Settings"
    keys_text = "↑↓ settings  Enter change  Esc close"
    enter_tells = "Change the setting"

    def __init__(self, session: Session) -> None:
        """Take the session whose settings they are."""
        super().__init__()
        self._session = session
        self._settings = session.settings

    def body(self) -> Choices:
        """Return the list."""
        return Choices(*(Option(self._line(name), id=name) for name in self._rows()), id="settings")

    def on_mount(self) -> None:
        """Begin at the first."""
        self.query_one(Choices).focus()
        self.query_one(Choices).highlighted = 0
        self.app.theme_changed_signal.subscribe(self, lambda _: self._show("theme"))

    def _rows(self) -> list[str]:
        names = ["names"] if self._session.target.kind == "azure" else []
        return ["theme", "target", *names, *_TURNS]

    def _line(self, name: str) -> Text:
        title, value, told = self._told(name)
        text = Text(f"{title:{_TITLE_WIDTH}}", no_wrap=True, overflow="ellipsis").append(value, style="bold")
        return text.append(f"\n{'':{_TITLE_WIDTH}}{told}", style="dim")

    def _told(self, name: str) -> tuple[str, str, str]:
        """Return a setting's title, its value, and what that means."""
        match name:
            case "theme":
                return "Theme", self.app.theme, "dark, light, or the colours of your terminal (ansi-)"
            case "target":
                if self._session.target.kind == "practice":
                    return "Where you work", "Practice", "a cloud of your own on this machine"
                return "Where you work", "Azure", "your own subscription"
            case "names":
                names = self._session.names
                value = " / ".join(str(getattr(names, each)) for each in TITLES if each != "subscription_id")
                return "Names", value, "subscription, resource group, cluster, account and model"
            case "builder":
                return "Image is built", self._settings.builder, _TURNS[name][self._settings.builder]
            case _:
                return (
                    "Source comes from",
                    self._settings.source_from,
                    _TURNS[name][self._settings.source_from],
                )

    def _show(self, name: str) -> None:
        self.query_one(Choices).replace_option_prompt(name, self._line(name))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Change the setting, or open what changes it."""
        event.stop()
        match event.option_id:
            case "theme":
                self.app.search_themes()
            case "target":
                self._leave_for(OtherTargetWanted())
            case "names":
                self._leave_for(OtherNamesWanted())
            case str(name):
                self._turn(name)

    def _leave_for(self, message: OtherTargetWanted | OtherNamesWanted) -> None:
        self.action_close()
        self.app.post_message(message)

    def _turn(self, name: str) -> None:
        values = list(_TURNS[name])
        value = values[(values.index(getattr(self._settings, name)) + 1) % len(values)]
        changed: dict[str, Any] = {name: value}
        self._settings = replace(self._settings, **changed)
        save(self._settings.home, {name: value})
        self._show(name)
        variable = f"WORKSHOP_TUI_{name.upper()}"
        if os.environ.get(variable, value) != value:
            told = f"{variable} in your shell's environment will come first at the next start."
            self.notify(told, severity="warning", markup=False)

    def action_close(self) -> None:
        """Go back; what was changed counts from now on."""
        if self._settings != self._session.settings:
            self.app.post_message(SettingsChanged(self._settings))
        self.dismiss(None)
