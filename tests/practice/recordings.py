"""Recorded exchanges of real Azure, replayed against a practice cloud: what differs, and where.

What a recording names is translated: its subscription, the principals its identities got, its operations, and
its cluster, which stands for the one cluster a practice cloud has.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from routes_in_code import route_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from practice_world import SignedIn

FOLDER = Path(__file__).parents[3] / "shared" / "azure" / "recordings"
NO_SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
CLUSTER = re.compile(r"(/resourceGroups/[^/]+/providers/Microsoft.ContainerService/managedClusters/[^/?]+)")
KEYS = ("method", "url", "request_body", "status", "body", "headers")
FOLLOWED = ("azure-asyncoperation", "location")
LONGEST_WAIT = 10.0
OK, CREATED, ACCEPTED, NOT_FOUND = 200, 201, 202, 404
TRANSCRIBED = {
    "identity.create_201": ("PUT", "{identity}"),
    "fic.list_200": ("GET", "{identity}/federatedIdentityCredentials"),
    "fic.delete_200": ("DELETE", "{identity}/federatedIdentityCredentials/fed"),
    "roleAssignments.list_sub_principalId": (
        "GET",
        "{subscription}/providers/Microsoft.Authorization/roleAssignments",
    ),
    "cognitiveservices.deployments_list_200": ("GET", "{account}/deployments"),
    "tenants.list_example": ("GET", "/tenants"),
    "subscriptions.list_example": ("GET", "/subscriptions"),
}
"""What azcli_transcribed.json tells of, and how it is asked for here."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recorded request and its answer."""

    file: str
    number: int
    method: str
    url: str
    request: Any
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def followed(self) -> dict[str, str]:
        """The addresses of operations it told, by header."""
        found = {key.lower(): value for key, value in self.headers.items()}
        return {key: found[key] for key in FOLLOWED if "/operation" in found.get(key, "").lower()}

    @property
    def route(self) -> str | None:
        """The route of ours that answers it."""
        return route_of("arm", self.method, urlsplit(self.url).path)

    @property
    def kind(self) -> str:
        """The resource type its path names, without the names."""
        provider = urlsplit(self.url).path.rpartition("/providers/")[2].split("/")
        return "/".join([provider[0], *provider[1::2]])

    @property
    def code(self) -> str | None:
        """The code of a refusal."""
        return code_of(self.body)


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """Something the recorded answer and ours do not share."""

    route: str
    what: str


def code_of(body: Any) -> str | None:
    """Return the code of a refusal, in its envelope or without."""
    inner = body.get("error", body) if isinstance(body, dict) else {}
    return inner.get("code") if isinstance(inner, dict) else None


def recorded(file: Path) -> list[Exchange]:
    """Return the exchanges of a recording."""
    return [
        Exchange(file.name, number, *(each.get(key) for key in KEYS))
        for number, each in enumerate(json.loads(file.read_text("utf-8")))
    ]


def recordings() -> list[Path]:
    """Return the files that hold exchanges."""
    return sorted(FOLDER.glob("Test*.json"))


@dataclass
class Replay:
    """One recording's way through a practice cloud."""

    learner: SignedIn
    names: dict[str, str] = field(default_factory=dict)
    operations: dict[str, str] = field(default_factory=dict)

    def run(self, exchanges: list[Exchange]) -> Iterator[tuple[Exchange, list[Difference]]]:
        """Replay what we serve; yield each exchange with its differences."""
        before: tuple[str, str, int] | None = None
        for exchange in exchanges:
            path = urlsplit(exchange.url).path
            key = (exchange.method, path, exchange.status)
            if not self.is_served(exchange) or (key == before and exchange.status >= 400):
                continue
            before = key
            answer = self._send(exchange)
            yield exchange, list(compare(exchange, answer))
            self._learn(exchange, answer)

    @staticmethod
    def serves(exchange: Exchange) -> bool:
        """Say whether we serve the operation at all."""
        return exchange.route is not None

    def is_served(self, exchange: Exchange) -> bool:
        """Say whether ours answers it; of operations, those that something we serve has begun."""
        path = urlsplit(exchange.url).path
        return self.serves(exchange) and ("/operation" not in path.lower() or path in self.operations)

    def _send(self, exchange: Exchange) -> httpx.Response:
        """Send it; once more while ours still waits for what the recording had already waited for."""
        end = time.monotonic() + LONGEST_WAIT
        answer = self._once(exchange)
        if exchange.method == "PUT" and (exchange.status, answer.status_code) == (OK, CREATED):
            answer = self._once(exchange)  # it was there before the recording began
        while True:
            if not _is_early(exchange, answer) or time.monotonic() > end:
                return answer
            time.sleep(0.05)
            answer = self._once(exchange)

    def _once(self, exchange: Exchange) -> httpx.Response:
        learner = self.learner
        url = self._translated(exchange.url, exchange)
        body = None
        if exchange.request:
            body = json.loads(self._translated(json.dumps(exchange.request), exchange))
            if CLUSTER.search(exchange.url):
                body["location"] = "eastus"
        address = self.operations.get(urlsplit(exchange.url).path, f"{learner.cloud.arm}{url}")
        return learner.http.request(
            exchange.method,
            address,
            headers={"Authorization": f"Bearer {learner.token()}"},
            content=None if body is None else json.dumps(body),
        )

    def _translated(self, text: str, exchange: Exchange) -> str:
        text = text.replace("https://management.azure.com", "")
        if exchange.status != NOT_FOUND:
            text = CLUSTER.sub(self.learner.cluster.removeprefix(self.learner.subscription), text)
        text = text.replace(NO_SUBSCRIPTION, self.learner.subscription)
        for theirs, ours in self.names.items():
            text = text.replace(theirs, ours)
        return text

    def _learn(self, exchange: Exchange, answer: httpx.Response) -> None:
        for header, address in exchange.followed.items():
            if header in answer.headers:
                self.operations[urlsplit(address).path] = answer.headers[header]
        theirs, ours = _ids(exchange.body), _ids(answer.json() if answer.content else None)
        self.names.update({theirs[each]: ours[each] for each in theirs if each in ours})


