"""The options that commands share, and how they become settings and a session."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from workshop_tui.report import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from workshop_tui.findings import Verdict
    from workshop_tui.settings import Settings
    from workshop_tui.workshop import Step, Workshop

F = TypeVar("F", bound="Callable[..., Any]")
T = TypeVar("T")

_FLAGS = {
    "subscription": ("subscription_id", "Subscription id."),
    "resource-group": ("resource_group", "Resource group that holds cluster and account."),
    "cluster": ("cluster", "Name of the AKS cluster."),
    "account": ("account", "Name of the Azure OpenAI account."),
    "model-deployment": ("model_deployment", "Name of the chat model's deployment."),
    "identity": ("identity", "Name of the managed identity."),
    "namespace": ("namespace", "Kubernetes namespace of the app."),
    "service-account": ("service_account", "Name of the ServiceAccount."),
    "image": ("image", "The image you pushed, registry/repository:tag."),
    "source": ("source", "Folder of your checkout."),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the shared options say."""

    target: str | None
    workshop: Path | None
    context: str
    kubeconfig: str
    flags: dict[str, str]

    def settings(self) -> Settings:
        """Return the settings with these flags in front."""
        from workshop_tui.log import start_log  # noqa: PLC0415 - nothing is logged before
        from workshop_tui.settings import load_settings  # noqa: PLC0415 - keeps --help quick

        settings = load_settings(
            target=self.target, flags=self.flags, context=self.context, kubeconfig=self.kubeconfig
        )
        start_log(settings.home)
        return settings


def target_options(function: F) -> F:
    """Add the options that say where to look and under which names."""

    def take(context: click.Context, **values: Any) -> Any:  # noqa: ANN401 - click's own shape
        chosen = Chosen(
            target=values.pop("target"),
            workshop=values.pop("workshop"),
            context=values.pop("context") or "",
            kubeconfig=values.pop("kubeconfig") or "",
            flags={name: values.pop(name) or "" for name, _ in _FLAGS.values()},
        )
        return context.invoke(function, chosen=chosen, **values)

    wrapped: Any = click.pass_context(take)
    wrapped.__name__, wrapped.__doc__ = function.__name__, function.__doc__
    wrapped.__click_params__ = list(getattr(function, "__click_params__", ()))
    for flag, (name, text) in reversed(_FLAGS.items()):
        wrapped = click.option(f"--{flag}", name, metavar="NAME", help=text)(wrapped)
    wrapped = click.option("--kubeconfig", metavar="FILE", help="Kubeconfig file to read.")(wrapped)
    wrapped = click.option("--context", metavar="NAME", help="Kubeconfig context to use.")(wrapped)
    wrapped = click.option(
        "--workshop",
        type=click.Path(path_type=Path, file_okay=False),
        help="Another workshop's folder.",
    )(wrapped)
    wrapped = click.option(
        "--azure", "target", flag_value="azure", default=None, help="Real Azure, your subscription."
    )(wrapped)
    return click.option(  # type: ignore[no-any-return]
        "--practice",
        "target",
        flag_value="practice",
        default=None,
        help="The practice cloud on this machine.",
    )(wrapped)


def choose_steps(workshop: Workshop, names: Sequence[str], *, bonus: bool = False) -> list[Step]:
    """Return the named steps in the workshop's order, or all but the bonus.

    Raises:
        UnknownStepError: with a suggestion.

    """
    if not names:
        return [step for step in workshop.steps if bonus or not step.bonus]
    wanted = {workshop.step(name).id for name in names}
    return [step for step in workshop.steps if step.id in wanted or (bonus and step.bonus)]


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine to its end."""
    return asyncio.run(work)


def tell(text: str = "") -> None:
    """Narrate on standard error; standard output is for data."""
    click.echo(text, err=True)


def wants_colour() -> bool:
    """Say whether standard output shows colours: a terminal, and NO_COLOR not set."""
    import os  # noqa: PLC0415 - not needed for --help

    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def leave(verdict_or_code: Verdict | ExitCode) -> None:
    """End the process with the agreed code."""
    from workshop_tui.report import exit_code_for  # noqa: PLC0415 - keeps --help quick

    code = verdict_or_code if isinstance(verdict_or_code, ExitCode) else exit_code_for(verdict_or_code)
    sys.exit(int(code))
