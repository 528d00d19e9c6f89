"""Judging this machine: Python, disk, state folder, ports, terminal, Codespaces, the practice cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from workshop_tui.doctor.diagnosis import Judgement, lacking, ok, unknown
from workshop_tui.model.machine import Platform

if TYPE_CHECKING:
    from workshop_tui.model.machine import (
        AppPython,
        Codespace,
        LoopbackPorts,
        Machine,
        PracticeCloud,
        Reach,
        StateFolder,
        Terminal,
    )

OLDEST_PYTHON = (3, 11)
SPACE_NEEDED, SPACE_WISHED = 500_000_000, 3_000_000_000
"""Bytes: the app's own environment needs some 400 MB; with images built by Docker a few GB are better."""
SMALLEST_TERMINAL = (60, 15)
"""Columns and lines below which the TUI shows too little at once."""


def python(machine: Machine) -> Judgement:
    """Judge the Python that runs us, and the platform."""
    version = ".".join(str(part) for part in machine.python)
    observed = f"Python {version} on {machine.system}, {machine.architecture}"
    if machine.python < OLDEST_PYTHON:
        remedy = "Run workshop-tui with Python 3.11 or newer; uv brings one."
        return lacking(observed, remedy, "uv python install 3.12")
    if machine.platform is Platform.OTHER:
        return lacking(
            observed,
            "On Windows, use WSL: the practice cloud and its tools need Linux or macOS.",
            "wsl --install",
        )
    return ok(observed)


def disk(folder: StateFolder) -> Judgement:
    """Judge the room where the state folder is."""
    if not folder.free_bytes:
        return unknown(f"how much room {folder.path} has cannot be told: {folder.problem}")
    observed = f"{folder.free_bytes / 1e9:.1f} GB free at {folder.path}"
    if folder.free_bytes < SPACE_NEEDED:
        return lacking(observed, "Make room: the app's Python and its packages need about 0.5 GB.", "df -h")
    if folder.free_bytes < SPACE_WISHED:
        return ok(observed, "It is enough, but tight once Docker builds images here.")
    return ok(observed)


def state_folder(folder: StateFolder) -> Judgement:
    """Judge whether our own folder can be written."""
    if folder.problem:
        return lacking(
            f"{folder.path} cannot be written: {folder.problem}",
            "Name a folder that you may write to, and that outlives this session.",
            'export WORKSHOP_TUI_HOME="$HOME/.workshop-tui"',
        )
    return ok(f"{folder.path} can be written")


def loopback_ports(ports: LoopbackPorts) -> Judgement:
    """Judge whether servers of ours can be reached on 127.0.0.1."""
    if ports.problem:
        return lacking(
            f"a server on 127.0.0.1 cannot be reached: {ports.problem}",
            "Something keeps programs here from talking to each other (a sandbox, a firewall): allow it.",
        )
    return ok("servers on 127.0.0.1 can be started and reached")


def practice_cloud(cloud: PracticeCloud) -> Judgement:
    """Judge the practice cloud: that none runs is no lack, since the TUI starts one."""
    start = "workshop-tui practice start"
    match cloud.state:
        case "running":
            return ok(f"running and healthy, {cloud.detail}")
        case "silent":
            return unknown(
                f"it does not answer, though its {cloud.detail} seems to be there",
                "Ask again; if it stays so, end that process and start anew: its world is kept.",
                start,
            )
        case "ended":
            return ok(
                "the one that was here has ended; its world is kept",
                "The TUI starts it again; for commands, start it yourself.",
                start,
            )
        case _:
            return ok(
                "none has been started yet", "The TUI starts one; for commands, start it yourself.", start
            )


def app_python(found: AppPython) -> Judgement:
    """Judge whether the app can be run here: its pins need Python 3.11."""
    if found.path:
        return ok(f"Python 3.11 at {found.path}")
    install = "uv python install 3.11"
    if found.download and not found.problem:
        return ok("not here yet; uv can load it", "It is loaded when it is needed, or now.", install)
    where = f"it cannot be loaded from {found.download}: " if found.download else ""
    return lacking(
        f"no Python 3.11 here, and {where}{found.problem}",
        "The app's packages need it: install Python 3.11, or let this machine reach that address.",
        install,
    )


