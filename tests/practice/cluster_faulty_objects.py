"""New objects with faulty fields, as data: what stands in them, and every line of the refusal.

The lines are those of the API server, 1.32 (pkg/apis/core/validation, pkg/apis/apps/validation, and
util/validation of apimachinery). `words` are those of the template in the code, where it makes the
line as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cluster_refusals import DEPLOYMENTS, MAPS, PODS, SERVICES, Refused, container, named, pod

_CAUSES = {
    "Invalid value": "FieldValueInvalid",
    "Required value": "FieldValueRequired",
    "Duplicate value": "FieldValueDuplicate",
    "Unsupported value": "FieldValueNotSupported",
    "Not found": "FieldValueNotFound",
    "Forbidden": "FieldValueForbidden",
    "Too long": "FieldValueTooLong",
}


@dataclass(frozen=True, slots=True)
class Faulty:
    """A new object, and the lines its refusal lists."""

    path: str
    object: dict[str, Any]
    lines: tuple[str, ...]
    words: str = ""

    @property
    def kind(self) -> str:
        """The kind of the object."""
        return {PODS: "Pod", MAPS: "ConfigMap", SERVICES: "Service", DEPLOYMENTS: "Deployment"}[self.path]

    @property
    def refused(self) -> Refused:
        """The request that creates it, and how it is refused."""
        cause = next(text for text in _CAUSES if f": {text}" in self.lines[0])
        return Refused(422, _CAUSES[cause], self.words, "POST", self.path, self.object)


def _pod(lines: str | tuple[str, ...], words: str = "", **spec: Any) -> Faulty:
    lines = (lines,) if isinstance(lines, str) else lines
    return Faulty(PODS, pod(container() | spec), tuple(f"spec.{each}" for each in lines), words)


def _container(lines: str | tuple[str, ...], words: str = "", **content: Any) -> Faulty:
    lines = (lines,) if isinstance(lines, str) else lines
    return Faulty(
        PODS, pod(container(**content)), tuple(f"spec.containers[0].{each}" for each in lines), words
    )


def _deployment(lines: str | tuple[str, ...], words: str = "", **spec: Any) -> Faulty:
    lines = (lines,) if isinstance(lines, str) else lines
    template = pod(container(), labels={"a": "b"})
    whole = {"selector": {"matchLabels": {"a": "b"}}, "template": template} | spec
    object_ = named("new", spec={key: value for key, value in whole.items() if value is not None})
    return Faulty(DEPLOYMENTS, object_, tuple(f"spec.{each}" for each in lines), words)


def _service(lines: str | tuple[str, ...], words: str = "", **spec: Any) -> Faulty:
    lines = (lines,) if isinstance(lines, str) else lines
    object_ = named("new", spec={"ports": [{"port": 80}]} | spec)
    return Faulty(SERVICES, object_, tuple(f"spec.{each}" for each in lines), words)


def _map(line: str, words: str = "", **content: Any) -> Faulty:
    metadata = {"name": "new"} | content.pop("metadata", {})
    return Faulty(MAPS, {"metadata": metadata, **content}, (line,), words)


_LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
    "and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_KEY = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_LABEL_VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
    "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_CONFIG_KEY = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
    "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
_LABEL_1035 = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
    "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
    "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_TYPO = '[memmory]: Invalid value: "memmory"'
_SOURCE = {"fieldRef": {"fieldPath": "metadata.name"}}
_KEYED = {"secretKeyRef": {"name": "s", "key": "k"}}
_VOLUME = {"name": "v", "emptyDir": {}}
_FIELDS = ", ".join(
    f'"{each}"'
    for each in (
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    )
)

METADATA = (
    _map(f'metadata.name: Invalid value: "A_b": {_SUBDOMAIN}', metadata={"name": "A_b"}),
    _map(
        f'metadata.name: Invalid value: "{"a" * 254}": must be no more than 253 characters',
        metadata={"name": "a" * 254},
    ),
    _map(f'metadata.labels: Invalid value: "!": {_LABEL_VALUE}', metadata={"labels": {"a": "!"}}),
    _map(f'metadata.labels: Invalid value: "!": name part {_KEY}', metadata={"labels": {"!": "a"}}),
    _map(
        f'metadata.labels: Invalid value: "{"a" * 64}": name part must be no more than 63 characters',
        metadata={"labels": {"a" * 64: "a"}},
    ),
    _map(
        f'metadata.labels: Invalid value: "{"a" * 64}": must be no more than 63 characters',
        metadata={"labels": {"a": "a" * 64}},
    ),
    _map(
        f'metadata.labels: Invalid value: "B/a": prefix part {_SUBDOMAIN}', metadata={"labels": {"B/a": "a"}}
    ),
    _map(
        f'metadata.labels: Invalid value: "a/b/c": a qualified name {_KEY} with an optional DNS subdomain '
        "prefix and '/' (e.g. 'example.com/MyName')",
        metadata={"labels": {"a/b/c": "a"}},
    ),
    _map(
        f'metadata.annotations: Invalid value: "a b": name part {_KEY}',
        metadata={"annotations": {"a b": "c"}},
    ),
    _map(
        "metadata.annotations: Too long: may not be more than 262144 bytes",
        "may not be more than {} bytes",
        metadata={"annotations": {"a": "x" * 262144}},
    ),
    _map(
        "metadata.ownerReferences.uid: Required value: must not be empty",
        "must not be empty",
        metadata={"ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "x", "uid": ""}]},
    ),
    _map(f'data[a b]: Invalid value: "a b": {_CONFIG_KEY}', data={"a b": "c"}),
    _map(
        'data[a]: Invalid value: "a": duplicate of key present in binaryData',
        "duplicate of key present in binaryData",
        data={"a": "b"},
        binaryData={"a": "Yg=="},
    ),
)
CONTAINERS = (
    _container(f'name: Invalid value: "A_b": {_LABEL}', name="A_b"),
    _container('name: Invalid value: "a.b": must not contain dots', name="a.b"),
    _container("image: Required value", "Required value{}{}", image=""),
    _pod("containers: Required value", containers=[]),
    _pod(
        'containers[1].name: Duplicate value: "app"',
        containers=[{"name": "app", "image": "x"}, {"name": "app", "image": "y"}],
    ),
    _container(
        'imagePullPolicy: Unsupported value: "x": supported values: "Always", "IfNotPresent", "Never"',
        "supported values: {}",
        imagePullPolicy="x",
    ),
    _container(
        "ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
        ports=[{"containerPort": 70000}],
    ),
    _container("ports[0].containerPort: Required value", ports=[{"name": "a"}]),
    _container(
        'ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
        ports=[{"containerPort": 80, "protocol": "HTTP"}],
    ),
    _container(
        'ports[0].name: Invalid value: "Web": must contain only alpha-numeric characters (a-z, 0-9), and '
        "hyphens (-)",
        ports=[{"containerPort": 80, "name": "Web"}],
    ),
    _container(
        'ports[0].name: Invalid value: "a-name-that-is-long": must be no more than 15 characters',
        ports=[{"containerPort": 80, "name": "a-name-that-is-long"}],
    ),
    _container(
        'ports[1].name: Duplicate value: "web"',
        ports=[{"containerPort": 80, "name": "web"}, {"containerPort": 81, "name": "web"}],
    ),
    _container(
        'env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable '
        "ASCII characters other than '='",
        env=[{"name": "a=b"}],
    ),
    _container("env[0].name: Required value", env=[{"value": "a"}]),
    _container(
        'env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
        "may not be specified when `value`",
        env=[{"name": "a", "value": "b", "valueFrom": _SOURCE}],
    ),
    _container(
        'env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time',
        "may not have more than one",
        env=[{"name": "a", "valueFrom": _SOURCE | _KEYED}],
    ),
    _container(
        'env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, '
        "`configMapKeyRef` or `secretKeyRef`",
        "must specify one of",
        env=[{"name": "a", "valueFrom": {}}],
    ),
    _container(
        'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.nam": error converting fieldPath: '
        "field label not supported: metadata.nam",
        "error converting fieldPath",
        env=[{"name": "a", "valueFrom": {"fieldRef": {"fieldPath": "metadata.nam"}}}],
    ),
    _container(
        'env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "spec.restartPolicy": supported values: '
        f"{_FIELDS}",
        env=[{"name": "a", "valueFrom": {"fieldRef": {"fieldPath": "spec.restartPolicy"}}}],
    ),
    _container(
        "env[0].valueFrom.secretKeyRef.key: Required value",
        env=[{"name": "a", "valueFrom": {"secretKeyRef": {"name": "s"}}}],
    ),
    _container(
        'resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
        "must be less than or equal to",
        resources={"limits": {"cpu": "1"}, "requests": {"cpu": "2"}},
    ),
    _container(
        (
            f"resources.limits{_TYPO}: must be a standard resource type or fully qualified",
            f"resources.limits{_TYPO}: must be a standard resource for containers",
            f"resources.requests{_TYPO}: must be a standard resource type or fully qualified",
            f"resources.requests{_TYPO}: must be a standard resource for containers",
        ),
        "must be a standard resource type",
        resources={"limits": {"memmory": "1"}},
    ),
    _container(
        'resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
        "must be greater than or equal to 0",
        resources={"requests": {"cpu": "-1"}},
    ),
    _container('volumeMounts[0].name: Not found: "v"', volumeMounts=[{"name": "v", "mountPath": "/a"}]),
    _pod(
        'containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique',
        "must be unique",
        volumes=[_VOLUME],
        **container(volumeMounts=[{"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/a"}]),
    ),
    _container(
        'image: Invalid value: " x": must not have leading or trailing whitespace',
        "leading or trailing whitespace",
        image=" x",
    ),
    _container(
        "livenessProbe: Required value: must specify a handler type",
        "must specify a handler type",
        livenessProbe={"periodSeconds": 5},
    ),
    _container(
        "readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
        "may not specify more than 1 handler type",
        readinessProbe={"httpGet": {"port": 80}, "tcpSocket": {"port": 80}},
    ),
    _container(
        "readinessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive",
        readinessProbe={"httpGet": {"port": 0}},
    ),
    _container(
        "livenessProbe.successThreshold: Invalid value: 2: must be 1",
        "must be 1",
        livenessProbe={"tcpSocket": {"port": 80}, "successThreshold": 2},
    ),
    _container(
        "restartPolicy: Forbidden: may not be set for non-init containers",
        "may not be set for non-init containers",
        restartPolicy="Always",
    ),
    _container(
        "securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
        "must be between 0 and {}, inclusive",
        securityContext={"runAsUser": -1},
    ),
)
PODS_AND_VOLUMES = (
    _pod(
        'restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
        restartPolicy="Sometimes",
    ),
    _pod(
        'dnsPolicy: Unsupported value: "x": supported values: "ClusterFirstWithHostNet", "ClusterFirst", '
        '"Default", "None"',
        dnsPolicy="x",
    ),
    _pod(
        "activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
        "must be between 1 and {}, inclusive",
        activeDeadlineSeconds=0,
    ),
    _pod(
        "initContainers[0].livenessProbe: Forbidden: may not be set for init containers without "
        "restartPolicy=Always",
        "may not be set for init containers",
        initContainers=[{"name": "i", "image": "x", "livenessProbe": {"tcpSocket": {"port": 80}}}],
    ),
    _pod(
        "volumes[0]: Required value: must specify a volume type",
        "must specify a volume type",
        volumes=[{"name": "v"}],
    ),
    _pod(
        "volumes[0].secret: Forbidden: may not specify more than 1 volume type",
        "may not specify more than 1 volume type",
        volumes=[{**_VOLUME, "secret": {"secretName": "s"}}],
    ),
    _pod('volumes[1].name: Duplicate value: "v"', volumes=[_VOLUME, _VOLUME]),
    _pod("volumes[0].secret.secretName: Required value", volumes=[{"name": "v", "secret": {}}]),
    _pod(
        "volumes[0].configMap.defaultMode: Invalid value: 1000: must be a number between 0 and 0777 (octal), "
        "both inclusive",
        "must be a number between 0 and 0777",
        volumes=[{"name": "v", "configMap": {"name": "m", "defaultMode": 1000}}],
    ),
    _pod(
        'volumes[0].configMap.items[0].path: Invalid value: "/a": must be a relative path',
        "must be a relative path",
        volumes=[{"name": "v", "configMap": {"name": "m", "items": [{"key": "a", "path": "/a"}]}}],
    ),
    _pod(
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
_SELECTOR = (
    "v1.LabelSelector{MatchLabels:map[string]string(nil), "
    "MatchExpressions:[]v1.LabelSelectorRequirement(nil)}"
)
_MISMATCH = (
    'template.metadata.labels: Invalid value: map[string]string{"a":"b"}: `selector` does not match template '
    "`labels`"
)
_VALUES = "selector.matchExpressions[0].values"
_VALUES_MISSING = f"{_VALUES}: Required value: must be specified when `operator` is 'In' or 'NotIn'"
_VALUES_TOO_MANY = f"{_VALUES}: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"


def _expressions(expression: str) -> str:
    shown = f"[]v1.LabelSelectorRequirement{{v1.LabelSelectorRequirement{{{expression}}}}}"
    selector = f"v1.LabelSelector{{MatchLabels:map[string]string(nil), MatchExpressions:{shown}}}"
    return f"selector: Invalid value: {selector}: invalid label selector"


DEPLOYMENT_FAULTS = (
    _deployment(_MISMATCH, "`selector` does not match", selector={"matchLabels": {"a": "c"}}),
    _deployment(("selector: Required value", _MISMATCH), selector=None),
    _deployment(
        f"selector: Invalid value: {_SELECTOR}: empty selector is invalid for deployment",
        "empty selector is invalid",
        selector={},
    ),
    _deployment(
        (
            _VALUES_MISSING,
            _expressions('Key:"a", Operator:"In", Values:[]string(nil)'),
        ),
        "must be specified when `operator`",
        selector={"matchExpressions": [{"key": "a", "operator": "In"}]},
    ),
    _deployment(
        (
            _VALUES_TOO_MANY,
            _expressions('Key:"a", Operator:"Exists", Values:[]string{"b"}'),
        ),
        "may not be specified when `operator`",
        selector={"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]},
    ),
    _deployment(
        (
            'selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
            _expressions('Key:"a", Operator:"Is", Values:[]string{"b"}'),
        ),
        "not a valid selector operator",
        selector={"matchExpressions": [{"key": "a", "operator": "Is", "values": ["b"]}]},
    ),
    _deployment(
        f'template.spec.serviceAccountName: Invalid value: "A_b": {_SUBDOMAIN}',
        template=pod(container() | {"serviceAccountName": "A_b"}, labels={"a": "b"}),
    ),
    _deployment("replicas: Invalid value: -1: must be greater than or equal to 0", replicas=-1),
    _deployment(
        'template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        template=pod(container() | {"restartPolicy": "Never"}, labels={"a": "b"}),
    ),
    _deployment(
        "template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not "
        "Supported",
        "activeDeadlineSeconds in ReplicaSet",
        template=pod(container() | {"activeDeadlineSeconds": 5}, labels={"a": "b"}),
    ),
    _deployment(
        "strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
        "may not be specified when strategy",
        strategy={"type": "Recreate", "rollingUpdate": {"maxSurge": 1}},
    ),
    _deployment(
        'strategy: Unsupported value: apps.DeploymentStrategy{Type:"Fast", '
        'RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}: supported values: "Recreate", "RollingUpdate"',
        strategy={"type": "Fast"},
    ),
    _deployment(
        "strategy.rollingUpdate.maxUnavailable: Invalid value: "
        'intstr.IntOrString{Type:0, IntVal:0, StrVal:""}: '
        "may not be 0 when `maxSurge` is 0",
        "may not be 0 when `maxSurge`",
        strategy={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}},
    ),
    _deployment(
        "strategy.rollingUpdate.maxUnavailable: Invalid value: "
        'intstr.IntOrString{Type:1, IntVal:0, StrVal:"110%"}: '
        "must not be greater than 100%",
        "must not be greater than 100%",
        strategy={"rollingUpdate": {"maxUnavailable": "110%"}},
    ),
    _deployment(
        'strategy.rollingUpdate.maxSurge: Invalid value: "20Percent": a valid percent string must be a '
        "numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is "
        "'[0-9]+%')",
        "a valid percent string",
        strategy={"rollingUpdate": {"maxSurge": "20Percent"}},
    ),
    _deployment(
        "progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds",
        "must be greater than minReadySeconds",
        minReadySeconds=5,
        progressDeadlineSeconds=5,
    ),
)
SERVICE_FAULTS = (
    Faulty(
        SERVICES,
        named("1x", spec={"ports": [{"port": 80}]}),
        (f'metadata.name: Invalid value: "1x": {_LABEL_1035}',),
    ),
    _service("ports: Required value", ports=[]),
    _service(
        (
            "ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive",
            "ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
        ),
        ports=[{"port": 70000}],
    ),
    _service(
        ("ports[0].name: Required value", "ports[1].name: Required value"), ports=[{"port": 80}, {"port": 81}]
    ),
    _service(
        'type: Unsupported value: "Public": supported values: "ClusterIP", "ExternalName", "LoadBalancer", '
        '"NodePort"',
        type="Public",
    ),
    _service(
        'ports[0].targetPort: Invalid value: "web_port": must contain only alpha-numeric characters (a-z, '
        "0-9), and hyphens (-)",
        ports=[{"port": 80, "targetPort": "web_port"}],
    ),
    _service(
        'ports[1]: Duplicate value: core.ServicePort{Name:"", Protocol:"TCP", AppProtocol:(*string)(nil), '
        'Port:80, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}',
        ports=[{"name": "a", "port": 80}, {"name": "b", "port": 80}],
    ),
    _service(
        'sessionAffinity: Unsupported value: "x": supported values: "ClientIP", "None"', sessionAffinity="x"
    ),
)
FAULTY = (*METADATA, *CONTAINERS, *PODS_AND_VOLUMES, *DEPLOYMENT_FAULTS, *SERVICE_FAULTS)
"""All of them."""
