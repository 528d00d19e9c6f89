"""The app's image and its registry."""

from __future__ import annotations

from workshop_tui.causes.cause import Cause

_IMAGES = "https://kubernetes.io/docs/concepts/containers/images/"
_LASTING = "https://learn.microsoft.com/azure/container-registry/container-registry-intro"

CAUSES = (
    Cause(
        "image.missing",
        "The image is not in the registry",
        "The cluster can run only what it can pull.",
        "Build the image and push it.",
        _IMAGES,
    ),
    Cause(
        "image.expired",
        "The image's time is over",
        "ttl.sh deletes an image when the lifetime in its tag has passed; a new pod could not pull it.",
        "Build and push it again.",
        _LASTING,
    ),
    Cause(
        "image.expiring",
        "The image is about to expire",
        "A pull that starts too late finds nothing.",
        "Push it again for another hour.",
        _LASTING,
    ),
    Cause(
        "image.wrong-platform",
        "The image is for another kind of machine",
        "The cluster's nodes are linux/amd64; one built for others dies with exec format error.",
        "Build it with --platform linux/amd64.",
        "https://docs.docker.com/build/building/multi-platform/",
    ),
    Cause(
        "image.registry-down",
        "The registry does not answer",
        "Neither pushing nor pulling works without it.",
        "Check the network and the registry's name, then try again.",
        _LASTING,
    ),
    Cause(
        "image.stale",
        "The source changed since the image was pushed",
        "The image still holds the code as it was.",
        "Build and push it again.",
        _IMAGES,
    ),
    Cause(
        "image.replaced",
        "The tag points to another image than the one you pushed",
        "Names at ttl.sh can be written by anyone; only a digest stays what it is.",
        "Push it again, and deploy it by its digest.",
        _IMAGES,
    ),
    Cause(
        "image.no-digest",
        "The registry names no digest",
        "The digest is what pins the deployment to the very bytes that were pushed.",
        "Push it again; if it stays so, use another registry.",
        _IMAGES,
    ),
)
