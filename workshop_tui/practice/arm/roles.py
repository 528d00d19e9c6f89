"""Role assignments and role definitions."""

from __future__ import annotations

import re
import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING

from workshop_tui.practice.arm.answers import Answer, Refused, bad_request
from workshop_tui.practice.arm.paths import spell_scope
from workshop_tui.practice.rbac import ASSIGNMENT, CUSTOM_ROLE, Assignment, is_within
from workshop_tui.practice.role_catalogue import BUILT_IN, Role

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Body, Call
    from workshop_tui.practice.arm.context import Arm
    from workshop_tui.practice.directory import Principal

PRINCIPAL_FILTER = re.compile(r"(principalId\s+eq|assignedTo\()\s*'([^']*)'", re.IGNORECASE)
ROLE_NAME_FILTER = re.compile(r"roleName\s+eq\s+'((?:[^']|'')*)'", re.IGNORECASE)
ROLE_TYPE_FILTER = re.compile(r"type\s+eq\s+'(\w+)'", re.IGNORECASE)


async def put_assignment(arm: Arm, call: Call) -> Answer:
    """PUT: 201 (200 when it is there just so); createdBy is null in the answer to the creation."""
    scope, name = spell_scope(call.path.scope) or "/", call.path.name.lower()
    if not _is_guid(name):
        text = f"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID."
        raise bad_request(text, "InvalidRoleAssignmentId")
    properties = call.body.get("properties")
    if not isinstance(properties, dict):
        raise bad_request("The request content has no properties.", "InvalidRequestContent")
    role_id = str(properties.get("roleDefinitionId", "")).rpartition("/")[2].lower()
    principal_id = str(properties.get("principalId", ""))
    if not _is_guid(principal_id):
        text = f"The Principal ID '{principal_id}' is not valid. Principal ID must be a GUID."
        raise bad_request(text, "InvalidPrincipalId")
    if arm.access.role(role_id) is None:
        text = f"The specified role definition with ID '{role_id}' does not exist."
        raise Refused(404, "RoleDefinitionDoesNotExist", text)
    principal = _find_principal(arm, principal_id, properties.get("principalType"))
    known = _check_conflicts(arm, scope, name, role_id, principal.object_id)
    if known is not None:
        return Answer(200, _answer(arm, known))
    assignment = Assignment(
        scope=scope,
        name=name,
        role_id=role_id,
        principal_id=principal.object_id,
        principal_type=principal.kind,
        created=arm.practice.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
        created_by=call.identity.object_id,
        effective=arm.practice.clock.after(arm.practice.options.role_seconds).isoformat(),
        extra={each: properties.get(each) for each in ("condition", "conditionVersion", "description")},
    )
    arm.practice.store.write(ASSIGNMENT, assignment.id.lower(), asdict(assignment))
    answer = _answer(arm, assignment)
    answer["properties"]["createdBy"] = None
    return Answer(201, answer)


def _find_principal(arm: Arm, principal_id: str, principal_type: str | None) -> Principal:
    """Return the principal; one made a moment ago is only found when its type is told."""
    principal = arm.directory.get(principal_id)
    if principal is None or (principal_type is None and not arm.directory.is_replicated(principal)):
        text = (
            f"Principal {principal_id.replace('-', '')} does not exist in the directory "
            f"{arm.practice.names.tenant_id}. Check that you have the correct principal ID. If you are "
            "creating this principal and then immediately assigning a role, this error might be related to a "
            "replication delay. In this case, set the role assignment principalType property to a value, "
            "such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype"
        )
        raise bad_request(text, "PrincipalNotFound")
    if principal_type is not None and principal_type.lower() != principal.kind.lower():
        text = (
            f"The PrincipalId '{principal_id.replace('-', '')}' has type '{principal.kind}' , which is "
            f"different from specified PrinciaplType '{principal_type}'."
        )
        raise bad_request(text, "UnmatchedPrincipalType")
    return principal


