"""The table of refusals and their proofs."""

from __future__ import annotations

import azure_refusals
from cluster_field_refusals import FIELDS
from cluster_patch_refusals import PATCHES
from cluster_refusals import QUESTIONS, UNDERSTANDING
from cluster_refusals_state import REVIEWS, STANDING
from proofs import Client, Ours, Proof, Recording, RefusalProof, Unproven

SDK = Client("test_practice_clients_azure.py::test_refused_to_the_sdk", "azure-mgmt-resource")
KUBERNETES = Client("test_practice_clients_cluster.py::test_refused", "kubernetes")
WEBSOCKET = Client("test_practice_streams.py::test_refused_to_a_websocket", "websocket-client")
TOKENS = Client("test_practice_clients_entra.py::test_tokens_refused_to_the_sdk", "azure-mgmt-resource")
IDENTITY = Client("test_practice_clients_entra.py::test_refused_to_azure_identity", "azure-identity")
DOCKER = Client("test_practice_clients_azure.py::test_docker_pushes_and_pulls", "docker")
GROUPS = Client("test_practice_az.py::test_a_group_is_filled_and_emptied", "az")
GRAPH = Client("test_practice_az.py::test_questions_to_graph", "az")
MEMORY = Unproven("code and words from memory: no recording was found")
OWN_WORDS = Unproven("the rule is documented, its refusal was not found: code or words are ours")
LIMIT = Ours("a limit of the practice cloud, which it names as such")
NOBODY_SENDS = Unproven("no client at hand sends such a request")


def errors(entry: str) -> Recording:
    """Return an entry of the file of recorded refusals."""
    return Recording("errors.json", entry)


def az(test: str) -> Client:
    """Return a test that drives az."""
    file, _, name = test.partition("::")
    return Client(f"test_practice_az_{file}.py::{name}", "az")


REST = az("rest::test_what_no_sdk_sends")
MSAL_BROWSER = Client("test_practice_clients_people.py::test_codes_refused_to_msal", "msal")
MSAL = Client("test_practice_clients_people.py::test_device_codes_refused_to_msal", "msal")


def openai(test: str) -> Client:
    """Return a test that drives the openai package."""
    return Client(f"test_practice_openai.py::{test}", "openai")


