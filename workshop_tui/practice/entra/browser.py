"""Sign-in by browser, as plain `az login` does it: the authorization code flow with PKCE (RFC 7636).

The code goes back to a loopback address of the program that asked, by a form (`form_post`), which MSAL wants.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from workshop_tui.practice.entra import refusals
from workshop_tui.practice.entra.device_page import FRAME, HEADERS, NOT_THIS_PERSON, OK, UNAUTHORIZED
from workshop_tui.practice.entra.people import USER_NAME, sign_in

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.responses import Response

    from workshop_tui.practice.context import Practice
    from workshop_tui.practice.directory import Directory, Principal

LIFE_SECONDS = 600.0
MOST_CODES = 200
ASKED = ("client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge")
"""What the page carries from the question to the answer."""
FORM = """<p role="status">{told}</p>
<form method="post">
{hidden}
<label>Account<input name="user_name" value="{user_name}" required autocomplete="username"></label>
<label>Password<input name="password" type="password" required autocomplete="current-password"></label>
<button>Sign in</button>
</form>
<p>The password of {user_name} lies in the file <code>{file}</code>, which only you can read.</p>"""
SUBMIT = "document.forms[0].submit()"
BACK = """<form method="post" action="{address}">
{hidden}
<button>Continue</button>
</form>
<script>{script}</script>"""


@dataclass(frozen=True, slots=True)
class Granted:
    """A person's consent that waits to be redeemed, once."""

    person: Principal
    client_id: str
    scope: str
    nonce: str
    redirect_uri: str
    challenge: str
    expires: datetime


class BrowserSignIn:
    """The pages, and the codes they have given."""

    def __init__(self, practice: Practice, directory: Directory) -> None:
        self._practice = practice
        self._directory = directory
        self._codes: dict[str, Granted] = {}

    def page(self, asked: dict[str, str], told: str = "", status: int = OK) -> Response:
        """Return the form a person fills in.

        Raises:
            Refusal: for a question that no answer may be sent back to.

        """
        check(asked)
        file = escape(str(self._practice.options.folder / "sign-in" / "password"))
        body = FORM.format(
            told=escape(told or "Sign in with the learner's account."),
            hidden=_hidden({key: asked.get(key, "") for key in ASKED}),
            user_name=USER_NAME,
            file=file,
        )
        return HTMLResponse(FRAME.format(body=body), status, HEADERS)

    def answer(self, fields: dict[str, str]) -> Response:
        """Take the filled form: send a code back, or show the form again."""
        check(fields)
        person = sign_in(self._directory, fields.get("user_name", ""), fields.get("password", ""))
        if person is None:
            return self.page(fields, NOT_THIS_PERSON, UNAUTHORIZED)
        code = secrets.token_urlsafe(48)
        now = self._practice.clock.now()
        fresh = [(key, each) for key, each in self._codes.items() if each.expires > now]
        self._codes = dict(fresh[-MOST_CODES:])
        self._codes[code] = Granted(
            person=person,
            client_id=fields["client_id"].lower(),
            scope=fields.get("scope", ""),
            nonce=fields.get("nonce", ""),
            redirect_uri=fields["redirect_uri"],
            challenge=fields["code_challenge"],
            expires=self._practice.clock.after(LIFE_SECONDS * self._practice.clock.scale),
        )
        back = _hidden({"code": code, "state": fields.get("state", "")})
        body = BACK.format(address=escape(fields["redirect_uri"], quote=True), hidden=back, script=SUBMIT)
        digest = b64encode(hashlib.sha256(SUBMIT.encode()).digest()).decode()
        parts = urlsplit(fields["redirect_uri"])
        policy = (
            f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
            f"form-action {parts.scheme}://{parts.netloc}"
        )
        headers = {**HEADERS, "Content-Security-Policy": policy}
        return HTMLResponse(FRAME.format(body=body), OK, headers)

    def redeem(self, form: dict[str, str], client_id: str) -> Granted:
        """Return what a code stands for; the program proves that it is the one that asked.

        Raises:
            Refusal: the code is unknown, used, too old or somebody else's; the verifier is not the one.

        """
        granted = self._codes.pop(form.get("code", ""), None)
        usable = granted is not None and granted.expires > self._practice.clock.now()
        if granted is None or not usable or granted.client_id != client_id:
            raise refusals.bad_code()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).decode().rstrip("=")
        same = hmac.compare_digest(challenge, granted.challenge)
        if not same or form.get("redirect_uri") != granted.redirect_uri:
            raise refusals.wrong_verifier()
        return granted


def check(asked: dict[str, str]) -> None:
    """Let a question through whose answer goes to a program on this machine that can prove itself.

    Raises:
        Refusal: in Entra ID's words.

    """
    for name in ("client_id", "redirect_uri", "code_challenge"):
        if not asked.get(name):
            raise refusals.missing_parameter(name)
    parts = urlsplit(asked["redirect_uri"])
    if parts.scheme != "http" or parts.hostname not in {"localhost", "127.0.0.1"} or "@" in parts.netloc:
        raise refusals.foreign_redirect(asked["redirect_uri"], asked["client_id"])


def _hidden(fields: dict[str, str]) -> str:
    return "\n".join(
        f'<input type="hidden" name="{name}" value="{escape(value, quote=True)}">'
        for name, value in fields.items()
    )