def _check_conflicts(arm: Arm, scope: str, name: str, role_id: str, principal_id: str) -> Assignment | None:
    """Return the assignment when it is there under this very name."""
    for each in arm.access.assignments():
        same = (each.scope.lower(), each.role_id, each.principal_id) == (scope.lower(), role_id, principal_id)
        if each.name == name and each.scope.lower() == scope.lower():
            if same:
                return each
            text = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
            raise bad_request(text, "RoleAssignmentUpdateNotPermitted")
        if same:
            text = (
                "The role assignment already exists. The ID of the existing role assignment is "
                f"{each.name.replace('-', '')}."
            )
            raise Refused(409, "RoleAssignmentExists", text)
    return None


async def get_assignment(arm: Arm, call: Call) -> Answer:
    """GET one by its full id."""
    return Answer(body=_answer(arm, _find(arm, call)))


async def delete_assignment(arm: Arm, call: Call) -> Answer:
    """DELETE: 200 with what was deleted, 204 when there was none; effective at once."""
    try:
        assignment = _find(arm, call)
    except Refused:
        return Answer(204)
    arm.practice.store.remove(ASSIGNMENT, assignment.id.lower())
    return Answer(200, _answer(arm, assignment))


def _find(arm: Arm, call: Call) -> Assignment:
    key = f"{call.path.scope}/providers/Microsoft.Authorization/roleAssignments/{call.path.name}".lower()
    found = arm.practice.store.read(ASSIGNMENT, key)
    if found is None:
        text = f"The role assignment '{call.path.name}' is not found."
        raise Refused(404, "RoleAssignmentNotFound", text)
    return Assignment(**found)


async def list_assignments(arm: Arm, call: Call) -> Answer:
    """GET those at and above the scope, and, without `atScope()`, those below it."""
    scope, condition = spell_scope(call.path.scope) or "/", call.query.get("$filter", "")
    found = [
        each
        for each in arm.access.assignments()
        if is_within(scope, each.scope)
        or ("atscope()" not in condition.lower() and is_within(each.scope, scope))
    ]
    holders = _holders(arm, condition)
    if holders is not None:
        found = [each for each in found if each.principal_id in holders]
    return Answer(body={"value": [_answer(arm, each) for each in found]})


def _holders(arm: Arm, condition: str) -> set[str] | None:
    """Return whose assignments the filter asks for; None for everybody's."""
    match = PRINCIPAL_FILTER.search(condition)
    if match is None:
        known = re.sub(r"atScope\(\)", "", condition, flags=re.IGNORECASE).strip()
        if known:
            text = f"The filter '{condition}' is not supported. Supported filters are 'atScope()', "
            raise bad_request(f"{text}'principalId eq' and 'assignedTo()'.", "UnsupportedQuery")
        return None
    principal_id = match[2].lower()
    through_groups = match[1].lower().startswith("assignedto")
    return {principal_id} | (arm.directory.groups_of(principal_id) if through_groups else set())


def _answer(arm: Arm, assignment: Assignment) -> Body:
    return {
        "properties": {
            "roleDefinitionId": _definition_id(arm, assignment.role_id),
            "principalId": assignment.principal_id,
            "principalType": assignment.principal_type,
            "scope": assignment.scope,
            "condition": assignment.extra.get("condition"),
            "conditionVersion": assignment.extra.get("conditionVersion"),
            "createdOn": assignment.created,
            "updatedOn": assignment.created,
            "createdBy": assignment.created_by,
            "updatedBy": assignment.created_by,
            "delegatedManagedIdentityResourceId": None,
            "description": assignment.extra.get("description"),
        },
        "id": assignment.id,
        "type": "Microsoft.Authorization/roleAssignments",
        "name": assignment.name,
    }


async def list_definitions(arm: Arm, call: Call) -> Answer:
    """GET, with `roleName eq` and `type eq` filters."""
    condition = call.query.get("$filter", "")
    roles = arm.access.roles()
    name, kind = ROLE_NAME_FILTER.search(condition), ROLE_TYPE_FILTER.search(condition)
    if name is not None:
        wanted = name[1].replace("''", "'").lower()
        roles = [role for role in roles if role.name.lower() == wanted]
    if kind is not None:
        roles = [role for role in roles if role.custom == (kind[1].lower() == "customrole")]
    at_tenant = call.path.subscription is None
    return Answer(body={"value": [_definition(arm, role, at_tenant=at_tenant) for role in roles]})