def _is_early(exchange: Exchange, answer: httpx.Response) -> bool:
    if (exchange.status, answer.status_code) in {(OK, ACCEPTED), (NOT_FOUND, OK), (NOT_FOUND, ACCEPTED)}:
        return True  # something is still being deleted
    theirs, ours = exchange.body, answer.json() if answer.content else None
    if not (isinstance(theirs, dict) and isinstance(ours, dict)):
        return False
    return (
        (code_of(ours) == "PrincipalNotFound" and exchange.code is None)
        or (theirs.get("status") == "Succeeded" and ours.get("status") not in {None, "Succeeded"})
        or (_state(theirs) == "Succeeded" and _state(ours) not in {None, "Succeeded"})
    )


def _state(body: dict[str, Any]) -> Any:
    return (body.get("properties") or {}).get("provisioningState")


def _ids(body: Any) -> dict[str, str]:
    """Return the ids an identity got."""
    properties = body.get("properties") if isinstance(body, dict) else None
    return {
        each: properties[each]
        for each in ("principalId", "clientId")
        if isinstance(properties, dict) and isinstance(properties.get(each), str)
    }


def compare(exchange: Exchange, answer: httpx.Response) -> Iterator[Difference]:
    """Yield what differs: the status, a refusal's code, keys that one side lacks, types of values."""
    route = exchange.route or ""
    if (exchange.status, answer.status_code) == (ACCEPTED, OK) and exchange.method == "GET":
        return  # a deletion of ours takes seconds: it was over before the recording's next look
    if answer.status_code != exchange.status:
        yield Difference(route, f"status {exchange.status}, ours {answer.status_code} {answer.text[:200]}")
        return
    ours = answer.json() if answer.content else None
    theirs = exchange.body or None
    if _is_under_way(theirs) and not _is_under_way(ours):
        return  # ours takes seconds: it was over before the recording's next look
    if exchange.code != code_of(ours):
        yield Difference(route, f"code {exchange.code}, ours {code_of(ours)}")
    shape, own = dict(_shape(theirs, "")), dict(_shape(ours, ""))
    for path in sorted(shape.keys() | own.keys()):
        if _is_below_missing(path, shape) or _is_below_missing(path, own):
            continue
        if path not in own:
            yield Difference(route, f"we lack {path}")
        elif path not in shape:
            yield Difference(route, f"they lack {path}")
        elif shape[path] != own[path]:
            yield Difference(route, f"{path} is {shape[path]}, ours {own[path]}")


def _is_under_way(body: Any) -> bool:
    return isinstance(body, dict) and body.get("status", "Succeeded") != "Succeeded"


def _is_below_missing(path: str, shape: dict[str, str]) -> bool:
    """Whether what holds the key is itself missing, or null, which is told once."""
    above = path.rpartition(".")[0]
    return bool(above) and (above not in shape or shape[above] in {"null", "[]", "{}"})


def _shape(value: Any, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            yield path, "object" if value else "{}"
            for key, each in value.items():
                yield from _shape(each, f"{path}.{key}")
        case list():
            yield path, "list" if value else "[]"
            for each in value:
                yield from _shape(each, f"{path}[]")
        case None:
            yield path, "null"
        case bool():
            yield path, "boolean"
        case int() | float():
            yield path, "number"
        case _:
            yield path, "string"
