"""What installs or starts a thing, by the kind of machine."""

from __future__ import annotations

from workshop_tui.model.machine import Platform

_LINUX_LIKE = (Platform.DEBIAN, Platform.CODESPACES, Platform.WSL)
_APT = {
    "git": "sudo apt-get update && sudo apt-get install --yes git",
    "az": "curl -sL https://aka.ms/InstallAzureCLIDeb | sudo bash",
    "kubectl": "sudo az aks install-cli",
    "kubelogin": "sudo az aks install-cli",
    "docker": "curl -fsSL https://get.docker.com | sudo sh",
}
_BREW = {
    "git": "xcode-select --install",
    "az": "brew update && brew install azure-cli",
    "kubectl": "brew install kubernetes-cli",
    "kubelogin": "brew install Azure/kubelogin/kubelogin",
    "docker": "brew install --cask docker",
}
_PAGES = {
    "git": "https://git-scm.com/downloads",
    "az": "https://aka.ms/azure-cli",
    "kubectl": "https://kubernetes.io/docs/tasks/tools/",
    "kubelogin": "https://aka.ms/aks/kubelogin",
    "docker": "https://docs.docker.com/get-docker/",
}
"""For machines that we know no command for."""


def install(name: str, platform: Platform) -> tuple[str, str]:
    """Return how to install a program: a sentence, and a command where we know one."""
    label = {"az": "the Azure CLI", "docker": "Docker"}.get(name, name)
    if name == "docker" and platform is Platform.WSL:
        sentence = (
            "Install Docker Desktop on Windows and switch on its WSL integration for this distribution, or"
            " install Docker here."
        )
        return sentence, _APT["docker"]
    if platform in _LINUX_LIKE:
        brought = "; the Azure CLI brings it" if _APT[name].startswith("sudo az ") else ""
        return f"Install {label}{brought}.", _APT[name]
    if platform is Platform.MACOS:
        return f"Install {label}.", _BREW[name]
    return f"Install {label}: {_PAGES[name]}", ""


def renew(name: str, platform: Platform) -> tuple[str, str]:
    """Return how to bring a program up to date."""
    sentence, command = install(name, platform)
    if platform is Platform.MACOS:
        command = command.replace("brew install", "brew upgrade")
    return sentence.replace("Install", "Install a newer version of", 1), command


def start_docker(trouble: str, platform: Platform) -> tuple[str, str]:
    """Return how to get an answer from a Docker daemon that gives none."""
    if trouble == "permission":
        return (
            "You may not use Docker's socket: join its group, then sign in to this machine anew.",
            'sudo usermod -aG docker "$USER" && newgrp docker',
        )
    if platform is Platform.MACOS:
        return "Start Docker Desktop.", "open -a Docker"
    if platform is Platform.WSL:
        return "Start Docker Desktop on Windows, or Docker here.", "sudo service docker start"
    if platform is Platform.CODESPACES:
        return (
            "Start Docker; where the container has none, rebuild it from a devcontainer with Docker in it.",
            "sudo service docker start",
        )
    return "Start Docker.", "sudo systemctl start docker"


def emulate_amd64(platform: Platform) -> tuple[str, str]:
    """Return how to build for AKS's nodes on a machine of another architecture."""
    if platform is Platform.MACOS:
        return "Docker Desktop does it by itself; Colima needs Rosetta or QEMU switched on.", ""
    return (
        "Teach this kernel to run programs for amd64, which an image's build needs.",
        "docker run --privileged --rm tonistiigi/binfmt --install amd64",
    )