ARM: tuple[tuple[int, str, str, Proof], ...] = (
    (400, "BadRequest", "at most {} federated", az("identities::test_twenty_and_no_more")),
    (
        400,
        "BadRequest",
        "Failed to list key",
        Client(
            "test_practice_clients_azure.py::test_an_account_is_changed_and_its_keys_renewed",
            "azure-mgmt-resource",
        ),
    ),
    (400, "BadRequest", "has empty properties", errors("arm.FIC_table")),
    (400, "BadRequest", "name '{}' is invalid", errors("arm.FIC_table")),
    (400, "BadRequest", "exactly one audience", errors("arm.FIC_table")),
    (400, "BadRequest", "combination already exists", errors("arm.FIC_table")),
    (400, "OIDCIssuerFeatureCannotBeDisabled", "", az("groups::test_the_issuer_stays_on")),
    (400, "BadRequest", "together with the OIDC issuer", az("groups::test_a_cluster_is_deleted")),
    (400, "BadRequest", "`after` is the id", LIMIT),
    (400, "InvalidFilterInQueryString", "", LIMIT),
    (400, "InvalidPrincipalId", "", errors("arm.InvalidPrincipalId")),
    (400, "InvalidRequestContent", "could not be deserialized", az("rest::test_what_no_sdk_sends")),
    (400, "LocationNotAvailableForResourceGroup", "", Recording("Test_NewResourceGroup_Error.json")),
    (400, "MissingApiVersionParameter", "", errors("arm.MissingApiVersionParameter")),
    (400, "PrincipalNotFound", "", errors("arm.PrincipalNotFound")),
    (400, "RoleDefinitionHasAssignments", "", az("roles::test_roles_as_they_are_defined")),
    (401, "AuthenticationFailed", "", REST),
    (401, "ExpiredAuthenticationToken", "", errors("arm.ExpiredAuthenticationToken")),
    (401, "InvalidAuthenticationToken", "", TOKENS),
    (401, "InvalidAuthenticationTokenAudience", "", TOKENS),
    (403, "AuthorizationFailed", "", errors("arm.AuthorizationFailed")),
    (403, "OperationNotAllowed", "", LIMIT),
    (400, "InvalidApiVersionParameter", "", errors("arm.InvalidApiVersionParameter")),
    (400, "NoRegisteredProviderFound", "", az("rest::test_a_version_that_does_not_exist")),
    (
        404,
        "InvalidResourceType",
        "The supported api-versions",
        az("rest::test_a_version_that_does_not_exist"),
    ),
    (404, "InvalidResourceType", "of the workshop only", LIMIT),
    (404, "NotFound", "Resource '{}' was not found", errors("arm.FIC_NotFound")),
    (404, "NotFound", "Specified resource", errors("arm.CogDeployment_NotFound")),
    (
        404,
        "ParentResourceNotFound",
        "Failed to perform",
        Recording("Test_Managedidentity_v1api20230131_CreationAndDeletion.json"),
    ),
    (404, "ResourceGroupNotFound", "", errors("arm.ResourceGroupNotFound")),
    (404, "ResourceNotFound", "", errors("arm.ResourceNotFound")),
    (404, "RoleAssignmentNotFound", "", errors("arm.RoleAssignmentNotFound")),
    (
        404,
        "RoleDefinitionDoesNotExist",
        "",
        Recording("Test_Authorization_RoleDefinitionResourceGroupScope_CRUD.json"),
    ),
    (405, "MethodNotAllowed", "", LIMIT),
    (
        409,
        "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
        "",
        errors("arm.ConcurrentFIC"),
    ),
    (400, "BadRequest", "cannot be performed", az("power::test_a_cluster_is_stopped_and_started")),
    (409, "OperationNotAllowed", "in progress update", errors("arm.AKS_in_progress")),
    (409, "OperationNotAllowed", "in progress delete", az("groups::test_a_cluster_is_deleted")),
    (409, "ResourceGroupBeingDeleted", "", az("groups::test_a_group_is_deleted_with_all_in_it")),
    (409, "RoleAssignmentExists", "", errors("arm.RoleAssignmentExists")),
    (413, "RequestEntityTooLarge", "", LIMIT),
    (429, "SubscriptionRequestsThrottled", "", errors("arm.throttle_429")),
    (500, "InternalServerError", "", LIMIT),
)
ENTRA: tuple[tuple[int, str, str, Proof], ...] = (
    (400, "1002012", "", IDENTITY),
    (400, "500011", "", IDENTITY),
    (400, "50027", "", IDENTITY),
    (400, "50011", "", MSAL_BROWSER),
    (400, "501481", "", MSAL_BROWSER),
    (400, "70000", "Device code is wrong", MSAL),
    (400, "70000", "'code' is not", MSAL_BROWSER),
    (400, "70000", "'refresh_token' or 'assertion'", MSAL),
    (400, "70011", "", MSAL),
    (400, "70016", "", errors("entra_token_endpoint.device_pending")),
    (400, "70017", "", MSAL),
    (400, "70018", "", az("sign_in::test_a_person_says_no")),
    (400, "70020", "", MSAL),
    (400, "700082", "", MEMORY),
    (400, "700016", "", errors("entra_token_endpoint.unknown_client")),
    (400, "70003", "", REST),
    (400, "70021", "", errors("entra_token_endpoint.legacy_no_match")),
    (400, "90002", "", errors("entra_token_endpoint.wrong_tenant")),
    (400, "900144", "", REST),
    (400, "90061", "", errors("entra_token_endpoint.issuer_unreachable")),
    (401, "50013", "", IDENTITY),
    (401, "7000215", "", errors("entra_token_endpoint.bad_secret")),
    (401, "7000218", "", REST),
    (401, "700024", "", errors("entra_token_endpoint.assertion_expired")),
    (401, "700211", "", errors("entra_token_endpoint.no_match_issuer")),
    (401, "700212", "", errors("entra_token_endpoint.no_match_audience")),
    (401, "700213", "", errors("entra_token_endpoint.no_match_subject")),
    (401, "7002138", "", IDENTITY),
    (401, "700222", "", az("roles::test_a_token_of_entra_id_is_no_assertion")),
    (401, "70023", "", IDENTITY),
    (401, "70025", "", errors("entra_token_endpoint.no_fic_at_all")),
)
PLANE = "azure_openai_data_plane"
CLOSED = openai("TestOtherAccounts::test_networks_that_are_kept_out")
OPENAI: tuple[tuple[int, str, str, Proof], ...] = (
    (400, "BadRequest", "custom subdomain", errors(f"{PLANE}.no_custom_subdomain")),
    (400, "BadRequest", "is not a JSON object", REST),
    (400, "BadRequest", "is not valid JSON", REST),
    (400, "OperationNotSupported", "", openai("TestOtherAccounts::test_a_model_without_chat")),
    (400, "invalid_request_error", "'messages' is a required", openai("TestKey::test_no_chat")),
    (400, "invalid_request_error", "no known 'role'", openai("TestKey::test_no_chat")),
    (400, "(flat)", "The response was filtered", errors(f"{PLANE}.content_filter")),
    (401, "(flat)", "", errors(f"{PLANE}.bad_token")),
    (401, "401", "invalid subscription key", errors(f"{PLANE}.wrong_key")),
    (401, "401", "missing subscription key", REST),
    (401, "PermissionDenied", "", errors(f"{PLANE}.missing_role")),
    (403, "403", "Public access is disabled", CLOSED),
    (403, "403", "Virtual Network/Firewall rules", CLOSED),
    (403, "AuthenticationTypeDisabled", "", errors(f"{PLANE}.keys_disabled")),
    (404, "404", "", openai("TestOtherAccounts::test_what_is_not_offered")),
    (404, "DeploymentNotFound", "", errors(f"{PLANE}.no_deployment")),
    (413, "413", "", LIMIT),
    (429, "429", "", errors(f"{PLANE}.rate_limit")),
)
GRAPHS: tuple[tuple[int, str, str, Proof], ...] = (
    (400, "BadRequest", "/me request", GRAPH),
    (400, "BadRequest", "Unable to read JSON", REST),
    (400, "Request_BadRequest", "Invalid object identifier", REST),
    (400, "Request_BadRequest", "A value is required", REST),
    (400, "Request_BadRequest", "references already exist", GROUPS),
    (400, "Request_UnsupportedQuery", "", LIMIT),
    (401, "InvalidAuthenticationToken", "Access token is empty", REST),
    (401, "InvalidAuthenticationToken", "validation failure", REST),
    (403, "Authorization_RequestDenied", "", az("sign_in::test_a_managed_identity_without_a_role")),
    (404, "BadRequest", "Resource not found for the segment", GRAPH),
    (404, "Request_ResourceNotFound", "", GRAPH),
    (413, "Request_EntityTooLarge", "", LIMIT),
)
SPECIFIED = Unproven("code of the distribution specification; no client at hand sends such a request")
CONFORMANCE = Client("test_practice_conformance.py::test_conformance", "the conformance suite")
CRANE = Client("test_practice_clients_oci.py::test_by_crane", "crane")
ORAS = Client("test_practice_clients_oci.py::test_refused_to_oras", "oras")