async def get_definition(arm: Arm, call: Call) -> Answer:
    """GET one by its GUID."""
    role = arm.access.role(call.path.name)
    if role is None:
        text = f"The specified role definition with ID '{call.path.name}' does not exist."
        raise Refused(404, "RoleDefinitionDoesNotExist", text)
    return Answer(body=_definition(arm, role, at_tenant=call.path.subscription is None))


async def put_definition(arm: Arm, call: Call) -> Answer:
    """PUT a custom role; createdBy is null in the answer to the creation, as with assignments."""
    role_id, properties = call.path.name.lower(), call.body.get("properties") or {}
    if not _is_guid(role_id) or role_id in BUILT_IN:
        text = f"The role definition ID '{role_id}' is not valid for a custom role."
        raise bad_request(text, "InvalidRoleDefinitionId")
    name, scopes = properties.get("roleName"), properties.get("assignableScopes")
    permissions = properties.get("permissions") or [{}]
    if not name or not scopes or len(permissions) != 1:
        text = "A custom role needs roleName, assignableScopes and one set of permissions."
        raise bad_request(text, "RoleDefinitionInvalid")
    if any(each.name.lower() == name.lower() and each.id != role_id for each in arm.access.roles()):
        text = f"Custom role definition with the name '{name}' already exists."
        raise Refused(409, "RoleDefinitionWithSameNameExists", text)
    sets = permissions[0]
    role = Role(
        id=role_id,
        name=name,
        description=properties.get("description"),
        actions=tuple(sets.get("actions") or ()),
        not_actions=tuple(sets.get("notActions") or ()),
        data_actions=tuple(sets.get("dataActions") or ()),
        not_data_actions=tuple(sets.get("notDataActions") or ()),
        custom=True,
        assignable_scopes=tuple(scopes),
        created=arm.practice.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
        created_by=call.identity.object_id,
    )
    arm.practice.store.write(CUSTOM_ROLE, role_id, role.document())
    answer = _definition(arm, role, at_tenant=False)
    answer["properties"]["createdBy"] = None
    return Answer(201, answer)


async def delete_definition(arm: Arm, call: Call) -> Answer:
    """DELETE a custom role that nobody holds: 200 with it, 204 when there was none."""
    role = arm.access.role(call.path.name)
    if role is None:
        return Answer(204)
    if not role.custom:
        text = "Built-in roles cannot be deleted."
        raise bad_request(text, "RoleDefinitionCannotBeDeleted")
    if any(each.role_id == role.id for each in arm.access.assignments()):
        text = "There are existing role assignments referencing role (code: RoleDefinitionHasAssignments)."
        raise bad_request(text, "RoleDefinitionHasAssignments")
    arm.practice.store.remove(CUSTOM_ROLE, role.id)
    return Answer(200, _definition(arm, role, at_tenant=False))


def _definition(arm: Arm, role: Role, *, at_tenant: bool) -> Body:
    tail = f"/providers/Microsoft.Authorization/roleDefinitions/{role.id}"
    return {
        "properties": {
            "roleName": role.name,
            "type": "CustomRole" if role.custom else "BuiltInRole",
            "description": role.description,
            "assignableScopes": list(role.assignable_scopes),
            "permissions": [
                {
                    "actions": list(role.actions),
                    "notActions": list(role.not_actions),
                    "dataActions": list(role.data_actions),
                    "notDataActions": list(role.not_data_actions),
                }
            ],
            "createdOn": role.created,
            "updatedOn": role.created,
            "createdBy": role.created_by,
            "updatedBy": role.created_by,
        },
        "id": tail if at_tenant else _definition_id(arm, role.id),
        "type": "Microsoft.Authorization/roleDefinitions",
        "name": role.id,
    }


def _definition_id(arm: Arm, role_id: str) -> str:
    """Return the id below the subscription: `az` compares these strings to the letter."""
    subscription = f"/subscriptions/{arm.practice.names.subscription_id}"
    return f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role_id}"


def _is_guid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
