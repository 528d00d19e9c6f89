"""Device codes (RFC 8628): what `az login --use-device-code` asks for, and the page where a person approves.

A code lives for a quarter of an hour of simulated time, in memory: after a restart one asks anew.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.entra import refusals

if TYPE_CHECKING:
    from datetime import datetime

    from workshop_tui.practice.context import Practice
    from workshop_tui.practice.directory import Principal

PAGE = "/devicelogin"
LIFE_SECONDS = 900.0
INTERVAL_SECONDS = 5.0
"""How often a client may ask whether the code was approved, in simulated seconds; a second at the least."""
HASTE = 0.8
"""The share of the interval before which a poll is told to slow down: clocks and networks are not exact."""
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 9
MOST_CODES = 200


@dataclass(slots=True)
class Device:
    """A device that waits for a person."""

    user_code: str
    client_id: str
    scope: str
    expires: datetime
    asked: datetime | None = None
    person: Principal | None = None
    declined: bool = False


class Devices:
    """The device codes that are good now."""

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self._by_code: dict[str, Device] = {}
        scale = practice.clock.scale
        self._interval = max(1, math.ceil(INTERVAL_SECONDS / scale))
        self._life = max(2, math.ceil(LIFE_SECONDS / scale))

    def begin(self, client_id: str, scope: str) -> dict[str, Any]:
        """Return a device code and what to tell the person, in Entra ID's words."""
        now = self._practice.clock.now()
        fresh = {code: each for code, each in self._by_code.items() if each.expires > now}
        self._by_code = dict(list(fresh.items())[-MOST_CODES:])
        device_code = secrets.token_urlsafe(64)
        user_code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        expires = self._practice.clock.after(self._life * self._practice.clock.scale)
        self._by_code[device_code] = Device(user_code, client_id, scope, expires)
        page = f"{self._practice.addresses.entra}{PAGE}"
        return {
            "user_code": user_code,
            "device_code": device_code,
            "verification_uri": page,
            "expires_in": self._life,
            "interval": self._interval,
            "message": f"To sign in, use a web browser to open the page {page} and enter the code "
            f"{user_code} to authenticate.",
        }

    def poll(self, device_code: str, client_id: str) -> Device:
        """Return the device once its person has approved; a code is good for one sign-in.

        Raises:
            Refusal: as Entra ID answers a poll: pending, too fast, declined, expired, unknown.

        """
        device = self._by_code.get(device_code)
        if device is None or device.client_id != client_id:
            raise refusals.unknown_device_code()
        now = self._practice.clock.now()
        if device.expires <= now:
            raise refusals.expired_device_code()
        if device.declined:
            raise refusals.declined()
        if device.person is None:
            before, device.asked = device.asked, now
            if before is not None and (now - before).total_seconds() < self._interval * HASTE:
                raise refusals.slow_down()
            raise refusals.pending()
        del self._by_code[device_code]
        return device

    def find(self, user_code: str) -> Device | None:
        """Return the device that shows this code to its person."""
        wanted = user_code.strip().upper()
        now = self._practice.clock.now()
        return next(
            (each for each in self._by_code.values() if each.user_code == wanted and each.expires > now), None
        )
