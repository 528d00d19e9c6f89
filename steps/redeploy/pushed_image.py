"""Which image the Deployment runs, against the one that was pushed."""

from __future__ import annotations

from workshop_tui.authoring import (
    LABEL,
    Absent,
    Deployment,
    Finding,
    Names,
    Pod,
    Pods,
    PodSpec,
    PushedImage,
    RunningImage,
    Scope,
    Unreadable,
    app_container,
    check,
    command,
    exposed_keys,
    failed,
    from_elsewhere,
    is_rolling,
    kubectl,
    passed,
    pending,
    unknown,
)

_OK, _TOO_MANY, _SERVER_FAULT = 200, 429, 500


@check("It is your image", scope=Scope.CLUSTER)
def image(
    deployment: Deployment,
    pushed: PushedImage | Absent | Unreadable,
    pods: Pods | Absent | Unreadable,
    seen: RunningImage | Absent | Unreadable,
    names: Names,
) -> Finding:
    """Judge the image by its bytes: the pushed digest, named by the Deployment or run by its pods."""
    container = app_container(deployment.template, names.deployment)
    if container is None:
        return failed(
            "pod.leftover-container",
            f"no container {names.deployment}",
            expected=f"a container {names.deployment}",
            command=kubectl(names, "get", "deployment", deployment.name, "-o", "yaml"),
        )
    asked = container.image
    if is_pushed(asked, pushed):
        return _by_tag(asked, pushed, pods) or passed(asked)
    theirs = _under_another_name(asked, pushed, deployment, pods, seen, names=names)
    if theirs is not None:
        return theirs
    wanted = pinned(pushed) if isinstance(pushed, PushedImage) else ""
    target = wanted or names.image
    if is_of_before(deployment.template):
        return failed(
            "pod.old-template",
            f"{asked}, with a key, without label and ServiceAccount",
            expected=f"{target}, with label and ServiceAccount, without a key",
            command=command("workshop-tui", "solve", "redeploy"),
        )
    return failed(
        "pod.wrong-image",
        asked,
        expected=target,
        command=kubectl(names, "set", "image", f"deployment/{deployment.name}", f"{container.name}={target}"),
    )


def _under_another_name(
    asked: str,
    pushed: PushedImage | Absent | Unreadable,
    deployment: Deployment,
    pods: Pods | Absent | Unreadable,
    seen: RunningImage | Absent | Unreadable,
    *,
    names: Names,
) -> Finding | None:
    """Return what is to be said of an image that the learner put somewhere else; None where it is none."""
    digests = digests_of(pushed) if isinstance(pushed, PushedImage) else ()
    elsewhere = from_elsewhere(asked, names)
    here = asked.startswith(f"{names.registry}/")
    if digests and "@" in asked and not elsewhere:
        return None
    running = _running(asked, pods)
    if running.rpartition("@")[2] in digests:
        return passed(f"{running}: the image that was pushed, under another name")
    if running and (elsewhere or (here and not digests)):
        return _as_seen(running, seen, names)
    if isinstance(pushed, Unreadable) and (elsewhere or here):
        return unknown(pushed.cause, f"{pushed.what}: {pushed.reason}", remedy=pushed.remedy)
    if (elsewhere or here) and not running and isinstance(pods, Pods) and is_rolling(deployment, pods):
        return pending("pod.rolling", f"{asked}: which image it is shows when its pod runs", until=None)
    return None


def _as_seen(running: str, seen: RunningImage | Absent | Unreadable, names: Names) -> Finding:
    """Judge an image of which the push is not known, by what is in it, else by how it answers.

    Code that differs from the source here is no fault: it may have been built of another checkout.
    """
    if not isinstance(seen, RunningImage) or seen.reference != running:
        return passed(f"{running}, run by a ready pod")
    if seen.made_of_source:
        return passed(f"{running}, run by a ready pod: its code is the source's")
    health = seen.health
    if health is None or health.status == _TOO_MANY or health.status >= _SERVER_FAULT or not health.status:
        return passed(f"{running}, run by a ready pod")
    if health.status == _OK and health.text.casefold() == "ok":
        return passed(f"{running}, run by a ready pod, and it answers as the app does")
    return failed(
        "pod.wrong-image",
        f"{running}; {health.ask}: {health.status} {health.text}",
        expected=f"an image of {names.deployment}, which answers GET /health with 200 and the status ok",
        command=command("workshop-tui", "solve", "build-push", "redeploy"),
    )


def is_of_before(template: PodSpec) -> bool:
    """Say whether it is the pod template of before the workshop: nothing of the new one is in it."""
    own_account = template.service_account not in {"", "default"}
    return not own_account and LABEL not in template.labels and bool(exposed_keys(template))


def digests_of(pushed: PushedImage) -> tuple[str, ...]:
    """Return the digests under which the pushed image is known: the push's own, and the registry's now.

    An image of the source as it is now that was pushed over it by hand comes first.
    """
    known = pushed.manifest.digest if pushed.manifest else ""
    noted = pushed.evidence.data.get("digest", "") if pushed.evidence else ""
    newest = (known, noted) if pushed.made_of_source else (noted, known)
    return tuple(dict.fromkeys(item for item in newest if item))


def repository_of(reference: str) -> str:
    """Return `registry/repository` of an image reference, without tag and digest."""
    name = reference.partition("@")[0]
    head, slash, tail = name.rpartition("/")
    return f"{head}{slash}{tail.partition(':')[0]}"


def pinned(pushed: PushedImage) -> str:
    """Return the pushed image by its digest, `registry/repository@sha256:…`, or an empty text."""
    digests = digests_of(pushed)
    return f"{repository_of(pushed.reference)}@{digests[0]}" if digests else ""


def is_pushed(asked: str, pushed: PushedImage | Absent | Unreadable) -> bool:
    """Say whether an image as a Deployment asks for it is the pushed one: by a digest of it, or its tag."""
    if not isinstance(pushed, PushedImage):
        return False
    _, at, digest = asked.partition("@")
    return digest in digests_of(pushed) if at else asked == pushed.reference


def _by_tag(
    asked: str, pushed: PushedImage | Absent | Unreadable, pods: Pods | Absent | Unreadable
) -> Finding | None:
    """Return the fault of a tag whose bytes at the pods are not the pushed ones; None where all is well."""
    if "@" in asked or not isinstance(pushed, PushedImage) or not isinstance(pods, Pods):
        return None
    good = digests_of(pushed)
    running = next((item for item in _all_running(asked, pods) if item.rpartition("@")[2] not in good), "")
    if not good or not running:
        return None
    return failed(
        "pod.wrong-image",
        f"{running}, though the tag is right: the pod was started before the newest push",
        expected=pinned(pushed) or pushed.reference,
    )


def _running(asked: str, pods: Pods | Absent | Unreadable) -> str:
    """Return the image id that a ready pod of the newest kind runs for this image, or an empty text."""
    return next(iter(_all_running(asked, pods)), "")


def _all_running(asked: str, pods: Pods | Absent | Unreadable) -> list[str]:
    """Return the image ids that ready pods of the newest kind run for this image."""
    if not isinstance(pods, Pods):
        return []
    newest: list[Pod] = [pod for pod in pods.running if pod.current and pod.ready]
    repository = repository_of(asked)
    ids = [status.image_id for pod in newest for status in pod.statuses]
    return [item for item in ids if repository_of(item).endswith(repository)]
