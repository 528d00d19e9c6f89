"""What would pass by its looks alone: keys in odd places, and others that answer in the app's name."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import TYPE_CHECKING

from breakages import Breakage, Harmless
from hands_cluster import DEPLOYMENT, SERVICE, containers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breaking_hands import Hands
    from hands_asking import Document

_KEY = "0123456789abcdef0123456789abcdef"
_DEPLOYMENTS = DEPLOYMENT.rpartition("/")[0]
_OTHER = f"{_DEPLOYMENTS}/understudy"
_NO_KEY = {"redeploy/no-key": "pod.key-exposed", "verify/no-key-in-pods": "pod.key-exposed"}
_ANSWER = "verify/answers-in-cluster"
_MISMATCH = "app.service-mismatch"


@contextmanager
def _understudy(hands: Hands, labels: Document) -> Iterator[None]:
    """Have a second Deployment of the same app, its pods with these labels."""
    template = copy.deepcopy(hands.kubernetes("GET", DEPLOYMENT)["spec"]["template"])
    template["metadata"]["labels"].update({**labels, "copy": "yes"})
    spec = {"replicas": 1, "selector": {"matchLabels": {"copy": "yes"}}, "template": template}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "understudy"}, "spec": spec}
    hands.kubernetes("POST", _DEPLOYMENTS, body)
    hands.settled(_OTHER)
    yield
    hands.kubernetes("DELETE", _OTHER)


@contextmanager
def _instead(hands: Hands) -> Iterator[None]:
    there, here = ({"spec": {"selector": {"app": name}}} for name in ("understudy", "ai-service"))
    with _understudy(hands, {"app": "understudy"}), hands.changed(SERVICE, there, here):
        yield


def _hooked(container: Document) -> None:
    words = ["python", "-c", f"OPENAI_API_KEY='{_KEY}'"]
    container["lifecycle"] = {"postStart": {"exec": {"command": words}}}


def _probed(container: Document) -> None:
    asked = {"path": "/health", "port": 5001, "httpHeaders": [{"name": "api-key", "value": _KEY}]}
    container["livenessProbe"] = {"httpGet": asked, "initialDelaySeconds": 60}


def _prepared(live: Document) -> None:
    variable = {"name": "OPENAI_API_KEY", "value": _KEY}
    image = containers(live)[0]["image"]
    first = {"name": "before", "image": image, "command": ["python", "-c", "pass"], "env": [variable]}
    live["spec"]["template"]["spec"]["initContainers"] = [first]


_OTHER_APP = """
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def hello():
    return {"hello": "world"}
"""


@contextmanager
def _of_ones_own(hands: Hands, tag: str, *, code: str = "", variable: str = "") -> Iterator[None]:
    """Have an image of one's own making in a registry under another name, and run it."""
    port = hands.registry.rpartition(":")[2]
    mine = f"localhost:{port}/{hands.repository}:{tag}"

    def change(container: Document) -> None:
        container["image"] = mine
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            container.pop(probe, None)  # what nobody asks is ready at once, whatever it is

    with hands.image_replaced(tag=tag, code=code, variable=variable), hands.app(change):
        yield


BREAKAGES = (
    Breakage(
        "an image of one's own registry runs another program",
        {"redeploy/image": "pod.wrong-image"},
        lambda hands: _of_ones_own(hands, "hello", code=_OTHER_APP),
        says="health: 404",
        may=frozenset({"redeploy/rolled-out", "redeploy/injected"}),
        waits=True,
    ),
    Breakage(
        "a key is in the image's own environment",
        {"verify/no-key-in-pods": "pod.key-exposed"},
        lambda hands: _of_ones_own(hands, "keyed", variable=f"OPENAI_API_KEY={_KEY}"),
        says="OPENAI_API_KEY in the image's own environment",
        waits=True,
    ),
    Breakage(
        "the Service sends to a second Deployment that answers well",
        {_ANSWER: _MISMATCH},
        _instead,
        says="not of the Deployment ai-service",
    ),
    Breakage(
        "a second Deployment answers behind the same Service",
        {_ANSWER: _MISMATCH},
        lambda hands: _understudy(hands, {"app": "ai-service"}),
        says="sends to others, too",
    ),
    Breakage(
        "a key is in a container that runs before the app's",
        _NO_KEY,
        lambda hands: hands.deployment(_prepared),
        says="container before",
        may=frozenset({"redeploy/rolled-out", "redeploy/injected"}),
        waits=True,
    ),
    Breakage(
        "a key is in what is run when the container starts",
        _NO_KEY,
        lambda hands: hands.app(_hooked),
        says="in its lifecycle",
        waits=True,
    ),
    Breakage(
        "a key is among a probe's headers",
        _NO_KEY,
        lambda hands: hands.app(_probed),
        says="in its livenessProbe",
        waits=True,
    ),
)

HARMLESS = (
    Harmless(
        "an image of one's own registry has the source's code",
        ("redeploy", "verify"),
        lambda hands: _of_ones_own(hands, "mine", variable="LOG_LEVEL=debug"),
    ),
)
