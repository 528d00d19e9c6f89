"""Runs the tests of clients in every version of each, and writes the table. Run by `scripts/client-matrix`.

A suite is an environment of its own (this project with other versions of some packages) and the test files
that drive those packages. Pytest's JUnit files say what was driven (tests/practice/clients.py), and
client_table.py makes docs/clients.md of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from client_table import write_table

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
WORK = ROOT / ".work" / "clients"
PROJECT = ROOT / ".venv" / "bin" / "python"
DRIVING = (
    "test_practice_clients_*.py",
    "test_practice_az*.py",
    "test_practice_streams*.py",
    "test_cluster_kubectl*.py",
)
"""Names of test files that drive clients, besides others that call `driven`."""
GO_PROGRAMS = {
    "crane": "github.com/google/go-containerregistry/cmd/crane@v0.22.1",
    "oras": "oras.land/oras/cmd/oras@v1.3.6",
    "oci-conformance": "github.com/opencontainers/distribution-spec/conformance"
    "@v0.0.0-20260831232431-97274622c111",
}
UNPINNED = {"urllib3"}
"""Packages of which some versions want another one than the project's."""


@dataclass(frozen=True)
class Suite:
    """Tests in an environment.

    Attributes:
        name: of the environment.
        tests: files in tests/practice; none for every file that drives clients.
        packages: requirements that go before the pins of constraints.txt; none for the project's own
            environment.

    """

    name: str
    tests: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


CLUSTER = ("test_practice_clients_cluster.py",)
OPENAI = ("test_practice_clients_openai.py",)
SUITES = (
    Suite("project"),
    Suite("kubernetes-31", CLUSTER, ("kubernetes==31.0.0",)),
    Suite("kubernetes-34", CLUSTER, ("kubernetes==34.1.0",)),
    Suite("kubernetes-asyncio", ("test_practice_clients_aio.py",), ("kubernetes-asyncio==36.1.0",)),
    Suite("openai-1", OPENAI, ("openai==1.109.1",)),
    Suite("openai-2", OPENAI, ("openai>=2,<3",)),
    Suite(
        "azure-services",
        ("test_practice_clients_azure_services.py",),
        (
            "azure-mgmt-authorization==4.0.0",
            "azure-mgmt-cognitiveservices==14.1.0",
            "azure-mgmt-containerservice==41.8.0",
            "azure-mgmt-msi==7.1.0",
        ),
    ),
)


def run(*command: str | Path, **environment: str) -> int:
    """Run a command within the project and return its exit code."""
    words = [str(part) for part in command]
    return subprocess.run(words, cwd=ROOT, env=os.environ | environment, check=False).returncode  # noqa: S603 - ours


def bring_programs() -> None:
    """Bring the clients that are programs: Debian's skopeo, and those that Go builds."""
    if not shutil.which("skopeo") and shutil.which("apt-get") and os.geteuid() == 0:
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "skopeo")
    programs = WORK / "bin"
    os.environ["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    for name, module in GO_PROGRAMS.items():
        if shutil.which(name):
            continue
        if not shutil.which("go"):
            print(f"There is no Go here: {name} is left out.", file=sys.stderr)
            continue
        places = {"GOBIN": programs, "GOPATH": WORK / "go", "GOCACHE": WORK / "go-cache"}
        run("go", "install", "-modcacherw", module, **{name: str(path) for name, path in places.items()})
        built = programs / module.rpartition("/")[2].partition("@")[0]
        if built.name != name and built.is_file():
            built.rename(programs / name)


def environment_of(suite: Suite) -> Path | None:
    """Make the suite's environment, or bring it up to date; return its Python, None where that fails."""
    if not suite.packages:
        return PROJECT
    python = WORK / suite.name / "bin" / "python"
    if not python.is_file():
        run("uv", "venv", "--quiet", "--clear", "--python", PROJECT, WORK / suite.name)
    own = {name_of(package) for package in suite.packages} | UNPINNED
    pins = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    constraints = WORK / f"{suite.name}.txt"
    constraints.write_text("\n".join(pin for pin in pins if name_of(pin) not in own), "utf-8")
    overrides = WORK / f"{suite.name}-overrides.txt"
    overrides.write_text("\n".join(suite.packages), "utf-8")
    options = ("--quiet", "--python", python, "--constraints", constraints, "--overrides", overrides)
    done = run("uv", "pip", "install", *options, "--editable", ".[dev]", *suite.packages)
    return python if done == 0 else None


def name_of(requirement: str) -> str:
    """Return the package's name."""
    return "".join(letter if letter.isalnum() or letter in "-_" else " " for letter in requirement).split()[0]


def files_that_drive() -> Iterator[Path]:
    """Yield the test files that drive clients."""
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        if any(file.match(pattern) for pattern in DRIVING) or "driven(" in file.read_text("utf-8"):
            yield file


def drive(suite: Suite) -> Path | None:
    """Run a suite; return its JUnit file."""
    python = environment_of(suite)
    if python is None:
        print(f"{suite.name}: its environment cannot be made here", file=sys.stderr)
        return None
    report = WORK / f"{suite.name}.xml"
    report.unlink(missing_ok=True)
    tests = [ROOT / "tests" / "practice" / name for name in suite.tests] or list(files_that_drive())
    options = ("-q", "-p", "no:cacheprovider", "-o", "junit_family=xunit1", f"--junitxml={report}")
    print(f"== {suite.name}", flush=True)
    run(python, "-m", "pytest", *options, *tests, WORKSHOP_TUI_KUBECTL_MATRIX="1")
    return report if report.is_file() else None


def main() -> int:
    """Run the suites whose names are given (all by default); write the table of the last runs of all."""
    WORK.mkdir(parents=True, exist_ok=True)
    bring_programs()
    chosen = [suite for suite in SUITES if not sys.argv[1:] or suite.name in sys.argv[1:]]
    done = [drive(suite) for suite in chosen]
    table = ROOT / "docs" / "clients.md"
    reports = [WORK / f"{suite.name}.xml" for suite in SUITES]
    failed = write_table([report for report in reports if report.is_file()], table)
    print(f"{table} is written.")
    return 1 if failed or not all(done) else 0


if __name__ == "__main__":
    sys.exit(main())
