"""Azure OpenAI: chat completions, by key or by token, from a model that says it is a practice model.

Refusals as recorded: a missing role is a 401 (not 403) with back-ticks, a bad token's body is flat, keys that
are off are a 403. The order follows from what each check needs: the account, its credentials, the deployment.
"""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from workshop_tui.practice.access_tokens import bearer
from workshop_tui.practice.arm.accounts import ACCOUNT, CHAT_KINDS, KEYS
from workshop_tui.practice.audit import Caller, note_caller
from workshop_tui.practice.entra.resources import COGNITIVE_SERVICES
from workshop_tui.practice.model_text import InvalidChatError, complete, stream
from workshop_tui.practice.openai_limits import CallRates, filter_result, is_stopped
from workshop_tui.practice.signing import TokenError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.arm.answers import Body
    from workshop_tui.practice.arm.context import Arm

CHAT_ACTION = "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action"
AUDIENCES = frozenset({COGNITIVE_SERVICES})
LARGEST_BODY = 1_000_000


class RefusedChat(Exception):  # noqa: N818  # it is Azure's answer, not a fault of ours
    """A request the account refuses."""

    def __init__(self, status: int, body: Body, headers: dict[str, str] | None = None) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body
        self.headers = headers


def refused(status: int, code: str, message: str) -> RefusedChat:
    """Return a refusal in the data plane's envelope."""
    return RefusedChat(status, {"error": {"code": code, "message": message}})


def create_openai(arm: Arm) -> Starlette:
    """Return the data plane of every account as one ASGI application."""
    data_plane = _DataPlane(arm)
    return Starlette(routes=[Route("/{path:path}", data_plane.answer, methods=["GET", "POST"])])