def terminal(found: Terminal) -> Judgement:
    """Judge whether the TUI has what it needs to show itself."""
    if not found.interactive:
        return unknown("no terminal here: the TUI needs one, the other commands do not")
    where = " in ".join(filter(None, (found.program or found.kind or "a terminal", found.multiplexer)))
    size = f"{found.columns} by {found.lines}"
    observed = f"{size}, {found.colours} colours, {found.encoding or 'no encoding'}, {where}"
    if found.kind in ("", "dumb"):
        return lacking(observed, "TERM names no terminal that can be drawn on.", "export TERM=xterm-256color")
    if found.encoding.lower().replace("-", "") != "utf8":
        return lacking(observed, "Signs will not show: switch to UTF-8.", "export LANG=C.UTF-8")
    if found.columns < SMALLEST_TERMINAL[0] or found.lines < SMALLEST_TERMINAL[1]:
        return lacking(observed, "Make it larger: 80 by 24 is comfortable, 120 by 40 shows everything.")
    if found.colours == "16":
        hint = "More colours show where the terminal has them and says so."
        return ok(observed, hint, "export COLORTERM=truecolor")
    return ok(observed)


def clipboard(found: Terminal) -> Judgement:
    """Say how copying (OSC 52) gets from the TUI to the clipboard of this terminal."""
    if not found.interactive:
        return unknown("no terminal here")
    if found.program == "Apple_Terminal":
        return lacking(
            "macOS's Terminal takes no text from programs (OSC 52)",
            "Use the mouse with Fn held to mark text, or iTerm2, Ghostty, Kitty or VS Code's terminal.",
        )
    if found.multiplexer == "tmux":
        return ok(
            "copying goes through tmux, which must let it through",
            "Once per tmux, if copying does nothing:",
            "tmux set-option -g set-clipboard on",
        )
    if found.multiplexer == "screen":
        return lacking(
            "GNU screen takes no text from programs (OSC 52)",
            "Use tmux, or no multiplexer; marking with the mouse and Shift held works, too.",
        )
    if found.program == "vscode":
        return ok("copying works in VS Code's terminal", "A browser asks once whether this page may use it.")
    return ok(
        "copying goes through the terminal (OSC 52)",
        "Where it does nothing, the terminal's settings forbid it.",
    )


def codespaces(found: Codespace | None) -> Judgement:
    """Say how ports get from a Codespace to the learner's browser."""
    if found is None:
        return ok("not in a Codespace: forwarded ports are no concern")
    return ok(
        f"in the Codespace {found.name}; a port opens at {found.address}",
        "See what is forwarded:",
        "gh codespace ports",
    )


def reach(found: Reach) -> Judgement:
    """Judge whether a service answers, whatever it answers; a proxy's own refusal is none of its answers."""
    host = urlsplit(found.url).netloc or found.url
    ways = "Check the network, or the proxy: HTTPS_PROXY and NO_PROXY, and the certificates it needs."
    command = f"curl -sSI {found.url}"
    if found.problem:
        return lacking(f"{host} cannot be reached: {found.problem}", ways, command)
    if found.status in _PROXY_SIGN_INS:
        return lacking(f"a proxy wants a sign-in before it lets us to {host}", ways, command)
    if found.status >= _SERVER_FAULT:
        return unknown(
            f"{host} answers HTTP {found.status}", "It is in trouble itself: try again later.", command
        )
    return ok(f"{host} answers")


_PROXY_SIGN_INS = (407, 511)
_SERVER_FAULT = 500
MOST_SKEW_SECONDS = 120.0
"""Entra ID allows five minutes; a token's `not before` is sooner past with less."""


def clock(found: Reach, platform: Platform) -> Judgement:
    """Judge this machine's clock by Azure's."""
    if found.ahead_seconds is None:
        return unknown(f"Azure's time is not known: {found.problem or 'its answer has no date'}")
    seconds = abs(found.ahead_seconds)
    if seconds <= MOST_SKEW_SECONDS:
        return ok(f"within {max(seconds, 1):.0f} s of Azure's")
    way = "ahead of" if found.ahead_seconds > 0 else "behind"
    command = {
        Platform.WSL: "sudo hwclock --hctosys",
        Platform.MACOS: "sudo sntp -sS time.apple.com",
    }.get(platform, "sudo timedatectl set-ntp true")
    return lacking(
        f"{seconds / 60:.0f} minutes {way} Azure's",
        "Set the clock: tokens of another time are refused.",
        command,
    )
