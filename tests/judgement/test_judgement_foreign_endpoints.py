"""Whether somebody else than the app may have answered: which pods of its own a Service still reaches."""

from __future__ import annotations

import pytest

from workshop_tui.judgement.service import foreign_endpoints, service_trouble
from workshop_tui.model import AppService, Pod, Pods, PodSpec, Unreadable

OWN = {"app": "ai-service"}
SERVICE = AppService("default", "ai-service", OWN, strangers=(("other-1", "other"),))
UNREAD = Unreadable("it", "?")


def pod(*, ready: bool = True, app: str = "ai-service") -> Pods:
    spec = PodSpec({"app": app}, {}, "default", ())
    return Pods((Pod("own-1", "Running", ready=ready, deleting=False, current=True, spec=spec),))


@pytest.mark.parametrize(
    ("pods", "whom"),
    [
        (pod(), "to others, too: other-1"),
        (pod(ready=False), "to others: other-1"),
        (pod(app="x"), "to others: other-1"),
        (Pods(()), "to others: other-1"),
    ],
)
def test_who_is_reached_besides(pods: Pods, whom: str) -> None:
    found = foreign_endpoints(SERVICE, pods)
    assert found is not None
    assert found.words == f"Service ai-service sends {whom}, not of the Deployment ai-service"


def test_what_could_not_be_read_blames_nobody() -> None:
    for judge in (foreign_endpoints, service_trouble):
        assert judge(SERVICE, UNREAD) is None
        assert judge(UNREAD, pod()) is None
