"""Objects, and strategic merge patches for them with every directive, well and badly formed."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

Object = dict[str, Any]
Patches = st.SearchStrategy[Object]

_NAMES = ["a", "b", "c", "d"]
_NUMBERS = [80, 81, 82]
_PATHS = ["/a", "/b", "/c"]
_SOURCES = [{"secretKeyRef": {"name": "s", "key": "k"}}, {"fieldRef": {"fieldPath": "metadata.name"}}]
_FINALIZERS = ["example.com/a", "example.com/b", "example.com/c"]


class Maker:
    """Makes objects out of a seed; what it makes is small, so that patches meet something."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - cases, not secrets

    def objects(self, kind: str, count: int) -> list[Object]:
        """Return that many objects of a kind, each with a name of its own."""
        made = []
        for number in range(count):
            object_: Object = {"apiVersion": "apps/v1" if kind == "Deployment" else "v1", "kind": kind}
            object_["metadata"] = {"name": f"case-{number}", **self._metadata()}
            made.append(object_ | getattr(self, f"_{kind.lower()}")())
        return made

    def _some(self, values: list[Any]) -> list[Any]:
        return self._random.sample(values, self._random.randint(0, len(values)))

    def _perhaps(self, **fields: Any) -> Object:
        return {name: value for name, value in fields.items() if self._random.random() < 0.6}

    def _text_map(self) -> Object:
        return {name: self._random.choice(["1", "2"]) for name in self._some(_NAMES)}

    def _metadata(self) -> Object:
        owners = [{"uid": name, "kind": "Pod", "name": name} for name in self._some(_NAMES)]
        return self._perhaps(
            labels=self._text_map(),
            annotations=self._text_map(),
            finalizers=self._some(_FINALIZERS),
            ownerReferences=owners,
        )

    def _env(self) -> list[Object]:
        made = []
        for name in self._some(_NAMES):
            source = {"valueFrom": self._random.choice(_SOURCES)}
            made.append({"name": name, **self._random.choice([{"value": "1"}, {"value": ""}, source, {}])})
        return made

    def _container(self, name: str) -> Object:
        return {"name": name, "image": self._random.choice(_NAMES)} | self._perhaps(
            env=self._env(),
            ports=[{"containerPort": port, **self._perhaps(name="p")} for port in self._some(_NUMBERS)],
            volumeMounts=[{"mountPath": path, "name": "v"} for path in self._some(_PATHS)],
            args=self._some(_NAMES),
            resources=self._perhaps(limits={"cpu": "1", "memory": "1Gi"}, requests={"cpu": "1"}),
        )

    def _pod_spec(self) -> Object:
        volumes = [{"name": name, **self._perhaps(emptyDir={})} for name in self._some(_NAMES)]
        return {"containers": [self._container(name) for name in self._some(_NAMES)]} | self._perhaps(
            initContainers=[self._container(name) for name in self._some(["a"])],
            volumes=volumes,
            imagePullSecrets=[{"name": name} for name in self._some(_NAMES)],
            tolerations=[{"key": name} for name in self._some(_NAMES)],
            nodeSelector=self._text_map(),
            hostAliases=[{"ip": name, "hostnames": ["h"]} for name in self._some(["1.1.1.1", "2.2.2.2"])],
            serviceAccountName="a",
        )

    def _pod(self) -> Object:
        return {"spec": self._pod_spec()}

    def _deployment(self) -> Object:
        rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": "25%"}}
        template = {"metadata": self._metadata(), "spec": self._pod_spec()}
        spec = self._perhaps(replicas=1, strategy=self._random.choice([rolling, {"type": "Recreate"}]))
        return {"spec": {"selector": {"matchLabels": self._text_map()}, "template": template} | spec}

    def _service(self) -> Object:
        ports = [{"port": port, **self._perhaps(name="p", targetPort="x")} for port in self._some(_NUMBERS)]
        return {"spec": self._perhaps(ports=ports, selector=self._text_map(), externalIPs=self._some(_NAMES))}

    def _serviceaccount(self) -> Object:
        return self._perhaps(
            secrets=[{"name": name} for name in self._some(_NAMES)],
            imagePullSecrets=[{"name": name} for name in self._some(_NAMES)],
        )

    def _configmap(self) -> Object:
        return self._perhaps(data=self._text_map(), immutable=False)


