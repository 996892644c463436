"""Every generated resource of SDK v3, from its making to its end; those that are not built are refused.

The requests are made from the service's model by the project's own tests, as the environment of the SDK has
nothing that makes them. What is walked in another way stands in ``exceptions.toml`` with its reason.
"""

import inspect
import json
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from sagemaker.core import resources
from sagemaker.core.utils.utils import pascal_to_snake, snake_to_pascal

RESOURCES: Mapping[str, Any] = {
    name: kind
    for name, kind in vars(resources).items()
    if inspect.isclass(kind) and issubclass(kind, resources.Base) and kind is not resources.Base
}
EXCEPTIONS: Mapping[str, Mapping[str, str]] = tomllib.loads(
    (Path(__file__).parent / "exceptions.toml").read_text()
)
MODEL = boto3.client("sagemaker", region_name="us-east-1").meta.service_model
REQUESTS: Mapping[str, Mapping[str, Any]] = json.loads(
    (Path(os.environ["CLARY_TEST_DATA"]) / "requests.json").read_text()
)
CREATED = [
    name for name, kind in RESOURCES.items() if f"Create{name}" in REQUESTS and hasattr(kind, "create")
]
GONE = "not find|not found|does not exist"
TRUTHFUL = ("UnknownOperationException", "ResourceNotFound", "ValidationException")
"""How a server says that it cannot do something: it has none of it, or nothing that it would be done to."""


def created(simulated: bool) -> list[Any]:
    """Return the resources that can be created, or those of nouns whose behaviour is not built.

    What the SDK cannot do has to fail, so that the exception goes when the SDK learns it.
    """
    return [
        pytest.param(name, marks=_broken(name), id=name)
        for name in CREATED
        if name not in EXCEPTIONS["elsewhere"]
        and (REQUESTS[f"Create{name}"]["state"] == "simulated only") == simulated
    ]


def _broken(noun: str) -> list[pytest.MarkDecorator]:
    reason = EXCEPTIONS["broken"].get(noun)
    return [] if reason is None else [pytest.mark.xfail(reason=reason, strict=True)]


def test_no_resource_is_left_out() -> None:
    assert set(RESOURCES) - set(CREATED) == set(EXCEPTIONS["uncreated"])


@pytest.mark.parametrize("noun", created(simulated=False))
def test_a_resource_is_made_found_changed_and_taken_away(noun: str) -> None:
    kind, given = RESOURCES[noun], request(f"Create{noun}", RESOURCES[noun].create)
    made = kind.create(**given)
    says(made, given)
    assert vars(kind.get(**names(kind.get, made))) == vars(made)
    assert vars(made.refresh()) == vars(made)
    if hasattr(kind, "get_all"):
        assert made.get_name() in (one.get_name() for one in listed(kind, made))
    if hasattr(kind, "update"):
        changes = request(f"Update{noun}", kind.update)
        made.update(**changes)
        says(kind.get(**names(kind.get, made)), changes)
    if hasattr(kind, "wait_for_status"):
        made.wait_for_status(status(noun, made), poll=1, timeout=5)
    made.delete(**request(f"Delete{noun}", kind.delete))
    if hasattr(kind, "wait_for_delete"):
        made.wait_for_delete(poll=1, timeout=5)
    with pytest.raises(ClientError, match=GONE):
        kind.get(**names(kind.get, made))


@pytest.mark.parametrize("noun", created(simulated=True))
def test_what_is_not_built_is_refused(noun: str) -> None:
    kind, given = RESOURCES[noun], request(f"Create{noun}", RESOURCES[noun].create)
    with pytest.raises(ClientError) as refusal:
        kind.create(**given)
    assert refusal.value.response["Error"]["Code"] in TRUTHFUL
    if hasattr(kind, "get_all"):
        assert list(kind.get_all(**{name: given[name] for name in needed(kind.get_all)})) == []


def request(operation: str, method: Callable[..., Any]) -> dict[str, Any]:
    """Return a request of ``operation`` as far as ``method`` has parameters for it, spelt as the SDK does."""
    told = REQUESTS[operation]
    whole = operation.startswith("Update") or operation.removeprefix("Create") in EXCEPTIONS["whole"]
    params = told["whole" if whole else "least"]
    members = MODEL.operation_model(operation).input_shape.members
    spelt = {pascal_to_snake(name): snaked(members[name], params[name]) for name in params}
    return {name: spelt[name] for name in inspect.signature(method).parameters if spelt.get(name) is not None}


def snaked(shape: Any, value: Any) -> Any:
    """Return a value without the members that the SDK does not spell back, and without what is empty then."""
    if not value:
        return value
    match shape.type_name:
        case "structure":
            spelt = {name: snaked(shape.members[name], value[name]) for name in value if spelt_back(name)}
            kept = {pascal_to_snake(name): inner for name, inner in spelt.items() if inner is not None}
            return kept if kept and spelt.keys() >= set(shape.required_members) else None
        case "list":
            return [one for one in (snaked(shape.member, one) for one in value) if one is not None] or None
        case "map":
            return {key: snaked(shape.value, one) for key, one in value.items()}
        case "timestamp":
            return datetime.fromisoformat(value)
        case _:
            return value


def spelt_back(name: str) -> bool:
    """Tell whether the SDK makes the same member of its own spelling of it."""
    return bool(snake_to_pascal(pascal_to_snake(name)) == name)


def says(made: Any, given: Mapping[str, Any]) -> None:
    """See that a resource says of itself what it was given, as far as that is plain."""
    plain = {name: value for name, value in given.items() if isinstance(value, str | int | datetime)}
    assert {name: getattr(made, name) for name in plain if hasattr(made, name)} == {
        name: value for name, value in plain.items() if hasattr(made, name)
    }


def needed(method: Callable[..., Any]) -> list[str]:
    """Return the parameters that ``method`` has to be given."""
    parameters = inspect.signature(method).parameters
    return [name for name in parameters if parameters[name].default is inspect.Parameter.empty]


def names(method: Callable[..., Any], made: Any) -> dict[str, Any]:
    """Return what ``method`` has to be given to be about ``made``."""
    return {name: getattr(made, name) for name in needed(method)}


def listed(kind: Any, made: Any) -> Iterator[Any]:
    """Return the resources that are listed, those whose names are like that of ``made`` where that goes."""
    narrow = "name_contains" in inspect.signature(kind.get_all).parameters
    alike = {"name_contains": made.get_name()} if narrow else {}
    found: Iterator[Any] = kind.get_all(**names(kind.get_all, made), **alike)
    return found


def status(noun: str, made: Any) -> str:
    """Return the status that waits look at."""
    own = f"{pascal_to_snake(noun)}_status"
    found = getattr(made, own if hasattr(made, own) else "status")
    return str(getattr(found, "primary_status", found))
