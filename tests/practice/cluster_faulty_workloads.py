"""Deployments and Services that the API server refuses, each with its lines."""

from __future__ import annotations

from cluster_faulty import LABEL_1035, SUBDOMAIN, Faulty, faulty_deployment, faulty_service
from cluster_refusals import SERVICES, container, named, pod

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
    faulty_deployment(_MISMATCH, "`selector` does not match", selector={"matchLabels": {"a": "c"}}),
    faulty_deployment(("selector: Required value", _MISMATCH), selector=None),
    faulty_deployment(
        f"selector: Invalid value: {_SELECTOR}: empty selector is invalid for deployment",
        "empty selector is invalid",
        selector={},
    ),
    faulty_deployment(
        (
            _VALUES_MISSING,
            _expressions('Key:"a", Operator:"In", Values:[]string(nil)'),
        ),
        "must be specified when `operator`",
        selector={"matchExpressions": [{"key": "a", "operator": "In"}]},
    ),
    faulty_deployment(
        (
            _VALUES_TOO_MANY,
            _expressions('Key:"a", Operator:"Exists", Values:[]string{"b"}'),
        ),
        "may not be specified when `operator`",
        selector={"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]},
    ),
    faulty_deployment(
        (
            'selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
            _expressions('Key:"a", Operator:"Is", Values:[]string{"b"}'),
        ),
        "not a valid selector operator",
        selector={"matchExpressions": [{"key": "a", "operator": "Is", "values": ["b"]}]},
    ),
    faulty_deployment(
        f'template.spec.serviceAccountName: Invalid value: "A_b": {SUBDOMAIN}',
        template=pod(container() | {"serviceAccountName": "A_b"}, labels={"a": "b"}),
    ),
    faulty_deployment("replicas: Invalid value: -1: must be greater than or equal to 0", replicas=-1),
    faulty_deployment(
        'template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        template=pod(container() | {"restartPolicy": "Never"}, labels={"a": "b"}),
    ),
    faulty_deployment(
        "template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not "
        "Supported",
        "activeDeadlineSeconds in ReplicaSet",
        template=pod(container() | {"activeDeadlineSeconds": 5}, labels={"a": "b"}),
    ),
    faulty_deployment(
        "strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
        "may not be specified when strategy",
        strategy={"type": "Recreate", "rollingUpdate": {"maxSurge": 1}},
    ),
    faulty_deployment(
        'strategy: Unsupported value: apps.DeploymentStrategy{Type:"Fast", '
        'RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}: supported values: "Recreate", "RollingUpdate"',
        strategy={"type": "Fast"},
    ),
    faulty_deployment(
        "strategy.rollingUpdate.maxUnavailable: Invalid value: "
        'intstr.IntOrString{Type:0, IntVal:0, StrVal:""}: '
        "may not be 0 when `maxSurge` is 0",
        "may not be 0 when `maxSurge`",
        strategy={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}},
    ),
    faulty_deployment(
        "strategy.rollingUpdate.maxUnavailable: Invalid value: "
        'intstr.IntOrString{Type:1, IntVal:0, StrVal:"110%"}: '
        "must not be greater than 100%",
        "must not be greater than 100%",
        strategy={"rollingUpdate": {"maxUnavailable": "110%"}},
    ),
    faulty_deployment(
        'strategy.rollingUpdate.maxSurge: Invalid value: "20Percent": a valid percent string must be a '
        "numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is "
        "'[0-9]+%')",
        "a valid percent string",
        strategy={"rollingUpdate": {"maxSurge": "20Percent"}},
    ),
    faulty_deployment(
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
        (f'metadata.name: Invalid value: "1x": {LABEL_1035}',),
    ),
    faulty_service("ports: Required value", ports=[]),
    faulty_service(
        (
            "ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive",
            "ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
        ),
        ports=[{"port": 70000}],
    ),
    faulty_service(
        ("ports[0].name: Required value", "ports[1].name: Required value"), ports=[{"port": 80}, {"port": 81}]
    ),
    faulty_service(
        'type: Unsupported value: "Public": supported values: "ClusterIP", "ExternalName", "LoadBalancer", '
        '"NodePort"',
        type="Public",
    ),
    faulty_service(
        'ports[0].targetPort: Invalid value: "web_port": must contain only alpha-numeric characters (a-z, '
        "0-9), and hyphens (-)",
        ports=[{"port": 80, "targetPort": "web_port"}],
    ),
    faulty_service(
        'ports[1]: Duplicate value: core.ServicePort{Name:"", Protocol:"TCP", AppProtocol:(*string)(nil), '
        'Port:80, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}',
        ports=[{"name": "a", "port": 80}, {"name": "b", "port": 80}],
    ),
    faulty_service(
        'sessionAffinity: Unsupported value: "x": supported values: "ClientIP", "None"', sessionAffinity="x"
    ),
)
