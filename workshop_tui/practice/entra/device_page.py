"""The page where a person approves a sign-in by device code: a form, answered by one POST."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from workshop_tui.practice.entra.devices import PAGE
from workshop_tui.practice.entra.people import USER_NAME, sign_in

if TYPE_CHECKING:
    from starlette.responses import Response

    from workshop_tui.practice.context import Practice
    from workshop_tui.practice.directory import Directory
    from workshop_tui.practice.entra.devices import Devices

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Referrer-Policy": "same-origin",
}
NOT_THIS_PERSON = "AADSTS50126: Error validating credentials due to invalid username or password."
OK, BAD_REQUEST, UNAUTHORIZED = 200, 400, 401
FRAME = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Practice cloud: sign in</title>
<style>body {{ font: 16px sans-serif; max-width: 34em; margin: 3em auto; }}
input {{ display: block; font: inherit; margin: .2em 0 1em; padding: .3em; width: 95%; }}</style>
<h1>Sign in to the practice cloud</h1>
{body}
</html>
"""
FORM = """<p role="status">{told}</p>
<form method="post" action="{page}">
<label>Code<input name="code" value="{code}" required autocomplete="off" autofocus></label>
<label>Account<input name="user_name" value="{user_name}" required autocomplete="username"></label>
<label>Password<input name="password" type="password" required autocomplete="current-password"></label>
<button name="answer" value="accept">Sign in</button>
<button name="answer" value="decline">This was not me</button>
</form>
<p>The password of {user_name} lies in the file <code>{file}</code>, which only you can read.</p>"""


def form(practice: Practice, code: str = "", told: str = "", status: int = OK) -> Response:
    """Return the form, with what was wrong with the last answer."""
    body = FORM.format(
        told=escape(told or "Enter the code that the program shows."),
        page=PAGE,
        code=escape(code, quote=True),
        user_name=USER_NAME,
        file=escape(str(practice.options.folder / "sign-in" / "password")),
    )
    return HTMLResponse(FRAME.format(body=body), status, HEADERS)


def answer(practice: Practice, directory: Directory, devices: Devices, fields: dict[str, str]) -> Response:
    """Approve or decline a code for the person whose name and password are in the form."""
    code = fields.get("code", "")
    device = devices.find(code)
    if device is None or device.person is not None or device.declined:
        return form(practice, code, "That code didn't work. Check the code and try again.", BAD_REQUEST)
    person = sign_in(directory, fields.get("user_name", ""), fields.get("password", ""))
    if person is None:
        return form(practice, code, NOT_THIS_PERSON, UNAUTHORIZED)
    if fields.get("answer") == "decline":
        device.declined = True
        return _end("You have declined the sign-in. You may close this window.")
    device.person = person
    return _end("You have signed in. You may now close this window.")


def _end(text: str) -> Response:
    return HTMLResponse(FRAME.format(body=f'<p role="status">{escape(text)}</p>'), OK, HEADERS)
