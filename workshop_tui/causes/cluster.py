"""The app in the cluster: its Deployment and its pods."""

from __future__ import annotations

from workshop_tui.causes.cause import Cause

_DEPLOYMENT = "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/"
_DEBUG = "https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/"
_WORKLOAD_IDENTITY = "https://learn.microsoft.com/azure/aks/workload-identity-overview"
_SECRETS = "https://kubernetes.io/docs/concepts/configuration/secret/"
_IMAGES = "https://kubernetes.io/docs/concepts/containers/images/"

CAUSES = (
    Cause(
        "app.not-deployed",
        "The app is not in the cluster",
        "The workshop starts from the shop as the quickstart deploys it, ai-service included.",
        "Do the quickstart first, or name the namespace with --namespace.",
        "https://learn.microsoft.com/azure/aks/open-ai-quickstart",
    ),
    Cause(
        "app.scaled-to-zero",
        "The app is scaled to nothing",
        "A Deployment that wants no pods runs none.",
        "Scale it to one pod.",
        _DEPLOYMENT,
    ),
    Cause(
        "app.no-pods",
        "No pod of the app is running",
        "What a pod has in its environment can be seen only where there is one.",
        "See why there is none: describe the Deployment's ReplicaSet.",
        _DEBUG,
    ),
    Cause(
        "pod.leftover-container",
        "A container of the old Deployment is still there",
        "A patch merges containers by name: one of another name stays beside the new one, with its key, and"
        " both want the same port.",
        "Remove the old container from the Deployment.",
        "https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/",
    ),
    Cause(
        "pod.wrong-image",
        "The Deployment runs another image",
        "Only your image has the code that signs in without a key.",
        "Set the container's image to the one you pushed, by its digest.",
        _IMAGES,
    ),
    Cause(
        "pod.label-missing",
        "The pod template lacks the label",
        "The webhook looks at pods with the label azure.workload.identity/use and passes all others by.",
        "Add the label with the value true, as text in quotes, to the pod template.",
        _WORKLOAD_IDENTITY,
    ),
    Cause(
        "pod.label-misplaced",
        "The label is in the wrong place",
        "It counts on the pods alone: on the Deployment, on the ServiceAccount or as an annotation it does"
        " nothing.",
        "Put it under spec.template.metadata.labels.",
        _WORKLOAD_IDENTITY,
    ),
    Cause(
        "pod.label-wrong-value",
        "The label has another value",
        "The webhook compares it with the text true: True, yes and 1 are something else.",
        "Set its value to the text true, in small letters and in quotes.",
        _WORKLOAD_IDENTITY,
    ),
    Cause(
        "pod.wrong-service-account",
        "The pods use another ServiceAccount",
        "The token's subject and the identity come from the ServiceAccount that the pod template names.",
        "Set serviceAccountName in the pod template.",
        _WORKLOAD_IDENTITY,
    ),
    Cause(
        "pod.settings-wrong",
        "The app's settings are not right",
        "The app learns from them which service to ask, and how to sign in. A variable that the webhook would"
        " set is left alone where the Deployment sets it already.",
        "Set them in the Deployment.",
        _DEPLOYMENT,
    ),
    Cause(
        "pod.key-exposed",
        "A key is still within the pod's reach",
        "Whoever can look into the pod has it. A Secret only moves it: it is encoded, not encrypted, and the"
        " pod sees it in plain text.",
        "Remove it from the Deployment: the identity takes its place.",
        _SECRETS,
    ),
    Cause(
        "pod.starting",
        "The app is starting",
        "A pod without a readiness probe counts as ready before its app listens.",
        "Wait until it listens; if it never does, read its log.",
        _DEPLOYMENT,
    ),
    Cause(
        "pod.rolling",
        "The new pods are on their way",
        "Kubernetes starts the new pods before it stops the old ones.",
        "Wait for the rollout to end.",
        _DEPLOYMENT,
    ),
    Cause(
        "pod.rollout-stuck",
        "The rollout does not come to its end",
        "The new pods do not become ready, so the old ones stay.",
        "Describe the newest pod: its events tell what it waits for.",
        "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment",
    ),
    Cause(
        "pod.image-pull",
        "The image can't be pulled",
        "Its time at the registry may be over, or its name may be wrong.",
        "Build and push the image again, then deploy it by its new digest.",
        _IMAGES,
    ),
    Cause(
        "pod.crash-loop",
        "The app stops again and again",
        "It ends soon after its start, and Kubernetes waits longer before each new try.",
        "Read the log of the container's last run.",
        _DEBUG,
    ),
    Cause(
        "pod.out-of-memory",
        "The app was stopped for want of memory",
        "It needs about 60 MiB; the limit of the old manifest leaves two to spare.",
        "Raise the container's memory limit to 128Mi.",
        "https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/",
    ),
    Cause(
        "pod.admission-refused",
        "The cluster refuses to create the pods",
        "A webhook or a policy said no, so there is no pod at all.",
        "Read the refusal's words; webhooks that restart heal by themselves.",
        "https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/",
    ),
    Cause(
        "pod.not-injected",
        "The webhook has not touched the pod",
        "Pods get their token and settings when they are created: label, webhook and ServiceAccount must be"
        " right by then.",
        "Set the label on the pod template, see that Workload Identity is on, and restart the pods.",
        _WORKLOAD_IDENTITY,
    ),
    Cause(
        "pod.outdated-identity",
        "The pod still has the identity of before",
        "Changes to the ServiceAccount reach only pods that are created after them.",
        "Restart the pods.",
        _WORKLOAD_IDENTITY,
    ),
)
