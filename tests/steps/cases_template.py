"""What each check of the pod template says of a finished workshop that was changed for just that."""

from __future__ import annotations

from dataclasses import replace

from cases_shared import EXPOSED, NO_PODS, OLD
from steps_world import (
    CLIENT_ID,
    CONTAINER,
    DIGEST,
    LABEL,
    OTHER_DIGEST,
    PRINCIPAL_ID,
    REPOSITORY,
    SETTINGS,
    STATUS,
    TEMPLATE,
    TENANT_ID,
    Case,
    but,
    container,
    pod,
    template,
    variable,
)

from workshop_tui.authoring import (
    Absent,
    Deployment,
    EnvironmentSource,
    PushedImage,
    ServiceAccount,
    Unreadable,
)
from workshop_tui.findings import Verdict

PROXY = replace(OLD, name="proxy", image="envoy:1", environment=())


def _setting(name: str, value: str | None, source: str = "value") -> dict[type, object]:
    kept = tuple(item for item in SETTINGS if item.name != name)
    return container(environment=kept if value is None else (*kept, variable(name, value, source)))


TEMPLATE_CASES = (
    Case(
        "redeploy/only-its-container",
        "pod.leftover-container",
        template(containers=(CONTAINER, OLD)),
        says="ai-service, order-service",
        command="/spec/template/spec/containers/1",
    ),
    Case("redeploy/only-its-container", "pod.leftover-container", template(containers=(OLD,))),
    Case(
        "redeploy/only-its-container",
        None,
        template(containers=(CONTAINER, PROXY)),
        Verdict.PASSED,
        says="what is beside the app is not the app",
    ),
    Case(
        "redeploy/only-its-container",
        "pod.leftover-container",
        template(containers=()),
        says="none ai-service",
    ),
    Case("redeploy/only-its-container", None, container(image=OLD.image), Verdict.PASSED, says="ai-service "),
    Case(
        "redeploy/only-its-container",
        None,
        template(containers=(replace(CONTAINER, name="order-service"),)),
        Verdict.PASSED,
        says="with your image",
    ),
    Case(
        "redeploy/only-its-container",
        None,
        template(containers=(replace(CONTAINER, name="order-service", image="ttl.sh/my-own/name:2h"),)),
        Verdict.PASSED,
        says="with your image",
    ),
    Case(
        "redeploy/only-its-container",
        None,
        template(containers=(replace(CONTAINER, name="my-app"), PROXY)),
        Verdict.PASSED,
        says="what is beside the app is not the app",
    ),
    Case(
        "redeploy/only-its-container",
        "pod.leftover-container",
        template(containers=(replace(CONTAINER, name="my-app"), replace(PROXY, environment=(EXPOSED,)))),
        command="/spec/template/spec/containers/1",
    ),
    Case("redeploy/only-its-container", "pod.leftover-container", template(containers=(OLD, PROXY))),
    Case(
        "redeploy/settings",
        None,
        template(containers=(PROXY, replace(CONTAINER, name="my-app"))),
        Verdict.PASSED,
    ),
    Case(
        "redeploy/image",
        "pod.wrong-image",
        container(image=OLD.image),
        command=f"ai-service={REPOSITORY}@{DIGEST}",
    ),
    Case("redeploy/image", "pod.wrong-image", container(image=f"{REPOSITORY}@{OTHER_DIGEST}")),
    Case(
        "redeploy/image",
        "pod.old-template",
        template(labels={}, service_account="default", containers=(replace(OLD, environment=(EXPOSED,)),)),
        command="workshop-tui solve redeploy",
    ),
    Case(
        "redeploy/image",
        "pod.wrong-image",
        {
            **container(image=f"{REPOSITORY}:1h"),
            **pod(statuses=(replace(STATUS, image_id=f"{REPOSITORY}@{OTHER_DIGEST}"),)),
        },
        says="before the newest push",
    ),
    Case("redeploy/image", None, container(image=f"{REPOSITORY}:1h"), Verdict.PASSED),
    Case(
        "redeploy/image",
        "pod.wrong-image",
        {**container(image=OLD.image), PushedImage: Absent("image", "image.missing")},
        says=f"{REPOSITORY}:1h",
    ),
    Case("redeploy/image", None, {PushedImage: Absent("image", "image.missing")}, Verdict.PASSED),
    Case(
        "redeploy/image",
        "image.registry-down",
        {PushedImage: Unreadable("the registry", "no answer", "image.registry-down"), **NO_PODS},
        Verdict.UNKNOWN,
    ),
    Case("redeploy/image", "pod.leftover-container", template(containers=(replace(OLD, name="a"), OLD))),
    Case("redeploy/workload-label", "pod.label-missing", template(labels={"app": "ai-service"})),
    Case(
        "redeploy/workload-label",
        "pod.label-wrong-value",
        template(labels={LABEL: "True"}),
        says="True",
    ),
    Case(
        "redeploy/workload-label",
        "pod.label-misplaced",
        template(labels={}, annotations={LABEL: "true"}),
        says="as an annotation of the pod template",
    ),
    Case(
        "redeploy/workload-label",
        "pod.label-misplaced",
        but(Deployment, template=replace(TEMPLATE, labels={}), labels={LABEL: "true"}),
        says="as a label of the Deployment itself",
    ),
    Case(
        "redeploy/workload-label",
        "pod.label-misplaced",
        {**template(labels={}), **but(ServiceAccount, labels={LABEL: "true"})},
        says="as a label of the ServiceAccount",
        command='"azure.workload.identity/use": "true"',
    ),
    Case(
        "redeploy/service-account-used",
        "pod.wrong-service-account",
        template(service_account="default"),
        command="set serviceaccount deployment ai-service ai-service-account",
    ),
    Case(
        "redeploy/service-account-used",
        "service-account.missing",
        {ServiceAccount: Absent("ServiceAccount", "service-account.missing")},
    ),
    Case("redeploy/settings", "pod.settings-wrong", _setting("USE_AZURE_AD", None), says="no USE_AZURE_AD"),
    Case(
        "redeploy/settings",
        "pod.settings-wrong",
        _setting("USE_AZURE_AD", "False"),
        command="set env deployment/ai-service --containers ai-service USE_AZURE_AD=True",
    ),
    Case("redeploy/settings", "pod.settings-wrong", _setting("AZURE_OPENAI_DEPLOYMENT_NAME", "gpt4")),
    Case(
        "redeploy/settings",
        "pod.settings-wrong",
        _setting("AZURE_OPENAI_ENDPOINT", "https://other.openai.azure.com/"),
    ),
    Case(
        "redeploy/settings",
        None,
        _setting("AZURE_OPENAI_ENDPOINT", "https://my-openai.cognitiveservices.azure.com"),
        Verdict.PASSED,
    ),
    Case(
        "redeploy/settings",
        "pod.settings-wrong",
        container(environment=(*SETTINGS, variable("AZURE_CLIENT_ID", ""))),
        says="AZURE_CLIENT_ID set by hand",
        command="AZURE_CLIENT_ID-",
    ),
    Case(
        "redeploy/settings",
        "pod.settings-wrong",
        container(environment=(*SETTINGS, variable("AZURE_TENANT_ID", PRINCIPAL_ID))),
        says="AZURE_TENANT_ID set by hand",
        command="AZURE_TENANT_ID-",
    ),
    Case(
        "redeploy/settings",
        None,
        container(
            environment=(
                *SETTINGS,
                variable("AZURE_CLIENT_ID", CLIENT_ID),
                variable("AZURE_TENANT_ID", TENANT_ID),
            )
        ),
        Verdict.PASSED,
    ),
    Case(
        "redeploy/settings",
        "reading.no-permission",
        _setting("USE_AZURE_AD", "", "configmap settings/ad"),
        Verdict.UNKNOWN,
    ),
    Case("redeploy/settings", "pod.leftover-container", template(containers=())),
    Case(
        "redeploy/no-key",
        "pod.key-exposed",
        container(environment=(*SETTINGS, EXPOSED)),
        command="OPENAI_API_KEY-",
    ),
    Case(
        "redeploy/no-key",
        "pod.key-exposed",
        container(environment=(*SETTINGS, variable("AOAI_KEY", "", "secret aoai/key"))),
        says="from secret aoai/key",
    ),
    Case(
        "redeploy/no-key",
        "pod.key-exposed",
        container(sources=(EnvironmentSource("secret", "aoai", "envFrom", ("AZURE_OPENAI_API_KEY",)),)),
        says="from secret aoai (envFrom)",
    ),
    Case(
        "redeploy/no-key",
        "pod.key-exposed",
        container(sources=(EnvironmentSource("secret", "openai", "volume /keys", None),)),
    ),
    Case(
        "redeploy/no-key",
        "pod.key-exposed",
        template(containers=(CONTAINER, replace(OLD, environment=(EXPOSED,)))),
        says="in container order-service",
    ),
    Case(
        "redeploy/no-key",
        None,
        container(environment=(*SETTINGS, variable("OPENAI_API_KEY", ""))),
        Verdict.PASSED,
    ),
)
