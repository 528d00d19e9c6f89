"""How an image of the embedded builder becomes a process of this machine: paths, variables, the command."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.kubelet.container_views import ContainerView
from workshop_tui.practice.cluster.kubelet.environment import expand, map_path, map_paths
from workshop_tui.practice.cluster.kubelet.runtimes import RUN_ERROR, StartError

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.kubelet.images import Image
    from workshop_tui.practice.cluster.kubelet.runtimes import ContainerStart

_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"
_SHELLS = ("/bin/sh", "sh", "/bin/bash", "bash")
_SHELL_SIGNS = frozenset("|&;<>$`(){}*?\n")


def workdir_of(what: ContainerStart, image: Image) -> str:
    """Return the folder the container's command starts in, as the container names it."""
    return str(what.container.get("workingDir") or image.settings.get("WorkingDir") or "/")


def places_of(what: ContainerStart, image: Image, home: Path) -> list[tuple[str, str]]:
    """Return which paths of the container are where: its mounts, its working folder, the image's tree.

    The working folder is the container's own copy, as a container's writable layer is; the rest of the
    image is shared by all that run it.
    """
    root = image.root
    places = [(mount.path, str(mount.source)) for mount in what.mounts]
    workdir = workdir_of(what, image)
    inside = (root / workdir.lstrip("/")).resolve()
    own = home / "workdir"
    shutil.rmtree(own, ignore_errors=True)
    images = root.parent.parent.resolve()  # a layer may be shared with other images
    if workdir != "/" and inside.is_dir() and inside.is_relative_to(images):
        shutil.copytree(inside, own, symlinks=True)
    else:
        own.mkdir()
    places.append((workdir, str(own)))
    places += [(f"/{entry.name}", str(entry)) for entry in root.iterdir() if f"/{entry.name}" != workdir]
    return places


def environment_of(
    what: ContainerStart, image: Image, home: Path, places: list[tuple[str, str]]
) -> dict[str, str]:
    """Return the process's variables: the node's, the image's and the pod's, paths led to where they are."""
    own = dict(entry.partition("=")[::2] for entry in image.settings.get("Env") or [])
    merged = {"PATH": _DEFAULT_PATH, "HOME": str(home), **what.node_environment, **own, **what.environment}
    mapped = map_paths({k: v for k, v in merged.items() if k not in {"PYTHONPATH", "PATH"}}, places)
    for name in ("PYTHONPATH", "PATH"):
        parts = [map_path(part, places) for part in merged.get(name, "").split(":") if part]
        mapped[name] = ":".join(parts)
    mapped["PYTHONPATH"] = ":".join(filter(None, (str(what.folder / "inject"), mapped["PYTHONPATH"])))
    mapped.setdefault("PYTHONUNBUFFERED", "1")
    return mapped


def view_of(
    what: ContainerStart,
    image: Image,
    home: Path,
    *,
    places: list[tuple[str, str]],
    environment: dict[str, str],
    interpreter: str,
) -> ContainerView:
    """Return what `kubectl exec` shows of the container."""
    own = dict(entry.partition("=")[::2] for entry in image.settings.get("Env") or [])
    seen = {"PATH": _DEFAULT_PATH, "HOME": "/root", **what.node_environment, **own, **what.environment}
    modules = ":".join(filter(None, (str(what.folder / "inject"), seen.get("PYTHONPATH"))))
    about = {"HOSTNAME": what.pod["metadata"]["name"], "PYTHONPATH": modules}
    return ContainerView(
        interpreter=interpreter,
        variables=seen | about,
        translated=environment | {"HOSTNAME": about["HOSTNAME"]},
        places=[*places, ("/root", str(home / "root-home"))],
        writable=[
            "/root",
            workdir_of(what, image),
            *(mount.path for mount in what.mounts if not mount.read_only),
        ],
        folder=workdir_of(what, image),
        home=home,
        modules=[Path(part) for part in environment["PYTHONPATH"].split(":")[1:]],
        needed=[what.folder / "inject", what.folder / "ports", Path(what.node_environment["SSL_CERT_FILE"])],
    )


def command_of(what: ContainerStart, image: Image, variables: dict[str, str]) -> list[str]:
    """Return the command as the container would run it; StartError when there is none."""
    entrypoint = what.container.get("command") or image.settings.get("Entrypoint") or []
    arguments = what.container.get("args")
    if arguments is None:
        arguments = [] if what.container.get("command") else image.settings.get("Cmd") or []
    command = [expand(str(part), variables) for part in [*entrypoint, *arguments]]
    if not command:
        raise StartError("CreateContainerError", "no command specified")
    return command


def runnable(command: list[str], interpreter: str, image: Image, environment: dict[str, str]) -> list[str]:
    """Return the command as this machine can run it: with its own Python, never with a shell.

    Raises:
        StartError: it is no Python program.

    """
    if command[0] in _SHELLS and command[1:2] == ["-c"] and not _SHELL_SIGNS & set(command[2]):
        command = [part for part in shlex.split(command[2]) if part != "exec"]
    name = Path(command[0]).name
    if name == "python" or name.startswith("python3"):
        return [interpreter, *command[1:]]
    for folder in environment["PYTHONPATH"].split(":")[1:]:
        module = Path(folder) / name
        if module.is_dir() or module.with_suffix(".py").is_file():  # `uvicorn …` is `python -m uvicorn …`
            return [interpreter, "-m", name, *command[1:]]
    script = Path(command[0])
    if script.is_relative_to(image.root) and b"python" in script.read_bytes().partition(b"\n")[0]:
        return [interpreter, *command]
    message = (
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
        f'runc create failed: unable to start container process: exec: "{command[0]}": '
        "executable file not found in $PATH: unknown"
    )
    raise StartError(RUN_ERROR, message)
