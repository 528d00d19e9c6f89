"""The table "Operations and API versions" of docs/practice-cloud.md, made from the code and the proofs.

Run by `scripts/practice-operations`; test_practice_operations_table.py holds the document to it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from proofs import Client, Ours, Recording, Unproven
from proofs_routes import ROUTES
from routes_in_code import routes_in_code

from workshop_tui.practice.arm.api_versions import versions_of
from workshop_tui.practice.arm.paths import CANONICAL

if TYPE_CHECKING:
    from proofs import Proof

HEADING = "## Operations and API versions"
SERVICES = ("arm", "entra", "graph", "openai")
NAMES = {"arm": "ARM", "entra": "Entra ID", "graph": "Graph", "openai": "Azure OpenAI"}
PREFACE = """
Of the services that stand for Azure. A row's versions are first … last and how many; ARM refuses any other in
its own words. "Recorded" names real Azure's own answers, replayed and compared (files of `azure/recordings`);
the other proofs are unchanged clients, driven by the tests named. Made by `scripts/practice-operations`.

| service | method and path | api-versions | proven by |
| --- | --- | --- | --- |
"""
VERSIONS = {"entra": "v2.0", "graph": "v1.0", "openai": "any, as models do not change with it here"}


def table() -> str:
    """Return the section, heading included."""
    rows = [_row(route) for route in routes_in_code() if route.partition(" ")[0] in SERVICES]
    return HEADING + "\n" + PREFACE + "\n".join(rows) + "\n"


def _row(route: str) -> str:
    service, method, path = route.split(" ", 2)
    (proof,) = (row.proof for row in ROUTES if row.covers(route))
    return f"| {NAMES[service]} | `{method} {path}` | {_versions(service, route)} | {_told(proof)} |"


def _versions(service: str, route: str) -> str:
    if service != "arm":
        return VERSIONS[service]
    if "/practice/" in route:
        return "none"
    if "/metadata/" in route:
        return "any"
    known = versions_of(_type_of(route))
    return f"{known[0]} … {known[-1]} ({len(known)})"


def _type_of(route: str) -> str:
    """Return the type a route of ARM is about; "" for ARM's own."""
    if "/providers/" not in route or route.startswith("arm GET /subscriptions/{}/providers"):
        return ""
    plain = re.sub(r"/\{\}", "", route.partition("/providers/")[2]).lower()
    fitting = [name for key, name in CANONICAL.items() if plain == key or plain.startswith(f"{key}/")]
    return max(fitting, key=len)


def _told(proof: Proof) -> str:
    match proof:
        case Recording(file=file, entry=entry):
            return f"recorded: {file}" + (f", {entry}" if entry else "")
        case Client(test=test, by=by):
            return f"{by}: {test.replace('::', ' ')}"
        case Ours(why=why):
            return f"our own: {why}"
        case Unproven(why=why):
            return f"not proven: {why}"


def replaced(document: str) -> str:
    """Return the document with its section made anew; at the end where it has none."""
    before, heading, rest = document.partition(HEADING)
    _, following, after = rest.partition("\n## ")
    end = f"\n## {after}" if following else ""
    return (before if heading else f"{document.rstrip()}\n\n") + table() + end


def main() -> None:
    """Rewrite the document named on the command line."""
    file = Path(sys.argv[1])
    file.write_text(replaced(file.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
