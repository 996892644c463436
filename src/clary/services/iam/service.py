"""The service: which operation of IAM is carried out by what."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from clary.core.errors import unsupported
from clary.core.exchange import Context, Document, Reply
from clary.services.iam import (
    absent,
    access_key,
    attachment,
    entity,
    group,
    inline_policy,
    policy,
    role,
    simulation,
    tag,
)
from clary.services.iam.call import Call
from clary.services.iam.directory import Directory
from clary.services.iam.noun import GROUP, POLICY, PRINCIPALS, ROLE, USER, Noun
from clary.store.resources import Resources

Operation = Callable[[Call], Reply]


class Iam:
    """Keeps identities and policies; in this release every caller may do everything."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Carry out ``ctx.operation``; raises UnknownOperationException for what is not served."""
        operation = OPERATIONS.get(ctx.operation)
        if operation is None:
            raise unsupported(ctx.operation, "iam")
        return operation(Call(Directory(self._resources, ctx.account), ctx, params))


def _of_every_principal(noun: Noun) -> Iterator[tuple[str, Operation]]:
    """Yield what users, groups and roles have alike."""
    name = noun.name
    yield f"Create{name}", partial(entity.create, noun)
    yield f"Get{name}", partial(entity.get, noun)
    yield f"List{noun.plural}", partial(entity.every, noun)
    yield f"Delete{name}", partial(entity.delete, noun)
    yield f"Attach{name}Policy", partial(attachment.attach, noun)
    yield f"Detach{name}Policy", partial(attachment.detach, noun)
    yield f"ListAttached{name}Policies", partial(attachment.every, noun)
    yield f"Put{name}Policy", partial(inline_policy.put, noun)
    yield f"Get{name}Policy", partial(inline_policy.get, noun)
    yield f"List{name}Policies", partial(inline_policy.every, noun)
    yield f"Delete{name}Policy", partial(inline_policy.delete, noun)


def _of_what_bears_tags(noun: Noun) -> Iterator[tuple[str, Operation]]:
    """Yield what users, roles and policies have alike."""
    yield f"Tag{noun.name}", partial(tag.add, noun)
    yield f"Untag{noun.name}", partial(tag.remove, noun)
    yield f"List{noun.name}Tags", partial(tag.every, noun)


OPERATIONS: Mapping[str, Operation] = {
    **{name: carry_out for noun in PRINCIPALS for name, carry_out in _of_every_principal(noun)},
    **{name: carry_out for noun in (USER, ROLE, POLICY) for name, carry_out in _of_what_bears_tags(noun)},
    "UpdateUser": partial(entity.rename, USER),
    "DeleteUser": group.delete_user,
    "ListGroupsForUser": group.of_user,
    "CreateAccessKey": access_key.create,
    "ListAccessKeys": access_key.every,
    "UpdateAccessKey": access_key.update,
    "DeleteAccessKey": access_key.delete,
    "UpdateGroup": partial(entity.rename, GROUP),
    "GetGroup": group.get,
    "AddUserToGroup": group.add,
    "RemoveUserFromGroup": group.remove,
    "CreateRole": role.create,
    "GetRole": role.get,
    "UpdateRole": role.update,
    "UpdateRoleDescription": role.update,
    "UpdateAssumeRolePolicy": role.update_trust,
    "CreatePolicy": policy.create,
    "GetPolicy": policy.get,
    "ListPolicies": policy.every,
    "DeletePolicy": policy.delete,
    "CreatePolicyVersion": policy.create_version,
    "GetPolicyVersion": policy.get_version,
    "ListPolicyVersions": policy.versions,
    "SetDefaultPolicyVersion": policy.set_default,
    "DeletePolicyVersion": policy.delete_version,
    "ListEntitiesForPolicy": policy.entities,
    "SimulatePrincipalPolicy": simulation.simulate,
    **absent.OPERATIONS,
}
"""What is served; what stands below replaces what all principals have alike."""