REGISTRY: tuple[tuple[int, str, str, Proof], ...] = (
    (400, "BLOB_UPLOAD_INVALID", "", SPECIFIED),
    (400, "DIGEST_INVALID", "", CONFORMANCE),
    (400, "MANIFEST_BLOB_UNKNOWN", "", ORAS),
    (400, "MANIFEST_INVALID", "", ORAS),
    (400, "NAME_INVALID", "", SPECIFIED),
    (400, "TAG_INVALID", "", SPECIFIED),
    (401, "UNAUTHORIZED", "", CRANE),
    (404, "BLOB_UNKNOWN", "", DOCKER),
    (404, "BLOB_UPLOAD_UNKNOWN", "", SPECIFIED),
    (404, "MANIFEST_UNKNOWN", "manifest unknown", DOCKER),
    (404, "NAME_UNKNOWN", "", CRANE),
    (405, "UNSUPPORTED", "", SPECIFIED),
    (413, "SIZE_INVALID", "", LIMIT),
)
WEBHOOK = "test_practice_kubelet_webhook.py::"
KUBERNETES_REST: tuple[tuple[int, str, str, Proof], ...] = (
    (
        400,
        "",
        'serviceaccounts "{}" not found',
        Unproven("the ServiceAccount admission refuses such a pod first, as in a real cluster"),
    ),
    (
        400,
        "",
        "strconv.ParseInt",
        Client(f"{WEBHOOK}test_annotations_that_mean_nothing_are_refused", "kubectl"),
    ),
    (
        500,
        "InternalError",
        "no endpoints available",
        Client(f"{WEBHOOK}test_without_the_webhook_no_labelled_pod_comes_to_be", "kubectl"),
    ),
    (
        500,
        "InternalError",
        'service "azure-wi-webhook-webhook-service" not found',
        Client(f"{WEBHOOK}test_without_its_service_the_webhook_can_not_be_called", "kubectl"),
    ),
    (403, "Forbidden", "{} is forbidden: {}", KUBERNETES),
    (422, "Invalid", '{} "{}" is invalid: {}', KUBERNETES),
    (422, "FieldValueInvalid", "Invalid value: {}: {}", KUBERNETES),
    (422, "FieldValueForbidden", "Forbidden: {}", KUBERNETES),
    (400, "BadRequest", "unable to parse requirement: {}", KUBERNETES),
    (
        410,
        "Expired",
        "",
        Client(
            "test_practice_clients_cluster.py::test_what_is_from_before_a_restart_has_expired", "kubernetes"
        ),
    ),
    (415, "UnsupportedMediaType", "protobuf body", Unproven("no client sends broken protobuf")),
    (415, "UnsupportedMediaType", "is not read from protobuf", LIMIT),
    (422, "Invalid", 'ListOptions.meta.k8s.io "" is invalid: {}: {}', KUBERNETES),
    (422, "Invalid", "spec.expirationSeconds", Unproven("the API refuses before the signer is asked")),
    (500, "InternalError", "", LIMIT),
    (400, "BadRequest", "requested protocol(s) are not supported", WEBSOCKET),
    (400, "BadRequest", 'query parameter "port" is required', WEBSOCKET),
    (400, "BadRequest", 'unable to parse "{}" as a port', WEBSOCKET),
    (403, "Forbidden", "unable to negotiate protocol", NOBODY_SENDS),
    (
        503,
        "ServiceUnavailable",
        "error trying to reach service: {}",
        Client("test_practice_kubelet_states.py::test_pod_that_breaks_off", "kubectl"),
    ),
)
ISSUER: tuple[tuple[int, str, str, Proof], ...] = ((404, "Not Found", "", MEMORY),)
TABLES = {
    "arm": ARM,
    "entra": ENTRA,
    "openai": OPENAI,
    "graph": GRAPHS,
    "registry": REGISTRY,
    "kubernetes": KUBERNETES_REST,
    "issuer": ISSUER,
}
REFUSALS = [
    *(RefusalProof(name, *row) for name, rows in TABLES.items() for row in rows),
    *(RefusalProof("arm", each.status, each.code, each.words, SDK) for each in azure_refusals.CASES),
    *(
        RefusalProof("kubernetes", each.status, each.code, each.words, KUBERNETES)
        for each in (*UNDERSTANDING, *QUESTIONS, *REVIEWS, *STANDING, *FIELDS, *PATCHES)
    ),
]
