"""Containers, pods and volumes that the API server refuses, each with its lines."""

from __future__ import annotations

from cluster_faulty import FIELDS, KEYED, LABEL, SOURCE, TYPO, VOLUME, faulty_container, faulty_pod
from cluster_refusals import container

CONTAINERS = (
    faulty_container(f'name: Invalid value: "A_b": {LABEL}', name="A_b"),
    faulty_container('name: Invalid value: "a.b": must not contain dots', name="a.b"),
    faulty_container("image: Required value", "Required value{}{}", image=""),
    faulty_pod("containers: Required value", containers=[]),
    faulty_pod(
        'containers[1].name: Duplicate value: "app"',
        containers=[{"name": "app", "image": "x"}, {"name": "app", "image": "y"}],
    ),
    faulty_container(
        'imagePullPolicy: Unsupported value: "x": supported values: "Always", "IfNotPresent", "Never"',
        "supported values: {}",
        imagePullPolicy="x",
    ),
    faulty_container(
        "ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
        ports=[{"containerPort": 70000}],
    ),
    faulty_container("ports[0].containerPort: Required value", ports=[{"name": "a"}]),
    faulty_container(
        'ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
        ports=[{"containerPort": 80, "protocol": "HTTP"}],
    ),
    faulty_container(
        'ports[0].name: Invalid value: "Web": must contain only alpha-numeric characters (a-z, 0-9), and '
        "hyphens (-)",
        ports=[{"containerPort": 80, "name": "Web"}],
    ),
    faulty_container(
        'ports[0].name: Invalid value: "a-name-that-is-long": must be no more than 15 characters',
        ports=[{"containerPort": 80, "name": "a-name-that-is-long"}],
    ),
    faulty_container(
        'ports[1].name: Duplicate value: "web"',
        ports=[{"containerPort": 80, "name": "web"}, {"containerPort": 81, "name": "web"}],
    ),
    faulty_container(
        'env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable '
        "ASCII characters other than '='",
        env=[{"name": "a=b"}],
    ),
    faulty_container("env[0].name: Required value", env=[{"value": "a"}]),
    faulty_container(
        'env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
        "may not be specified when `value`",
        env=[{"name": "a", "value": "b", "valueFrom": SOURCE}],
    ),
    faulty_container(
        'env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time',
        "may not have more than one",
        env=[{"name": "a", "valueFrom": SOURCE | KEYED}],
    ),
    faulty_container(
        'env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, '
        "`configMapKeyRef` or `secretKeyRef`",
        "must specify one of",
        env=[{"name": "a", "valueFrom": {}}],
    ),
    faulty_container(
        'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.nam": error converting fieldPath: '
        "field label not supported: metadata.nam",
        "error converting fieldPath",
        env=[{"name": "a", "valueFrom": {"fieldRef": {"fieldPath": "metadata.nam"}}}],
    ),
    faulty_container(
        'env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "spec.restartPolicy": supported values: '
        f"{FIELDS}",
        env=[{"name": "a", "valueFrom": {"fieldRef": {"fieldPath": "spec.restartPolicy"}}}],
    ),
    faulty_container(
        "env[0].valueFrom.secretKeyRef.key: Required value",
        env=[{"name": "a", "valueFrom": {"secretKeyRef": {"name": "s"}}}],
    ),
    faulty_container(
        'resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
        "must be less than or equal to",
        resources={"limits": {"cpu": "1"}, "requests": {"cpu": "2"}},
    ),
    faulty_container(
        (
            f"resources.limits{TYPO}: must be a standard resource type or fully qualified",
            f"resources.limits{TYPO}: must be a standard resource for containers",
            f"resources.requests{TYPO}: must be a standard resource type or fully qualified",
            f"resources.requests{TYPO}: must be a standard resource for containers",
        ),
        "must be a standard resource type",
        resources={"limits": {"memmory": "1"}},
    ),
    faulty_container(
        'resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
        "must be greater than or equal to 0",
        resources={"requests": {"cpu": "-1"}},
    ),
    faulty_container('volumeMounts[0].name: Not found: "v"', volumeMounts=[{"name": "v", "mountPath": "/a"}]),
    faulty_pod(
        'containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique',
        "must be unique",
        volumes=[VOLUME],
        **container(volumeMounts=[{"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/a"}]),
    ),
    faulty_container(
        'image: Invalid value: " x": must not have leading or trailing whitespace',
        "leading or trailing whitespace",
        image=" x",
    ),
    faulty_container(
        "livenessProbe: Required value: must specify a handler type",
        "must specify a handler type",
        livenessProbe={"periodSeconds": 5},
    ),
    faulty_container(
        "readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
        "may not specify more than 1 handler type",
        readinessProbe={"httpGet": {"port": 80}, "tcpSocket": {"port": 80}},
    ),
    faulty_container(
        "readinessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive",
        readinessProbe={"httpGet": {"port": 0}},
    ),
    faulty_container(
        "livenessProbe.successThreshold: Invalid value: 2: must be 1",
        "must be 1",
        livenessProbe={"tcpSocket": {"port": 80}, "successThreshold": 2},
    ),
    faulty_container(
        "restartPolicy: Forbidden: may not be set for non-init containers",
        "may not be set for non-init containers",
        restartPolicy="Always",
    ),
    faulty_container(
        "securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
        "must be between 0 and {}, inclusive",
        securityContext={"runAsUser": -1},
    ),
)
PODS_AND_VOLUMES = (
    faulty_pod(
        'restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
        restartPolicy="Sometimes",
    ),
    faulty_pod(
        'dnsPolicy: Unsupported value: "x": supported values: "ClusterFirstWithHostNet", "ClusterFirst", '
        '"Default", "None"',
        dnsPolicy="x",
    ),
    faulty_pod(
        "activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
        "must be between 1 and {}, inclusive",
        activeDeadlineSeconds=0,
    ),
    faulty_pod(
        "initContainers[0].livenessProbe: Forbidden: may not be set for init containers without "
        "restartPolicy=Always",
        "may not be set for init containers",
        initContainers=[{"name": "i", "image": "x", "livenessProbe": {"tcpSocket": {"port": 80}}}],
    ),
    faulty_pod(
        "volumes[0]: Required value: must specify a volume type",
        "must specify a volume type",
        volumes=[{"name": "v"}],
    ),
    faulty_pod(
        "volumes[0].secret: Forbidden: may not specify more than 1 volume type",
        "may not specify more than 1 volume type",
        volumes=[{**VOLUME, "secret": {"secretName": "s"}}],
    ),
    faulty_pod('volumes[1].name: Duplicate value: "v"', volumes=[VOLUME, VOLUME]),
    faulty_pod("volumes[0].secret.secretName: Required value", volumes=[{"name": "v", "secret": {}}]),
    faulty_pod(
        "volumes[0].configMap.defaultMode: Invalid value: 1000: must be a number between 0 and 0777 (octal), "
        "both inclusive",
        "must be a number between 0 and 0777",
        volumes=[{"name": "v", "configMap": {"name": "m", "defaultMode": 1000}}],
    ),
    faulty_pod(
        'volumes[0].configMap.items[0].path: Invalid value: "/a": must be a relative path',
        "must be a relative path",
        volumes=[{"name": "v", "configMap": {"name": "m", "items": [{"key": "a", "path": "/a"}]}}],
    ),
    faulty_pod(
        "volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not "
        "specify a duration less than 10 minutes",
        "may not specify a duration",
        volumes=[
            {
                "name": "v",
                "projected": {"sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 60}}]},
            }
        ],
    ),
)
