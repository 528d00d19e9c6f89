"""The table of routes and their proofs."""

from __future__ import annotations

from proofs import Client, Ours, Proof, Recording, RouteProof, Unproven

CLUSTER = "test_practice_clients_cluster.py"
AZURE = "test_practice_clients_azure.py"
ENTRA = "test_practice_clients_entra.py"
AZ = "test_practice_az.py"
AZ_GROUPS = "test_practice_az_groups.py"
IDENTITY = "…/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
FEDERATED = f"{IDENTITY}/{{}}/federatedIdentityCredentials"
ACCOUNT = "…/providers/Microsoft.CognitiveServices/accounts"
MANAGED = "…/providers/Microsoft.ContainerService/managedClusters"
ROLES = "…/providers/Microsoft.Authorization"
GROUP = "/subscriptions/{}/resourceGroups"

AKS_FILE = Recording("Test_AKS_ManagedCluster_20250801_CRUD.json")
ACCOUNT_FILE = Recording("Test_CognitiveServices_Account_20250601_CRUD.json")
IDENTITY_FILE = Recording("Test_ManagedIdentity_UserAssignedIdentity_20230131_CRUD.json")
ASSIGNMENT_FILE = Recording("Test_Authorization_RoleAssignment_OnResourceGroup_CRUD.json")
DEFINITION_FILE = Recording("Test_Authorization_RoleDefinitionResourceGroupScope_CRUD.json")
BUILT_IN_FILE = Recording("Test_Authorization_RoleAssignmentOfBuiltInRole_OnResourceGroup_CRUD.json")
GROUP_FILE = Recording("Test_NewResourceGroup.json")
COLLECTIONS = Client(f"{AZURE}::test_collections", "azure-mgmt-resource")
CHANGES = Client(f"{AZURE}::test_an_account_is_changed_and_its_keys_renewed", "azure-mgmt-resource")
GRAPH = Client(f"{AZ}::test_questions_to_graph", "az")
ASSIGNING = Client(f"{AZ}::test_identity_role_and_federation", "az")
GROUPS_OF_PEOPLE = Client(f"{AZ}::test_a_group_is_filled_and_emptied", "az")
PERSON = Client("test_practice_az_sign_in.py::test_a_person_signs_in_by_device_code", "az")
POWER = Client("test_practice_az_power.py::test_a_cluster_is_stopped_and_started", "az")
DOCKER = Client(f"{AZURE}::test_docker_pushes_and_pulls", "docker")
CRANE = Client("test_practice_clients_oci.py::test_by_crane", "crane")
SKOPEO = Client("test_practice_clients_oci.py::test_by_skopeo", "skopeo")
CONFORMANCE = Client("test_practice_conformance.py::test_conformance", "the conformance suite")
VERBS = Client(f"{CLUSTER}::test_every_verb_on_every_kind", "kubernetes")
PARTS = Client(f"{CLUSTER}::test_every_part_of_every_kind", "kubernetes")
PROXIES = Client(f"{CLUSTER}::test_proxies_logs_and_tokens", "kubernetes")
QUESTIONS = Client(f"{CLUSTER}::test_questions_about_oneself", "kubernetes")
OTHERS_ASKED = Client(f"{CLUSTER}::test_questions_about_others", "kubernetes")
DISCOVERY = Client(f"{CLUSTER}::test_what_the_cluster_says_of_itself", "kubernetes")
KUBECTL = Client(f"{CLUSTER}::test_by_kubectl", "kubectl")
INTO_PODS = Client("test_practice_streams.py::test_every_way_into_a_pod", "kubectl")
STREAMS = ("attach", "exec", "portforward")
SITE = Ours("the store's own site is simulated, and says so")
NO_CLIENT = "no client at hand sends it"

