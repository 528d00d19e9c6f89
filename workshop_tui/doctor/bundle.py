"""The help bundle: one file that tells somebody who helps what they would ask for, and no secret."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workshop_tui import __version__
from workshop_tui.settings import user_home

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workshop_tui.doctor.part import Part
    from workshop_tui.settings import Settings

FRESH_SECONDS = 20.0
"""How long a fresh check may take; without an answer the journal's findings must do."""


def default_path() -> Path:
    """Return where a bundle goes when nobody says: the home folder, by date and time."""
    return (
        user_home() or Path.cwd()
    ) / f"workshop-tui-help-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}.zip"


async def make_bundle(
    settings: Settings,
    path: Path | None = None,
    *,
    workshop: Path | None = None,
    told: Callable[[str], None] | None = None,
) -> Path:
    """Write the bundle (0600) and return where it is; `told` hears what is being gathered.

    Takes some `FRESH_SECONDS` at most. What cannot be gathered is said in its place.

    Raises:
        OSError: it cannot be written.

    """
    import os  # noqa: PLC0415 - with all the others below

    from workshop_tui.cloud.machine.archive import write_archive  # noqa: PLC0415 - heavy, by its room
    from workshop_tui.daemon_thread import in_daemon_thread  # noqa: PLC0415 - likewise
    from workshop_tui.doctor.gathering import gather  # noqa: PLC0415 - likewise
    from workshop_tui.doctor.masking import Mask  # noqa: PLC0415 - likewise

    place = (default_path() if path is None else path).absolute()
    environment = dict(os.environ)
    parts = await gather(settings, environment, workshop, FRESH_SECONDS, told or (lambda _: None))

    def write() -> None:
        mask = Mask.of(settings, environment)
        texts = {part.name: mask.text(part.text) + "\n" for part in parts}
        write_archive(place, {"MANIFEST.txt": mask.text(_manifest(parts)) + "\n", **texts})

    # Masking some megabytes of logs takes a moment, and a screen may be waiting.
    await in_daemon_thread(write)
    return place


def _manifest(parts: Sequence[Part]) -> str:
    listed = "\n".join(f"- {part.name}: {part.about}" for part in parts)
    return f"""Help bundle of workshop-tui {__version__}, made {datetime.now().astimezone():%Y-%m-%d %H:%M %Z}

This file was made on the learner's own machine by `workshop-tui doctor --bundle`. Nothing was sent anywhere.

Begin with check.txt: its first lines name the root cause and what mends it.
findings.txt says which step was open.

What is inside:
{listed}

What is not inside: keys, tokens, passwords, connection strings, signatures. All text was masked before it was
written: secrets show as [hidden], e-mail addresses as [e-mail address], home folders as ~. Names of Azure
resources, ids of subscriptions and tenants, and texts of errors are left, since one cannot help without them.
Masking knows the forms that secrets usually have: look the files over before you hand them on.
"""