class _DataPlane:
    def __init__(self, arm: Arm) -> None:
        self._arm = arm
        self._rates = CallRates(arm.practice.clock.scale)

    async def answer(self, request: Request) -> Response:
        """Answer a request to any account."""
        try:
            return await self._chat(request)
        except RefusedChat as refusal:
            return JSONResponse(refusal.body, refusal.status, refusal.headers)

    async def _chat(self, request: Request) -> Response:
        # A double slash, as clients make it of an endpoint that ends in one, is as good as a single one.
        parts = [unquote(part) for part in request.url.path.split("/") if part]
        start = parts.index("openai") if "openai" in parts else len(parts)
        account = self._account("/".join(parts[:start]))
        rest = parts[start:]
        is_chat = len(rest) == 5 and rest[1] == "deployments" and rest[3:] == ["chat", "completions"]  # noqa: PLR2004 - the parts of the path, seen here
        if account is None or not is_chat or request.method != "POST":
            raise refused(404, "404", "Resource not found")
        _let_in(account)
        self._authorize(request, account)
        if not request.query_params.get("api-version"):
            raise refused(404, "404", "Resource not found")
        deployment = self._arm.resources.get(f"{account['id']}/deployments/{rest[2]}")
        if deployment is None:
            raise refused(
                404,
                "DeploymentNotFound",
                "The API deployment for this resource does not exist. If you created the deployment within "
                "the last 5 minutes, please wait a moment and try again.",
            )
        if deployment["properties"]["capabilities"].get("chatCompletion") != "true":
            text = "The chatCompletion operation does not work with the specified model, "
            text += (
                f"{deployment['properties']['model']['name']}. Please choose different model and try again."
            )
            raise refused(400, "OperationNotSupported", text)
        self._admit(deployment, request.query_params["api-version"])
        body = await _body(request)
        if is_stopped(body):
            raise _stopped_by_filter()
        model = deployment["properties"]["model"]
        try:
            answer = complete(body, f"{model['name']}-{model.get('version', '')}".rstrip("-"))
        except InvalidChatError as error:
            content = {"message": str(error), "type": "invalid_request_error", "param": None, "code": None}
            raise RefusedChat(400, {"error": content}) from error
        headers = {"x-ms-region": "East US", "azureml-model-session": "practice"}
        if body.get("stream"):
            return stream(answer, headers)
        return JSONResponse(answer, headers=headers)

    def _admit(self, deployment: Body, version: str) -> None:
        wait = self._rates.seconds_to_wait(deployment)
        if wait:
            text = (
                f"Requests to the ChatCompletions_Create Operation under Azure OpenAI API version {version} "
                "have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after "
                f"{wait} seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to "
                "further increase the default rate limit. For Free Account customers, upgrade to Pay as you "
                "Go here: https://aka.ms/429TrialUpgrade."
            )
            refusal = refused(429, "429", text)
            refusal.headers = {"Retry-After": str(wait)}
            raise refusal

    def _account(self, path: str) -> Body | None:
        """Return the account whose endpoint has this path."""
        endpoint = f"{self._arm.practice.addresses.openai}/{path}".rstrip("/") + "/"
        accounts = self._arm.resources.below("/subscriptions/", ACCOUNT)
        return next(
            (
                each
                for each in accounts
                if each["kind"] in CHAT_KINDS and each["properties"]["endpoint"] == endpoint.lower()
            ),
            None,
        )

    def _authorize(self, request: Request, account: Body) -> None:
        """Accept a key or a token.

        Raises:
            RefusedChat: as the account would.

        """
        key, token = request.headers.get("api-key"), bearer(request.headers.get("authorization"))
        if key is not None:  # whatever else there is: openai 1.x sends the key as a bearer token, too
            self._check_key(request, account, key)
            return
        if token is None:
            raise refused(
                401,
                "401",
                "Access denied due to missing subscription key or access token. Make sure to provide one.",
            )
        self._check_token(request, account, token)

    def _check_key(self, request: Request, account: Body, key: str) -> None:
        note_caller(request.scope, Caller("key"))
        if account["properties"].get("disableLocalAuth"):
            text = "Key based authentication is disabled for this resource."
            raise refused(403, "AuthenticationTypeDisabled", text)
        keys = self._arm.practice.store.read(KEYS, account["id"].lower()) or {}
        if not any(hmac.compare_digest(each.encode(), key.encode()) for each in keys.values()):
            text = (
                "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a "
                "valid key for an active subscription and use a correct regional API endpoint for your "
                "resource."
            )
            raise refused(401, "401", text)

    def _check_token(self, request: Request, account: Body, token: str) -> None:
        note_caller(request.scope, Caller("token"))
        if not account["properties"].get("customSubDomainName"):
            text = (
                "Please provide a custom subdomain for token authentication, otherwise API key is required."
            )
            raise refused(400, "BadRequest", text)
        try:
            identity = self._arm.tokens.verify(token, AUDIENCES)
        except TokenError as error:
            text = (
                "Unauthorized. Access token is missing, invalid, audience is incorrect "
                "(https://cognitiveservices.azure.com), or have expired."
            )
            raise RefusedChat(401, {"statusCode": 401, "message": text}) from error
        note_caller(request.scope, identity.caller)
        if not self._arm.access.allows(identity.object_id, CHAT_ACTION, account["id"], data=True):
            text = (
                f"The principal `{identity.object_id}` lacks the required data action `{CHAT_ACTION}` to "
                "perform `POST /openai/deployments/{deployment-id}/chat/completions` operation."
            )
            raise refused(401, "PermissionDenied", text)


def _let_in(account: Body) -> None:
    """Refuse before any token is looked at: nobody here comes by a private endpoint or an allowed network.

    Raises:
        RefusedChat: the account's network rules keep the request out.

    """
    properties = account["properties"]
    if properties.get("publicNetworkAccess") == "Disabled":
        raise refused(403, "403", "Public access is disabled. Please configure private endpoint.")
    if (properties.get("networkAcls") or {}).get("defaultAction") == "Deny":
        raise refused(403, "403", "Access denied due to Virtual Network/Firewall rules.")


def _stopped_by_filter() -> RefusedChat:
    text = (
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. "
        "Please modify your prompt and retry. To learn more about our content filtering policies please read "
        "our documentation: https://go.microsoft.com/fwlink/?linkid=2198766"
    )
    content = {
        "message": text,
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": filter_result()},
    }
    return RefusedChat(400, {"error": content})


async def _body(request: Request) -> dict[str, Any]:
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST_BODY:
            raise refused(413, "413", "The request is too large.")
    try:
        content = json.loads(raw)
    except ValueError as error:
        raise refused(400, "BadRequest", "The request body is not valid JSON.") from error
    if not isinstance(content, dict):
        raise refused(400, "BadRequest", "The request body is not a JSON object.")
    return content
