"""Groups of the directory, over Microsoft Graph: made, filled, found and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from workshop_tui.authoring import ActionError
from workshop_tui.cloud.errors import NOT_FOUND, REFUSED, explain_connection
from workshop_tui.cloud.text import clean
from workshop_tui.cloud.web import open_client

if TYPE_CHECKING:
    from workshop_tui.cloud.permitted import RequestGuard
    from workshop_tui.cloud.tokens import Tokens
    from workshop_tui.target import Target

Document = dict[str, Any]


class Directory:
    """The tenant's security groups. Refusals and silence are told as `ActionError`."""

    def __init__(self, target: Target, tokens: Tokens, guard: RequestGuard) -> None:
        """Take where Graph is, who asks, and the guard that every request passes."""
        self._target, self._tokens, self._guard = target, tokens, guard

    async def create_group(self, name: str, nickname: str) -> Document:
        """Create a security group and return it."""
        kind = {"mailEnabled": False, "securityEnabled": True}
        answer = await self._send(
            "POST", "/v1.0/groups", {"displayName": name, "mailNickname": nickname, **kind}
        )
        found: Document = answer.json()
        return found

    async def add_member(self, group_id: str, member_id: str) -> None:
        """Make a principal a member of the group."""
        member = f"{self._target.graph}/v1.0/directoryObjects/{member_id}"
        await self._send("POST", f"/v1.0/groups/{group_id}/members/$ref", {"@odata.id": member})

    async def groups_called(self, nickname: str) -> list[str]:
        """Return the ids of the groups with this mail nickname."""
        quoted = nickname.replace("'", "''")
        answer = await self._send("GET", "/v1.0/groups", query={"$filter": f"mailNickname eq '{quoted}'"})
        return [str(item["id"]) for item in answer.json()["value"]]

    async def delete_group(self, group_id: str) -> None:
        """Delete the group, if it is there."""
        await self._send("DELETE", f"/v1.0/groups/{group_id}", may_be_gone=True)

    async def _send(
        self,
        method: str,
        path: str,
        body: Document | None = None,
        *,
        query: dict[str, str] | None = None,
        may_be_gone: bool = False,
    ) -> httpx.Response:
        graph = self._target.graph
        token = await self._tokens.token(f"{graph}/.default")
        headers = {"Authorization": f"Bearer {token}"}
        try:
            async with open_client(self._guard, graph, self._target.tls(), headers=headers) as client:
                answer = await client.request(method, path, params=query, json=body)
        except httpx.HTTPError as error:
            raise ActionError(
                f"{graph} does not answer: {explain_connection(error)}.", "Try again."
            ) from error
        if answer.status_code >= REFUSED and not (may_be_gone and answer.status_code == NOT_FOUND):
            raise ActionError(
                f"Microsoft Graph refused {method} {path}: HTTP {answer.status_code} {_words(answer)}",
                "Groups want a right in the directory, such as the role Groups Administrator.",
            )
        return answer


def _words(answer: httpx.Response) -> str:
    try:
        error = answer.json()["error"]
        return clean(f"{error['code']}: {error['message']}", limit=300)
    except (ValueError, KeyError, TypeError):
        return clean(answer.text, limit=200)