def _rarely(value: st.SearchStrategy[Any], odd: Any, of: int = 12) -> st.SearchStrategy[Any]:
    """Draw something odd once in `of` times."""
    return st.integers(0, of - 1).flatmap(lambda drawn: st.just(odd) if drawn == of - 1 else value)


def _map_of(fields: dict[str, st.SearchStrategy[Any]], *, whole: bool = False) -> Patches:
    """A patch of a map: some of its fields (or all), some of them null, once in a while with a directive."""
    drawn = {name: _rarely(each, None) for name, each in fields.items()}
    plain = st.fixed_dictionaries(drawn) if whole else st.fixed_dictionaries({}, optional=drawn)
    retained = st.lists(st.sampled_from(sorted(fields)), unique=True).map(lambda keys: {"$retainKeys": keys})
    directed = st.sampled_from(["replace", "delete", "merge", "nope"]).map(lambda word: {"$patch": word})
    extra = st.integers(0, 24).flatmap(
        lambda drawn: directed if drawn == 24 else retained if drawn == 23 else st.just({})
    )
    return st.tuples(plain, extra).map(lambda parts: parts[0] | parts[1])


def _texts() -> Patches:
    return _map_of({name: st.sampled_from(["1", "2"]) for name in _NAMES})


@st.composite
def _merged(draw: st.DrawFn, name: str, key: str, keys: list[Any], item: Patches) -> Object:
    """A patch of a list whose items are told apart by a key, perhaps with the order it is to have."""
    odd = draw(st.integers(0, 19))
    if odd in {18, 19}:
        return {name: None if odd == 18 else []}
    wanted = draw(st.lists(st.sampled_from(keys), max_size=3, unique=draw(st.integers(0, 9)) > 0))
    items = [_with_key(draw(item), key, each) for each in wanted]
    for each in items:
        if draw(st.integers(0, 7)) == 7:
            each["$patch"] = draw(_rarely(st.just("delete"), "merge"))
        if draw(st.integers(0, 39)) == 39:
            del each[key]
    if odd == 17:
        items.insert(draw(st.integers(0, len(items))), {"$patch": "replace"})
    fields: Object = {} if odd == 16 else {name: items}
    if draw(st.booleans()):
        return fields
    order = draw(st.lists(st.sampled_from(keys), unique=True))
    if odd < 14:
        kept = [each[key] for each in items if "$patch" not in each and key in each]
        order = draw(st.permutations(list(dict.fromkeys([*kept, *order]))))
        places = {value: place for place, value in enumerate(order)}
        items.sort(key=lambda each: places.get(each.get(key), -1))
    return fields | {f"$setElementOrder/{name}": [{key: value} for value in order]}


def _with_key(item: Object, key: str, value: Any) -> Object:
    return {key: value, **item}


@st.composite
def _joined(draw: st.DrawFn, own: Patches, *lists: Patches) -> Object:
    """A patch of a map that has such lists: some of them, with their directives beside them."""
    joined = dict(draw(own))
    for each in lists:
        if draw(st.booleans()):
            joined |= draw(each)
    return joined


