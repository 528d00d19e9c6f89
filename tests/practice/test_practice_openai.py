"""Azure OpenAI's data plane, through the unchanged `openai` package."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openai
import pytest
from practice_world import ASSERTION_TYPE, OPENAI_USER, Issuer, SignedIn

from workshop_tui.practice.model_text import describe

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    import httpx

PROMPT = (
    "Describe this pet store product.\nProduct name: Salty Sailor Bone\ntags: chew toy, dog\ndescription:"
)
CONTRIBUTOR = "25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68"
CHAT_ACTION = "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action"
COGNITIVE = "https://cognitiveservices.azure.com"


@dataclass
class Somebody:
    """A managed identity with a token for Azure OpenAI."""

    learner: SignedIn
    object_id: str
    client: openai.AzureOpenAI

    def ask(self, deployment: str = "gpt-35-turbo") -> str:
        answer = self.client.chat.completions.create(
            model=deployment, messages=[{"role": "user", "content": PROMPT}]
        )
        return answer.choices[0].message.content or ""

    def wait_for_roles(self) -> None:
        cloud = self.learner.cloud
        time.sleep(cloud["role_seconds"] / cloud["time_scale"])


def client_of(
    tls: ssl.SSLContext, endpoint: str, *, api_key: str | None = None, azure_ad_token: str | None = None
) -> openai.AzureOpenAI:
    return openai.AzureOpenAI(
        azure_endpoint=endpoint,
        api_version="2023-03-15-preview",
        max_retries=0,
        http_client=openai.DefaultHttpxClient(verify=tls, trust_env=False),
        api_key=api_key,
        azure_ad_token=azure_ad_token,
    )


@pytest.fixture
def somebody(learner: SignedIn, issuer: Issuer, fresh_name: str, tls: ssl.SSLContext) -> Iterator[Somebody]:
    identity = learner.make_identity(fresh_name)
    learner.trust(fresh_name, issuer.url, "somebody")
    answer = learner.token_answer(
        client_id=identity["clientId"],
        client_assertion=issuer.assertion("somebody"),
        client_assertion_type=ASSERTION_TYPE,
        scope=f"{COGNITIVE}/.default",
    )
    token = answer.raise_for_status().json()["access_token"]
    with client_of(tls, f"{learner.cloud['openai']}/", azure_ad_token=token) as client:
        yield Somebody(learner, identity["principalId"], client)


@pytest.fixture
def key(learner: SignedIn) -> str:
    return str(learner.call("POST", f"{learner.account}/listKeys").json()["key1"])


class TestKey:
    def test_a_good_one(self, cloud: Any, tls: ssl.SSLContext, key: str) -> None:
        with client_of(tls, f"{cloud['openai']}/", api_key=key) as client:
            answer = client.chat.completions.create(
                model="gpt-35-turbo", messages=[{"role": "user", "content": PROMPT}]
            )
        text = answer.choices[0].message.content or ""
        for part in ("Salty Sailor Bone", "chew toy", "dog", "practice model"):
            assert part in text
        assert answer.usage is not None
        assert answer.usage.total_tokens > 0

    def test_streamed(self, cloud: Any, tls: ssl.SSLContext, key: str) -> None:
        with client_of(tls, cloud["openai"], api_key=key) as client:
            chunks = client.chat.completions.create(
                model="gpt-35-turbo", messages=[{"role": "user", "content": PROMPT}], stream=True
            )
            text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert text == describe(PROMPT)

    def test_a_bad_one(self, cloud: Any, tls: ssl.SSLContext) -> None:
        with (
            client_of(tls, cloud["openai"], api_key="wrong") as client,
            pytest.raises(openai.AuthenticationError, match="invalid subscription key"),
        ):
            client.chat.completions.create(model="gpt-35-turbo", messages=[{"role": "user", "content": "x"}])

    def test_double_slash(self, cloud: Any, http: httpx.Client, key: str) -> None:
        url = f"{cloud['openai']}//openai/deployments/gpt-35-turbo/chat/completions"
        body = {"messages": [{"role": "user", "content": PROMPT}]}
        answer = http.post(f"{url}?api-version=2023-03-15-preview", json=body, headers={"api-key": key})
        assert answer.is_success
        assert http.post(url, json=body, headers={"api-key": key}).status_code == 404, "no api-version"

    def test_a_deployment_that_is_not_there(self, cloud: Any, tls: ssl.SSLContext, key: str) -> None:
        with (
            client_of(tls, cloud["openai"], api_key=key) as client,
            pytest.raises(openai.NotFoundError) as refused,
        ):
            client.chat.completions.create(model="gpt-9", messages=[{"role": "user", "content": "x"}])
        assert refused.value.code == "DeploymentNotFound"

    @pytest.mark.parametrize("messages", [[], [{"role": "nobody", "content": "x"}]])
    def test_no_chat(self, cloud: Any, tls: ssl.SSLContext, key: str, messages: list[Any]) -> None:
        with client_of(tls, cloud["openai"], api_key=key) as client, pytest.raises(openai.BadRequestError):
            client.chat.completions.create(model="gpt-35-turbo", messages=messages)


class TestToken:
    def test_without_a_role(self, somebody: Somebody) -> None:
        with pytest.raises(openai.AuthenticationError) as refused:
            somebody.ask()
        assert refused.value.code == "PermissionDenied"
        text = str(refused.value)
        assert f"`{somebody.object_id}` lacks the required data action `{CHAT_ACTION}`" in text
        assert "`POST /openai/deployments/{deployment-id}/chat/completions`" in text

    def test_a_role_travels_first_and_goes_at_once(self, somebody: Somebody) -> None:
        learner = somebody.learner
        made = learner.assign(learner.account, somebody.object_id, OPENAI_USER)
        with pytest.raises(openai.AuthenticationError, match="lacks the required"):
            somebody.ask()
        somebody.wait_for_roles()
        assert "Salty Sailor Bone" in somebody.ask()
        learner.call("DELETE", made.json()["id"]).raise_for_status()
        with pytest.raises(openai.AuthenticationError, match="lacks the required"):
            somebody.ask()

    def test_a_role_above_the_account(self, somebody: Somebody) -> None:
        somebody.learner.assign(somebody.learner.subscription, somebody.object_id, OPENAI_USER)
        somebody.wait_for_roles()
        assert somebody.ask()

    def test_a_role_at_another_account(self, somebody: Somebody) -> None:
        elsewhere = somebody.learner.account.rpartition("/")[0] + "/store-speech"
        somebody.learner.assign(elsewhere, somebody.object_id, OPENAI_USER)
        somebody.wait_for_roles()
        with pytest.raises(openai.AuthenticationError, match="lacks the required"):
            somebody.ask()

    @pytest.mark.parametrize(
        "role", [CONTRIBUTOR, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "b24988ac-6180-42a0-ab88-20f7382dd24c"]
    )
    def test_control_plane_roles_carry_no_data_action(self, somebody: Somebody, role: str) -> None:
        somebody.learner.assign(somebody.learner.account, somebody.object_id, role)
        somebody.wait_for_roles()
        with pytest.raises(openai.AuthenticationError, match="lacks the required"):
            somebody.ask()

    @pytest.mark.parametrize(
        ("given", "taken", "works"),
        [
            (["Microsoft.CognitiveServices/*"], [], True),
            (["*/chat/completions/*"], [], True),
            (["microsoft.cognitiveservices/ACCOUNTS/*"], [], True),
            (["Microsoft.CognitiveServices/*"], ["*/deployments/*"], False),
            (["Microsoft.CognitiveServices/*/read"], [], False),
        ],
    )
    def test_custom_roles(
        self,
        somebody: Somebody,
        fresh_name: str,
        given: list[str],
        taken: list[str],
        works: bool,  # noqa: FBT001
    ) -> None:
        learner, role = somebody.learner, str(uuid.uuid4())
        properties = {
            "roleName": fresh_name,
            "assignableScopes": [learner.subscription],
            "permissions": [{"dataActions": given, "notDataActions": taken}],
        }
        path = f"{learner.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        learner.call("PUT", path, {"properties": properties}).raise_for_status()
        learner.assign(learner.account, somebody.object_id, role).raise_for_status()
        somebody.wait_for_roles()
        if works:
            assert somebody.ask()
        else:
            with pytest.raises(openai.AuthenticationError, match="lacks the required"):
                somebody.ask()

    def test_a_token_for_arm(self, learner: SignedIn, tls: ssl.SSLContext) -> None:
        with (
            client_of(tls, learner.cloud["openai"], azure_ad_token=learner.token()) as client,
            pytest.raises(openai.AuthenticationError) as refused,
        ):
            client.chat.completions.create(model="gpt-35-turbo", messages=[{"role": "user", "content": "x"}])
        assert refused.value.body == {
            "statusCode": 401,
            "message": "Unauthorized. Access token is missing, invalid, audience is incorrect "
            "(https://cognitiveservices.azure.com), or have expired.",
        }

    def test_nothing_at_all(self, cloud: Any, http: httpx.Client) -> None:
        url = f"{cloud['openai']}/openai/deployments/gpt-35-turbo/chat/completions?api-version=2024-06-01"
        assert http.post(url, json={}).status_code == 401


class TestOtherAccounts:
    def make(self, learner: SignedIn, name: str, **properties: Any) -> tuple[str, str]:
        path = f"{learner.group}/providers/Microsoft.CognitiveServices/accounts/{name}"
        body = {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}, "properties": properties}
        endpoint = learner.call("PUT", path, body).json()["properties"]["endpoint"]
        deployment = {"properties": {"model": {"name": "gpt-4o", "version": "2024-11-20"}}}
        learner.call("PUT", f"{path}/deployments/gpt-35-turbo", deployment).raise_for_status()
        return path, str(endpoint)

    def test_keys_that_are_off(self, learner: SignedIn, tls: ssl.SSLContext, fresh_name: str) -> None:
        path, endpoint = self.make(learner, fresh_name, customSubDomainName=fresh_name)
        key = learner.call("POST", f"{path}/listKeys").json()["key2"]
        messages: list[Any] = [{"role": "user", "content": PROMPT}]
        with client_of(tls, endpoint, api_key=key) as client:
            assert client.chat.completions.create(model="gpt-35-turbo", messages=messages)
            learner.call("PATCH", path, {"properties": {"disableLocalAuth": True}}).raise_for_status()
            with pytest.raises(openai.PermissionDeniedError) as refused:
                client.chat.completions.create(model="gpt-35-turbo", messages=messages)
        assert refused.value.code == "AuthenticationTypeDisabled"

    @pytest.mark.parametrize(
        ("rules", "says"),
        [
            (
                {"publicNetworkAccess": "Disabled"},
                "Public access is disabled. Please",
            ),
            (
                {"networkAcls": {"defaultAction": "Deny"}},
                "due to Virtual Network/Firewall",
            ),
        ],
    )
    def test_networks_that_are_kept_out(
        self, learner: SignedIn, tls: ssl.SSLContext, fresh_name: str, rules: dict[str, Any], says: str
    ) -> None:
        # As reported in Azure-Samples/azure-sql-db-chatbot#3 and azure-search-openai-demo#1157.
        path, endpoint = self.make(learner, fresh_name, customSubDomainName=fresh_name)
        learner.call("PATCH", path, {"properties": rules}).raise_for_status()
        with (
            client_of(tls, endpoint, azure_ad_token=learner.token(COGNITIVE)) as client,
            pytest.raises(openai.PermissionDeniedError, match=says) as refused,
        ):
            client.chat.completions.create(model="gpt-35-turbo", messages=[{"role": "user", "content": "x"}])
        assert refused.value.code == "403"

    def test_no_subdomain_no_tokens(self, learner: SignedIn, tls: ssl.SSLContext, fresh_name: str) -> None:
        _, endpoint = self.make(learner, fresh_name)
        with (
            client_of(tls, endpoint, azure_ad_token=learner.token(COGNITIVE)) as client,
            pytest.raises(openai.BadRequestError, match="custom subdomain"),
        ):
            client.chat.completions.create(model="gpt-35-turbo", messages=[{"role": "user", "content": "x"}])

    def test_a_model_without_chat(self, learner: SignedIn, tls: ssl.SSLContext, fresh_name: str) -> None:
        path, endpoint = self.make(learner, fresh_name, customSubDomainName=fresh_name)
        embedding = {"properties": {"model": {"name": "text-embedding-3-small", "version": "1"}}}
        learner.call("PUT", f"{path}/deployments/embed", embedding).raise_for_status()
        key = learner.call("POST", f"{path}/listKeys").json()["key1"]
        messages: list[Any] = [{"role": "user", "content": PROMPT}]
        with (
            client_of(tls, endpoint, api_key=key) as client,
            pytest.raises(openai.BadRequestError, match="does not work with the specified model") as refused,
        ):
            client.chat.completions.create(model="embed", messages=messages)
        assert refused.value.code == "OperationNotSupported"

    def test_more_than_the_capacity_takes(
        self, learner: SignedIn, tls: ssl.SSLContext, fresh_name: str
    ) -> None:
        path, endpoint = self.make(learner, fresh_name, customSubDomainName=fresh_name)
        key = learner.call("POST", f"{path}/listKeys").json()["key1"]
        messages: list[Any] = [{"role": "user", "content": PROMPT}]
        with client_of(tls, endpoint, api_key=key) as client, ThreadPoolExecutor(6) as pool:

            def ask(_: int) -> openai.RateLimitError | None:
                try:
                    client.chat.completions.create(model="gpt-35-turbo", messages=messages)
                except openai.RateLimitError as error:
                    return error
                return None

            # A deployment of capacity 1 takes one request in ten seconds of scaled time.
            refused = [each for _ in range(5) for each in pool.map(ask, range(6)) if each is not None]
        assert refused[0].response.headers["Retry-After"] == "1"
        assert "have exceeded call rate limit of your current OpenAI S0 pricing tier" in refused[0].message

    def test_what_the_filter_stops(self, tls: ssl.SSLContext, cloud: Any, key: str) -> None:
        messages: list[Any] = [{"role": "user", "content": "Tell me how to build a bomb"}]
        with (
            client_of(tls, cloud["openai"], api_key=key) as client,
            pytest.raises(openai.BadRequestError) as no,
        ):
            client.chat.completions.create(model=cloud["deployment_name"], messages=messages)
        assert no.value.code == "content_filter"
        body: Any = no.value.body
        assert body["innererror"]["content_filter_result"]["violence"]["filtered"] is True

    def test_what_is_not_offered(self, cloud: Any, tls: ssl.SSLContext, key: str) -> None:
        with (
            client_of(tls, cloud["openai"], api_key=key) as client,
            pytest.raises(openai.NotFoundError, match="Resource not found"),
        ):
            client.models.list()
