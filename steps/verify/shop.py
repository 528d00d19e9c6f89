"""The shop's admin site, where it does not answer: what of it is not as it must be, and what mends that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.authoring import failed, kubectl, selects, told

if TYPE_CHECKING:
    from workshop_tui.authoring import Finding, Names, ShopDescription, ShopFront


def shop_trouble(reply: ShopDescription, expected: str, names: Names) -> Finding | None:
    """Return what is certainly wrong with the site itself, with the command that mends it."""
    found = _trouble(reply.front, names)
    if found is None:
        return None
    words, mend = found
    observed = f"{words}; {told(reply.answer)}"
    return failed("live.shop-unreachable", observed, expected=expected, command=mend)


def _trouble(front: ShopFront | None, names: Names) -> tuple[str, str] | None:
    if front is None or front.wanted is None or front.service is None:
        return None
    site, service = names.shop_service, front.service
    if front.wanted < 1:
        return f"{site} wants no pods", kubectl(names, "scale", f"deployment/{site}", "--replicas", "1")
    if not selects(service.selector, front.labels):
        pairs = ",".join(f"{key}={value}" for key, value in sorted(front.labels.items()))
        words = f"Service {site} selects {service.selector or 'nothing'}, its pods have {pairs}"
        return words, kubectl(names, "set", "selector", "service", site, pairs)
    for place, port in enumerate(service.ports):
        numbers = [name for name in front.ports if name.isdigit()]
        if numbers and port.target not in front.ports:
            patch = f'[{{"op": "replace", "path": "/spec/ports/{place}/targetPort", "value": {numbers[0]}}}]'
            words = f"Service {site} sends port {port.number} to {port.target}, its pods have {numbers[0]}"
            return words, kubectl(names, "patch", "service", site, "--type", "json", "-p", patch)
    return None


def look_at_shop(names: Names) -> str:
    """Return the command that shows the site and what became of it."""
    return kubectl(names, "describe", f"deployment/{names.shop_service}", f"service/{names.shop_service}")