_VALUES = st.sampled_from(_NAMES)
_ENV_ITEM = _map_of({"value": _VALUES, "valueFrom": st.sampled_from(_SOURCES)})
_RESOURCES = _map_of({"limits": _map_of({"cpu": st.just("2"), "memory": st.just("2Gi")})})
_CONTAINER = _joined(
    _map_of({"image": _VALUES, "args": st.lists(_VALUES, max_size=2), "resources": _RESOURCES}),
    _merged("env", "name", _NAMES, _ENV_ITEM),
    _merged("ports", "containerPort", _NUMBERS, _map_of({"name": _VALUES})),
    _merged("volumeMounts", "mountPath", _PATHS, _map_of({"name": _VALUES, "readOnly": st.booleans()})),
)
_POD_SPEC = _joined(
    _map_of(
        {
            "nodeSelector": _texts(),
            "serviceAccountName": _VALUES,
            "tolerations": st.lists(st.fixed_dictionaries({"key": _VALUES}), max_size=2),
        }
    ),
    _merged("containers", "name", _NAMES, _CONTAINER),
    _merged("initContainers", "name", _NAMES, _map_of({"image": _VALUES})),
    _merged(
        "volumes", "name", _NAMES, _map_of({"emptyDir": st.just({}), "secret": st.just({"secretName": "s"})})
    ),
    _merged("imagePullSecrets", "name", _NAMES, st.just({})),
    _merged("hostAliases", "ip", ["1.1.1.1", "2.2.2.2"], st.just({"hostnames": ["x"]})),
)


@st.composite
def _finalizers(draw: st.DrawFn) -> Object:
    """A patch of a list of plain values; it deletes nothing it adds: Go would do the two in any order."""
    added = draw(st.lists(st.sampled_from(_FINALIZERS), unique=True))
    others = [each for each in _FINALIZERS if each not in added]
    deleted = draw(st.lists(st.sampled_from(others or ["x"])))
    fields: Object = {"finalizers": added} if added else {}
    if deleted:
        fields["$deleteFromPrimitiveList/finalizers"] = deleted
    order: list[str] = draw(st.permutations(added))
    return fields | ({"$setElementOrder/finalizers": order} if draw(st.booleans()) else {})


_METADATA = _joined(
    _map_of({"labels": _texts(), "annotations": _texts()}),
    _finalizers(),
    _merged("ownerReferences", "uid", _NAMES, st.just({"name": "x"})),
)
_STRATEGY = _map_of(
    {
        "type": st.sampled_from(["Recreate", "RollingUpdate"]),
        "rollingUpdate": _map_of({"maxSurge": st.just(2), "maxUnavailable": st.just("1%")}),
    }
)
_TEMPLATE = _map_of({"metadata": _METADATA, "spec": _POD_SPEC}, whole=True)
_SPECS: dict[str, Patches] = {
    "Pod": _map_of({"spec": _POD_SPEC}, whole=True),
    "Deployment": _map_of(
        {
            "spec": _map_of(
                {
                    "template": _TEMPLATE,
                    "strategy": _STRATEGY,
                    "replicas": st.integers(0, 2),
                    "selector": _map_of({"matchLabels": _texts()}),
                },
                whole=True,
            )
        },
        whole=True,
    ),
    "Service": _map_of(
        {
            "spec": _joined(
                _map_of({"selector": _texts(), "externalIPs": st.lists(_VALUES, max_size=2)}),
                _merged("ports", "port", _NUMBERS, _map_of({"name": _VALUES, "targetPort": _VALUES})),
            )
        }
    ),
    "ServiceAccount": _joined(
        _map_of({"imagePullSecrets": st.lists(st.fixed_dictionaries({"name": _VALUES}), max_size=2)}),
        _merged("secrets", "name", _NAMES, _map_of({"namespace": _VALUES})),
    ),
    "ConfigMap": _map_of({"data": _texts(), "binaryData": _texts(), "immutable": st.booleans()}),
}


@st.composite
def patches(draw: st.DrawFn) -> tuple[str, Object]:
    """A kind and a patch for objects of it; names are left alone, since answers are told by them."""
    kind = draw(
        st.sampled_from(["Deployment", "Deployment", "Pod", "Service", "ServiceAccount", "ConfigMap"])
    )
    patch = draw(_SPECS[kind])
    metadata = draw(_METADATA)
    for directive in ("$retainKeys", "$patch"):
        patch.pop(directive, None)
        metadata.pop(directive, None)
    return kind, patch | {"metadata": metadata}
