"""What the check through the shop says of a shop that is at fault itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from steps_world import Case, answer

from workshop_tui.authoring import (
    Answer,
    AppService,
    ClusterDescription,
    ServicePort,
    ShopDescription,
    ShopFront,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECK, CAUSE = "verify/answers-through-shop", "live.shop-unreachable"
LABELS = {"app": "store-admin"}
SILENT = Answer(503, "", "no ready pod behind service store-admin", "POST /ai/generate/description")


def shop(
    *,
    wanted: int | None = 1,
    selector: Mapping[str, str] | None = None,
    target: str = "8081",
    ports: tuple[str, ...] = ("8081", "http"),
) -> dict[type, object]:
    """Return a shop that does not answer, and how it is in the cluster."""
    service = AppService("default", "store-admin", selector or LABELS, (ServicePort(80, target),))
    front = ShopFront(wanted, LABELS, ports, service)
    return {ShopDescription: ShopDescription(SILENT, "http://20.1.2.3", front)}


MENDED = (
    (shop(wanted=0), "scale deployment/store-admin --replicas 1"),
    (shop(selector={"app": "store-front"}), "set selector service store-admin app=store-admin"),
    (shop(target="8080"), '"path": "/spec/ports/0/targetPort", "value": 8081'),
)
LOOKED_AT = (shop(), shop(target="http"), shop(target="8080", ports=()), shop(wanted=None))

CASES = (
    # Whatever becomes of the app behind it: nobody gets that far.
    *(
        Case(CHECK, CAUSE, {**answer(ClusterDescription, 503), **world}, command=command)
        for world, command in MENDED
    ),
    *(Case(CHECK, CAUSE, world, command=command) for world, command in MENDED),
    *(
        Case(CHECK, CAUSE, world, command="describe deployment/store-admin service/store-admin")
        for world in LOOKED_AT
    ),
)
