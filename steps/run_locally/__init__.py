"""Run the app on this machine, signed in as the learner, with no key anywhere."""

from __future__ import annotations

from workshop_tui.authoring import (
    ActionError,
    Applied,
    AsyncIterator,
    Change,
    Checkout,
    Finding,
    LocalAppChanges,
    LocalRun,
    ModelDeployment,
    Names,
    Noted,
    OpenAIAccount,
    Planned,
    Progress,
    Scope,
    Sequence,
    Undo,
    Working,
    action,
    app_settings,
    check,
    command,
    failed,
    passed,
    refusal_in,
    refusal_of,
    reset,
    told,
    unknown,
)

_AGAIN = command("workshop-tui", "solve", "run-locally")
"""Runs it as the page says: in an environment of its own, with its settings; and asks it."""


@check("The app was healthy", scope=Scope.WORKSTATION)
def healthy(run: LocalRun, source: Checkout) -> Finding:
    """Judge the app's own word on its health, of a run of the source as it is now."""
    if run.fingerprint != source.fingerprint:
        return _stale(run, source)
    if not run.healthy:
        return failed(
            "local.unhealthy",
            run.problem or "no good answer from /health",
            expected="GET /health: 200",
            command=_AGAIN,
        )
    return passed(f"GET /health: 200, {_when(run)}")


@check("It described a product", scope=Scope.WORKSTATION)
def describes(run: LocalRun, source: Checkout, names: Names) -> Finding:
    """Judge that a live request gave a description."""
    if run.fingerprint != source.fingerprint:
        return _stale(run, source)
    if run.description.strip():
        return passed(run.description)
    refusal = refusal_in(run.problem)
    return failed(
        "local.no-description",
        run.problem or "an empty description",
        expected="a product description",
        remedy=f"That means: {refusal.meaning}." if refusal else "",
        command=command(
            *("curl", "-X", "POST", f"http://127.0.0.1:{names.local_port}/generate/description"),
            *("-H", "Content-Type: application/json"),
            *("-d", '{"name": "Tug rope", "tags": ["toy", "dog"]}'),
        ),
    )


@check("It had no key", scope=Scope.WORKSTATION)
def no_key(run: LocalRun, source: Checkout) -> Finding:
    """Judge the process's environment, and what the account saw where it keeps a log that can be asked."""
    if run.fingerprint != source.fingerprint:
        return _stale(run, source)
    if run.key_in_environment or run.account_saw == "key":
        seen = "the account saw a key" if run.account_saw == "key" else "a key in its environment"
        return failed(
            "local.key-present",
            seen,
            expected="no key in its environment",
            command=f"unset OPENAI_API_KEY && {_AGAIN}",
        )
    if run.key_in_environment is None and run.account_saw != "token":
        return unknown(
            "reading.no-permission",
            "the environment of the app's process could not be read",
            remedy="Run the app as the user that you are here, then check again.",
        )
    saw = "; the account saw a token" if run.account_saw == "token" else ""
    return passed(f"no key in its environment{saw}")


@action
async def run_it(
    *, names: Names, account: OpenAIAccount, model: ModelDeployment, source: Checkout, app: LocalAppChanges
) -> AsyncIterator[Progress]:
    """Install the requirements, run the app, ask it for a description, and stop it again."""
    folder = f"{source.path}/src/ai-service"
    install = Change(
        "Install the app's requirements for Python 3.11 in an environment of its own",
        f"{command('cd', folder)} && python3.11 -m venv ../../.venv"
        " && ../../.venv/bin/pip install -r requirements.txt",
    )
    yield Planned(install)
    async for line in app.prepare():
        yield Working(line, item="environment")
    yield Applied(install)
    settings = app_settings(account, model)
    exports = " ".join(f"{name}={command(value)}" for name, value in settings.items())
    start = Change(
        f"Run the app on 127.0.0.1:{names.local_port} as yourself, without a key",
        f"{command('cd', folder)} && {exports} ../../.venv/bin/{_uvicorn(names)}",
    )
    yield Planned(start)
    async with app.running(settings):
        yield Applied(start)
        yield Working("The app is up; asking it for a description …")
        answer = await app.describe()
        if not answer.good:
            refusal = refusal_of(answer)
            raise ActionError(
                f"The app runs, but gave no description. {told(answer)}",
                f"That means: {refusal.meaning}." if refusal else "Check the app's settings, then try again.",
            )
        yield Working(answer.text)
        yield Noted(await app.evidence())
    yield Working("The app is stopped again.")


@reset
def forget(app: LocalAppChanges) -> Sequence[Undo]:
    """Delete the app's Python environment, and forget the run."""
    return (Undo(Change("Delete the app's virtual environment and forget its run"), app.remove),)


def _uvicorn(names: Names) -> str:
    return command("uvicorn", "main:app", "--host", "127.0.0.1", "--port", str(names.local_port))


def _when(run: LocalRun) -> str:
    return "now" if run.live else f"at {run.at:%Y-%m-%d %H:%M} UTC"


def _stale(run: LocalRun, source: Checkout) -> Finding:
    return failed(
        "local.stale",
        f"last run of source {run.fingerprint[:12] or 'unknown'}, {_when(run)}",
        expected=f"a run of source {source.fingerprint[:12]}",
        command=_AGAIN,
    )
