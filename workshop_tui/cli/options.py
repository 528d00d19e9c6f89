"""The options that commands share, and how they become settings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workshop_tui.cli.completion import complete_step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workshop_tui.settings import Settings
    from workshop_tui.workshop import Step, Workshop

_FLAGS = {
    "subscription": ("subscription_id", "Subscription id."),
    "resource-group": ("resource_group", "Resource group that holds cluster and account."),
    "cluster": ("cluster", "Name of the AKS cluster."),
    "account": ("account", "Name of the Azure OpenAI account."),
    "model-deployment": ("model_deployment", "Name of the chat model's deployment."),
    "identity": ("identity", "Name of the managed identity."),
    "credential": ("credential", "Name of the federated credential."),
    "namespace": ("namespace", "Kubernetes namespace of the app."),
    "service-account": ("service_account", "Name of the ServiceAccount."),
    "deployment": ("deployment", "Name of the app's Deployment."),
    "image": ("image", "The image you pushed, registry/repository:tag."),
    "source": ("source", "Folder of your checkout."),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The values of the options that commands share."""

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

    def as_arguments(self) -> list[str]:
        """Return the same choices as words for a command line of ours."""
        flags = {name: f"--{flag}" for flag, (name, _) in _FLAGS.items()}
        words = [f"--{self.target}"] if self.target else []
        for option, value in (("--workshop", self.workshop), ("--context", self.context)):
            words += [option, str(value)] if value else []
        words += ["--kubeconfig", self.kubeconfig] if self.kubeconfig else []
        return words + [word for name, value in self.flags.items() if value for word in (flags[name], value)]


def target_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where to look and under which names; the function gets them as `chosen`."""

    @wraps(function)
    def take(**values: Any) -> Any:  # noqa: ANN401 - click's own shape
        practice, azure = values.pop("practice"), values.pop("azure")
        if practice and azure:
            raise click.UsageError("Say --practice or --azure, not both.")
        chosen = Chosen(
            target="practice" if practice else "azure" if azure else None,
            workshop=values.pop("workshop"),
            context=values.pop("kube_context") or "",
            kubeconfig=values.pop("kubeconfig") or "",
            flags={name: values.pop(name) or "" for name, _ in _FLAGS.values()},
        )
        return function(chosen=chosen, **values)

    options = [
        click.option("--practice", is_flag=True, help="The practice cloud on this machine."),
        click.option("--azure", is_flag=True, help="Real Azure, your subscription."),
        click.option("--workshop", type=click.Path(path_type=Path), help="Another workshop's folder."),
        click.option("--context", "kube_context", metavar="NAME", help="Kubeconfig context to use."),
        click.option("--kubeconfig", metavar="FILE", help="Kubeconfig file to read."),
        *(
            click.option(f"--{flag}", name, metavar="NAME", help=text)
            for flag, (name, text) in _FLAGS.items()
        ),
    ]
    decorated: Callable[..., Any] = take
    for option in reversed(options):
        decorated = option(decorated)
    return decorated


def steps_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the steps' ids as the command's arguments, completed by the shell."""
    return click.argument("steps", nargs=-1, metavar="[STEP]…", shell_complete=complete_step)(function)


def choose_steps(workshop: Workshop, names: Sequence[str], *, bonus: bool = False) -> list[Step]:
    """Return the named steps in the workshop's order, or all but the bonus.

    Raises:
        UnknownStepError: with a suggestion.

    """
    if not names:
        return [step for step in workshop.steps if bonus or not step.bonus]
    wanted = {workshop.step(name).id for name in names}
    return [step for step in workshop.steps if step.id in wanted or (bonus and step.bonus)]
