"""What can be wrong with the app's ServiceAccount and its Service."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from breakages import Breakage
from hands_cluster import CLIENT_ID, SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breaking_hands import Hands

_ANSWERS = ("verify/answers-in-cluster", "verify/answers-through-shop")


@contextmanager
def _other_identity(hands: Hands) -> Iterator[None]:
    with hands.further_identity("otherIdentity") as client_id, hands.annotated(client_id):
        yield


@contextmanager
def _on_the_service(hands: Hands) -> Iterator[None]:
    annotations = {CLIENT_ID: "11111111-2222-3333-4444-555555555555"}
    misplaced = {"metadata": {"annotations": annotations}}
    back = {"metadata": {"annotations": {CLIENT_ID: None}}}
    with hands.annotated(None), hands.changed(SERVICE, misplaced, back):
        yield


@contextmanager
def _service(hands: Hands, **spec: object) -> Iterator[None]:
    before = hands.kubernetes("GET", SERVICE)["spec"]
    back = {key: before[key] for key in spec}
    with hands.changed(SERVICE, {"spec": spec}, {"spec": back}):
        yield


BREAKAGES = (
    Breakage(
        "the ServiceAccount has the client id of another identity that there is",
        {"service-account/client-id-matches": "service-account.other-identity"},
        _other_identity,
        says="which is otherIdentity in myResourceGroup",
        may=frozenset({"redeploy/injected", "verify/identity-in-pods"}),
        solve=("service-account",),
    ),
    Breakage(
        "the ServiceAccount is in another namespace",
        {
            "service-account/exists": "service-account.wrong-namespace",
            "service-account/client-id-matches": "service-account.wrong-namespace",
        },
        lambda hands: hands.in_other_namespace("pets"),
        says="is in pets",
        solve=("service-account",),
    ),
    Breakage(
        "the client id is annotated on the Service in place of the ServiceAccount",
        {"service-account/client-id-matches": "service-account.no-client-id"},
        _on_the_service,
        says="it is on the Service ai-service",
        solve=("service-account",),
    ),
    Breakage(
        "the app's Service is deleted",
        dict.fromkeys(_ANSWERS, "app.service-missing"),
        lambda hands: hands.deleted(SERVICE),
        says="Service ai-service in the namespace default",
        waits=True,
    ),
    Breakage(
        "the app's Service selects other pods",
        dict.fromkeys(_ANSWERS, "app.service-mismatch"),
        lambda hands: _service(hands, selector={"app": "ai-servic"}),
        says="selects pods with app=ai-servic",
        waits=True,
    ),
    Breakage(
        "the app's Service has another port",
        dict.fromkeys(_ANSWERS, "app.service-mismatch"),
        lambda hands: _service(hands, ports=[{"name": "http", "port": 80, "targetPort": 5001}]),
        says="has no port 5001",
        waits=True,
    ),
)
