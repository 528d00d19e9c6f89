"""People of the practice tenant: the learner as a user, with a password and the owner's role.

Scripts sign in as the learner's application (`developer`); a person who types `az login --use-device-code` is
this user. The password is random, and lies in the state folder where only its owner reads it.
"""

from __future__ import annotations

import hmac
import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.practice.directory import Principal
from workshop_tui.practice.files import write_private

if TYPE_CHECKING:
    from pathlib import Path

    from workshop_tui.practice.arm.context import Arm
    from workshop_tui.practice.directory import Directory

DOMAIN = "practice.example"
USER_NAME = f"learner@{DOMAIN}"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


@dataclass(frozen=True, slots=True)
class Learner:
    """The learner as a person; the password is the text of a file."""

    user_name: str
    object_id: str
    password_file: Path


def ensure_learner(arm: Arm) -> Learner:
    """Return the learner, made and given the owner's role at the first call of a state folder."""
    practice = arm.practice
    person = next((each for each in arm.directory.all() if each.user_name == USER_NAME), None)
    if person is None:
        person = Principal(
            object_id=str(uuid.uuid4()),
            display_name="Practice Learner",
            kind="User",
            user_name=USER_NAME,
            secret=secrets.token_urlsafe(18).replace("-", "_"),  # an option to az, if it led
        )
        with practice.store.transaction():
            arm.directory.put(person)
            arm.access.give(f"/subscriptions/{practice.names.subscription_id}", OWNER, person)
    file = practice.options.folder / "sign-in" / "password"
    write_private(file, person.secret or "")
    return Learner(USER_NAME, person.object_id, file)


def sign_in(directory: Directory, user_name: str, password: str) -> Principal | None:
    """Return the person whose name and password these are."""
    wanted = user_name.strip().casefold()
    person = next((each for each in directory.all() if (each.user_name or "").casefold() == wanted), None)
    expected = (person.secret if person else None) or secrets.token_urlsafe(18)
    right = hmac.compare_digest(expected.encode(), password.strip().encode())
    return person if right else None
