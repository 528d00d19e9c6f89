"""Probes: real requests and commands in the container, judged and worded as the kubelet does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.kubelet.commands import run_to_end
from workshop_tui.practice.cluster.kubelet.executions import ExecutionError
from workshop_tui.practice.cluster.kubelet.grpc_health import ask_health
from workshop_tui.practice.cluster.kubelet.requests import PodNetwork, PortNameError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from workshop_tui.practice.cluster.kubelet.runtimes import Running
    from workshop_tui.practice.cluster.ports import Object
    from workshop_tui.practice.context import Clock


class ProbeError(Exception):
    """A probe that could not be made: it counts neither as a success nor as a failure."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe of a container.

    Attributes:
        settings: the probe as admitted.
        network: how to reach the container.
        current: the attempt that is probed.

    """

    settings: Object
    network: PodNetwork
    current: Running

    async def verdicts(self, clock: Clock) -> AsyncIterator[tuple[bool | None, str]]:
        """Yield, each period (simulated): True or False once a threshold is reached, else None; and words.

        The words are the kubelet's after the probe's name: `failed: …` or `errored …`; "" for a success.
        """
        successes = failures = 0
        await clock.sleep(float(self.settings.get("initialDelaySeconds") or 0))
        while True:
            try:
                text = await self.ask()
            except ProbeError as error:
                yield None, f"errored and resulted in unknown state: {error}"
            else:
                successes, failures = (successes + 1, 0) if text is None else (0, failures + 1)
                words = "" if text is None else f"failed: {text}"
                if successes >= int(self.settings.get("successThreshold") or 1):
                    yield True, words
                elif failures >= int(self.settings.get("failureThreshold") or 3):
                    yield False, words
                else:
                    yield None, words
            await clock.sleep(float(self.settings.get("periodSeconds") or 10))

    async def ask(self) -> str | None:
        """Probe once; return None, or why it failed. ProbeError."""
        seconds = float(self.settings.get("timeoutSeconds") or 1)
        try:
            if "httpGet" in self.settings:
                return await self.network.http(self.settings["httpGet"], seconds) or None
            if "tcpSocket" in self.settings:
                return await self.network.tcp(self.settings["tcpSocket"]["port"], seconds) or None
            if "grpc" in self.settings:
                return await ask_health(self.network, self.settings["grpc"], seconds) or None
            return await self._execute(self.settings.get("exec", {}).get("command") or [], seconds)
        except PortNameError as error:
            raise ProbeError(str(error)) from error

    async def _execute(self, command: list[str], seconds: float) -> str | None:
        if not command:
            raise ProbeError("missing probe handler")
        try:
            code, printed = await run_to_end(self.current, command, seconds)
        except TimeoutError:
            return f'command timed out: "{" ".join(command)}" timed out after {seconds:g}s'
        except ExecutionError as error:
            raise ProbeError(
                f"rpc error: code = Unknown desc = failed to exec in container: {error}"
            ) from error
        return None if code == 0 else printed
