"""The Azure SDK's pipeline for Azure Resource Manager. Loads the SDK: import it where it is used.

The policies, and their order, are those of the SDK's generated clients, without what nobody here sets:
proxies and headers of a request's own, hooks, tracing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from azure.core.pipeline import policies
from azure.mgmt.core import AsyncARMPipelineClient
from azure.mgmt.core.policies import (
    ARMHttpLoggingPolicy,
    AsyncARMAutoResourceProviderRegistrationPolicy,
    AsyncARMChallengeAuthenticationPolicy,
)

from workshop_tui.cloud.transport import GuardedTransport
from workshop_tui.cloud.web import USER_AGENT

if TYPE_CHECKING:
    from azure.core.rest import AsyncHttpResponse, HttpRequest

    from workshop_tui.cloud.permitted import RequestGuard
    from workshop_tui.cloud.tokens import Tokens
    from workshop_tui.target import Target

RETRIES = 3
CONNECT_RETRIES = 1
"""A server that does not answer at all is told of soon, and asked again by the next look."""


def open_pipeline(
    target: Target, tokens: Tokens, guard: RequestGuard
) -> AsyncARMPipelineClient[HttpRequest, AsyncHttpResponse]:
    """Return the pipeline to the target's Resource Manager, signed in by the tokens; nothing is sent yet."""
    return AsyncARMPipelineClient(
        base_url=target.arm,
        policies=[
            policies.RequestIdPolicy(),
            policies.UserAgentPolicy(base_user_agent=USER_AGENT),
            policies.ContentDecodePolicy(),
            AsyncARMAutoResourceProviderRegistrationPolicy(),
            policies.AsyncRedirectPolicy(),
            policies.AsyncRetryPolicy(retry_total=RETRIES, retry_connect=CONNECT_RETRIES),
            AsyncARMChallengeAuthenticationPolicy(tokens, target.arm_scope),
            policies.SensitiveHeaderCleanupPolicy(),
            ARMHttpLoggingPolicy(),
        ],
        transport=GuardedTransport(target, guard, target.arm),
    )