ARM: dict[str, Proof] = {
    "GET /subscriptions": Recording("azcli_transcribed.json", "subscriptions.list_example"),
    "GET /tenants": Recording("azcli_transcribed.json", "tenants.list_example"),
    "GET /subscriptions/{}": COLLECTIONS,
    "GET /subscriptions/{}/providers/{}": Client(
        "test_practice_arm.py::TestProviders::test_api_versions_for_generic_clients", "azure-mgmt-resource"
    ),
    "GET /subscriptions/{}/resources": COLLECTIONS,
    f"GET {GROUP}": COLLECTIONS,
    f"GET {GROUP}/{{}}/resources": COLLECTIONS,
    f"GET {GROUP}/{{}}": GROUP_FILE,
    f"PUT {GROUP}/{{}}": GROUP_FILE,
    f"DELETE {GROUP}/{{}}": GROUP_FILE,
    "GET /subscriptions/{}/operationresults/{}": Recording("Test_Resources_ResourceGroup_CRUD.json"),
    "GET /subscriptions/{}/locations": Client(f"{AZ_GROUPS}::test_regions", "az"),
    "GET /metadata/endpoints": Client(
        "test_practice_az_sign_in.py::test_a_cloud_is_registered_by_its_address", "az"
    ),
    "HEAD …": GROUP_FILE,
    f"GET {ROLES}/roleAssignments": Recording(
        "azcli_transcribed.json", "roleAssignments.list_sub_principalId"
    ),
    f"GET {ROLES}/roleAssignments/{{}}": ASSIGNMENT_FILE,
    f"PUT {ROLES}/roleAssignments/{{}}": ASSIGNMENT_FILE,
    f"DELETE {ROLES}/roleAssignments/{{}}": ASSIGNMENT_FILE,
    f"GET {ROLES}/roleDefinitions": BUILT_IN_FILE,
    f"GET {ROLES}/roleDefinitions/{{}}": DEFINITION_FILE,
    f"PUT {ROLES}/roleDefinitions/{{}}": DEFINITION_FILE,
    f"DELETE {ROLES}/roleDefinitions/{{}}": DEFINITION_FILE,
    f"GET {IDENTITY}": COLLECTIONS,
    f"GET {IDENTITY}/{{}}": IDENTITY_FILE,
    f"PUT {IDENTITY}/{{}}": IDENTITY_FILE,
    f"DELETE {IDENTITY}/{{}}": IDENTITY_FILE,
    f"GET {FEDERATED}": Recording("azcli_transcribed.json", "fic.list_200"),
    f"GET {FEDERATED}/{{}}": IDENTITY_FILE,
    f"PUT {FEDERATED}/{{}}": IDENTITY_FILE,
    f"DELETE {FEDERATED}/{{}}": IDENTITY_FILE,
    f"GET {ACCOUNT}": COLLECTIONS,
    f"GET {ACCOUNT}/{{}}": ACCOUNT_FILE,
    f"PUT {ACCOUNT}/{{}}": ACCOUNT_FILE,
    f"PATCH {ACCOUNT}/{{}}": CHANGES,
    f"DELETE {ACCOUNT}/{{}}": ACCOUNT_FILE,
    f"POST {ACCOUNT}/{{}}/listkeys": ACCOUNT_FILE,
    f"POST {ACCOUNT}/{{}}/regeneratekey": CHANGES,
    f"GET {ACCOUNT}/{{}}/deployments": Recording(
        "azcli_transcribed.json", "cognitiveservices.deployments_list_200"
    ),
    f"GET {ACCOUNT}/{{}}/models": Client(f"{AZ}::test_a_model_of_the_list_is_deployed", "az"),
    f"GET {ACCOUNT}/{{}}/deployments/{{}}": ACCOUNT_FILE,
    f"PUT {ACCOUNT}/{{}}/deployments/{{}}": ACCOUNT_FILE,
    f"DELETE {ACCOUNT}/{{}}/deployments/{{}}": ACCOUNT_FILE,
    "GET …/providers/Microsoft.CognitiveServices/locations/{}/operationResults/{}": ACCOUNT_FILE,
    "GET …/providers/Microsoft.ContainerService/locations/{}/operations/{}": AKS_FILE,
    f"GET {MANAGED}": COLLECTIONS,
    f"GET {MANAGED}/{{}}": AKS_FILE,
    f"PUT {MANAGED}/{{}}": AKS_FILE,
    f"DELETE {MANAGED}/{{}}": AKS_FILE,
    f"POST {MANAGED}/{{}}/start": POWER,
    f"POST {MANAGED}/{{}}/stop": POWER,
    f"POST {MANAGED}/{{}}/listclusterusercredential": AKS_FILE,
    f"POST {MANAGED}/{{}}/listclusteradmincredential": AKS_FILE,
    "GET …/providers/Microsoft.ContainerService/locations/{}/operationresults/{}": POWER,
    "GET /practice/*": Ours("how the practice cloud is looked after"),
}
OTHERS: dict[str, Proof] = {
    "entra GET /developer/keys": Ours("the issuer behind the learner's sign-in"),
    "entra GET /developer/.well-known/openid-configuration": Ours("the issuer behind the learner's sign-in"),
    "entra * /{}/oauth2/v2.0/authorize": Ours("the page for people: real Entra ID's is for browsers alone"),
    "entra POST /{}/oauth2/v2.0/devicecode": PERSON,
    "entra * /devicelogin": Ours("the page for people: real Entra ID's is for browsers alone"),
    "entra GET /{}/discovery/v2.0/keys": Client(
        f"{ENTRA}::test_tokens_are_checked_against_the_published_keys", "PyJWT"
    ),
    "entra GET /{}/v2.0/.well-known/openid-configuration": Client(
        "test_practice_entra.py::TestDeveloperSignIn::test_by_secret_with_msal", "msal"
    ),
    "entra POST /{}/oauth2/v2.0/token": Client(
        "test_practice_entra.py::TestDeveloperSignIn::test_by_the_token_file", "azure-identity"
    ),
    "issuer GET *": Unproven(
        "only our Entra ID reads it; its keys are those that facts/kubernetes.md 2.1 lists, from the source"
    ),
    "openai POST /openai/deployments/{}/chat/completions": Client(
        "test_practice_openai.py::TestKey::test_a_good_one", "openai"
    ),
    "graph GET /v1.0/applications": GRAPH,
    "graph GET /v1.0/groups": GROUPS_OF_PEOPLE,
    "graph POST /v1.0/groups": GROUPS_OF_PEOPLE,
    "graph * /v1.0/groups/{}": GROUPS_OF_PEOPLE,
    "graph GET /v1.0/groups/{}/members": GROUPS_OF_PEOPLE,
    "graph * /v1.0/groups/{}/members/$ref": GROUPS_OF_PEOPLE,
    "graph * /v1.0/groups/{}/members/{}/$ref": GROUPS_OF_PEOPLE,
    "graph POST /v1.0/directoryObjects/{}/checkMemberGroups": GROUPS_OF_PEOPLE,
    "graph GET /v1.0/me": PERSON,
    "graph GET /v1.0/users/{}": GRAPH,
    "graph GET /v1.0/users": GRAPH,
    "graph GET /v1.0/servicePrincipals": ASSIGNING,
    "graph GET /v1.0/servicePrincipals/{}": GRAPH,
    "graph POST /v1.0/directoryObjects/getByIds": ASSIGNING,
    "graph POST /v1.0/directoryObjects/microsoft.graph.getByIds": Unproven(
        "the long spelling of getByIds; az 2.91 uses the short one"
    ),
    "shop *": SITE,
}
REGISTRY: dict[str, Proof] = {
    "GET /v2/": DOCKER,
    "GET /v2/{}/blobs/{}": DOCKER,
    "HEAD /v2/{}/blobs/{}": DOCKER,
    "GET /v2/{}/manifests/{}": DOCKER,
    "HEAD /v2/{}/manifests/{}": DOCKER,
    "PUT /v2/{}/manifests/{}": DOCKER,
    "POST /v2/{}/blobs/uploads/": DOCKER,
    "PATCH /v2/{}/blobs/uploads/{}": DOCKER,
    "PUT /v2/{}/blobs/uploads/{}": DOCKER,
    "GET /v2": Unproven(NO_CLIENT),
    "HEAD /v2": Unproven(NO_CLIENT),
    "HEAD /v2/": Unproven(NO_CLIENT),
    "GET /v2/_catalog": CRANE,
    "HEAD /v2/_catalog": Unproven(NO_CLIENT),
    "GET /v2/{}/tags/list": SKOPEO,
    "DELETE /v2/{}/manifests/{}": SKOPEO,
    "GET /v2/{}/referrers/{}": CONFORMANCE,
    "GET /v2/{}/blobs/uploads/{}": CONFORMANCE,
    "DELETE /v2/{}/blobs/{}": CONFORMANCE,
    "DELETE /v2/{}/blobs/uploads/{}": CONFORMANCE,
    "HEAD /v2/{}/tags/list": Unproven(NO_CLIENT),
    "HEAD /v2/{}/referrers/{}": Unproven(NO_CLIENT),
    "HEAD /v2/{}/blobs/uploads/{}": Unproven(NO_CLIENT),
}
PROXY = ("create", "delete", "get", "patch", "update")
OBJECTS: dict[str, Proof] = {
    "* selfsubject*": QUESTIONS,
    **dict.fromkeys(
        (f"create {kind}" for kind in ("localsubjectaccessreviews", "subjectaccessreviews", "tokenreviews")),
        OTHERS_ASKED,
    ),
    **{f"{verb} {kind}/proxy": PROXIES for verb in PROXY for kind in ("pods", "services")},
    "get pods/log": PROXIES,
    "create serviceaccounts/token": PROXIES,
    "* */status": PARTS,
    "* */scale": PARTS,
    **{
        f"{verb} {kind}": VERBS
        for verb in ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
        for kind in (
            "configmaps",
            "deployments",
            "endpoints",
            "endpointslices",
            "events",
            "mutatingwebhookconfigurations",
            "namespaces",
            "nodes",
            "pods",
            "replicasets",
            "secrets",
            "serviceaccounts",
            "services",
        )
        if kind != "mutatingwebhookconfigurations" or verb in {"get", "list", "watch"}
        if (verb, kind) != ("deletecollection", "namespaces")
    },
    **{f"{verb} pods/{part}": INTO_PODS for verb in ("create", "get") for part in STREAMS},
    "GET /version": DISCOVERY,
    "GET /api": DISCOVERY,
    "GET /apis": DISCOVERY,
    "GET /apis/{}": DISCOVERY,
    "GET /apis/{}/v1": DISCOVERY,
    "GET /api/v1": DISCOVERY,
    "GET /healthz": KUBECTL,
    "GET /livez": KUBECTL,
    "GET /readyz": KUBECTL,
    "GET /openapi/v3": KUBECTL,
    "GET /openapi/v3/*": KUBECTL,
}
ROUTES = [
    RouteProof(routes, proof)
    for routes, proof in (
        *((f"arm {key}", proof) for key, proof in ARM.items()),
        *OTHERS.items(),
        *((f"registry {key}", proof) for key, proof in REGISTRY.items()),
        *((f"kubernetes {key}", proof) for key, proof in OBJECTS.items()),
    )
]
