"""Every operation of SageMaker, through a real client: whole, bare and broken requests made from the model.

What is known to fail stands in ``coverage.toml`` with its reason; what no longer fails has to leave it.
"""

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from clary.engine.projection import project
from clary.engine.state import State
from clary.wire.validate import violations
from tests.conftest import assembled
from tests.contract import answers, shapes
from tests.contract import surface as surfaces
from tests.contract.surface import CATALOG, COVERAGE, MODEL, OPERATIONS, Surface
from tests.fake_executor import FakeExecutor

pytestmark = pytest.mark.contract

NOT_FOUND = ("ResourceNotFound", "ValidationException")
"""What names of nothing are answered with; the latter where an operation declares no code for it."""
ROUND = sorted(
    kind.noun
    for kind in CATALOG.kinds.values()
    if f"Describe{kind.noun}" in OPERATIONS and kind.state is not State.SIMULATED
)


@pytest.fixture(scope="module")
def surface(migrated: Path) -> Iterator[Surface]:
    """One server for all: what a test creates has a name of its own."""
    folder = Path(tempfile.mkdtemp(prefix="clary-"))
    database = f"sqlite:///{shutil.copy(migrated, folder)}"
    with assembled(folder, database, FakeExecutor()) as platform, surfaces.served(platform) as client:
        yield Surface(client)
    shutil.rmtree(folder)


def each(check: str, operations: Iterable[str]) -> pytest.MarkDecorator:
    """Run a test for every operation; one that coverage.toml excepts has to fail."""
    params = []
    for operation in operations:
        reason = surfaces.fails(operation, check)
        marks = [] if reason is None else [pytest.mark.xfail(reason=reason, strict=True)]
        params.append(pytest.param(operation, marks=marks, id=operation))
    return pytest.mark.parametrize("operation", params)


@each("bare", OPERATIONS)
def test_a_request_with_the_least_is_answered(surface: Surface, operation: str) -> None:
    _answered(surface, operation, whole=False)


@each("whole", OPERATIONS)
def test_a_request_with_everything_is_answered(surface: Surface, operation: str) -> None:
    _answered(surface, operation, whole=True)


def _answered(surface: Surface, operation: str, whole: bool) -> None:
    params = surface.valid(operation, whole)
    shape = MODEL.operation_model(operation).input_shape
    assert list(violations(shape, params)) == [], "the request is not valid"
    if CATALOG.state(operation) is State.SIMULATED:
        _truthful(surface, operation, params)
    else:
        _shaped(operation, surface.ask(operation, params))


def _truthful(surface: Surface, operation: str, params: Mapping[str, Any]) -> None:
    """See that an operation whose behaviour is not built promises nothing."""
    try:
        answer = surface.ask(operation, params)
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400, error
        assert error.response["Error"]["Code"] in ("UnknownOperationException", *NOT_FOUND), error
    else:
        _shaped(operation, answer)
        assert not any(answer.values()), f"{operation} shows what there is none of: {answer}"


def _shaped(operation: str, answer: Mapping[str, Any]) -> None:
    """See that an answer has what its shape requires, spelt as its shape says."""
    model = MODEL.operation_model(operation)
    answers.check(model, answer)
    broken = () if model.output_shape is None else violations(model.output_shape, dict(answer))
    assert [
        rule for rule in broken if not surfaces.UNKEPT & set(re.split(r"\W", rule.split(" at ")[-1]))
    ] == []


@each("rules", OPERATIONS)
def test_every_rule_that_is_broken_is_named(surface: Surface, operation: str) -> None:
    shape = MODEL.operation_model(operation).input_shape
    for broken in shapes.broken(shape, surface.request(operation, whole=True)):
        code, message = surface.refused(operation, broken.params)
        assert code == "ValidationException"
        unnamed = [place for place in broken.places if f" at '{place}' " not in message]
        assert unnamed == [], message


@each("missing", [name for name in OPERATIONS if surfaces.verb(name) in ("Describe", "Update", "Delete")])
def test_what_does_not_exist_is_not_found(surface: Surface, operation: str) -> None:
    kind = surfaces.owner(operation)
    assert kind is not None
    shape = MODEL.operation_model(operation).input_shape
    absent = {name: surface.absent(kind, name, shape) for name in kind.identity.members}
    arn = f"{kind.noun}Arn"
    absent |= {arn: shapes.plain(shape.members[arn])} if arn in shape.members else {}
    code, message = surface.refused(operation, surface.request(operation, False, absent))
    declared = {error.name for error in MODEL.operation_model(operation).error_shapes}
    assert code == ("ResourceNotFound" if "ResourceNotFound" in declared else "ValidationException"), message
    assert "not find" in message or "does not exist" in message


@each("listing", [name for name in OPERATIONS if surfaces.verb(name) == "List"])
def test_every_filter_and_order_of_a_list_is_understood(surface: Surface, operation: str) -> None:
    members = MODEL.operation_model(operation).input_shape.members
    bare, whole = surface.valid(operation, False), surface.valid(operation, True)
    for name in members.keys() - bare.keys() - {"NextToken"}:
        enum = members[name].metadata.get("enum") or [whole[name]]
        for value in enum:
            _shaped(operation, surface.ask(operation, bare | {name: value}))
    code, message = surface.refused(operation, bare | {"NextToken": "forged"})
    assert (code, "token" in message.lower()) == ("ValidationException", True)


@pytest.mark.parametrize("noun", [noun for noun in ROUND if surfaces.listed(noun)])
def test_pages_of_a_list_have_everything_once(surface: Surface, noun: str) -> None:
    made = [surface.instance(noun) for _ in range(3)]
    operation = surfaces.listed(noun)
    params = surface.request(operation, False, made[0]) | {"MaxResults": 2}
    found: list[Any] = []
    while True:
        answer = surface.ask(operation, params)
        found += next(value for value in answer.values() if isinstance(value, list))
        if "NextToken" not in answer:
            break
        params["NextToken"] = answer["NextToken"]
    assert len({str(one) for one in found}) == len(found)
    for one in made:
        assert any(str(value) in str(found) for value in one.values())


@each("round", [surfaces.maker(noun) for noun in ROUND])
def test_what_is_given_is_shown_until_it_is_deleted(surface: Surface, operation: str) -> None:
    kind = surfaces.owner(operation)
    assert kind is not None
    given = surface.request(operation, whole=True)
    names = surface.names(kind, given, surface.ask(operation, given))
    _shows(surface, kind.noun, names, given)
    update, delete = f"Update{kind.noun}", f"Delete{kind.noun}"
    if update in CATALOG.owners and not kind.lifecycle.moves:
        changes = surface.request(update, True, names)
        surface.ask(update, changes)
        _shows(surface, kind.noun, names, changes)
    if delete in CATALOG.owners and not kind.lifecycle.moves:
        surface.ask(delete, surface.request(delete, False, names))
        describe = f"Describe{kind.noun}"
        assert surface.refused(describe, surface.request(describe, False, names))[0] in NOT_FOUND


def _shows(surface: Surface, noun: str, names: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """See that Describe shows every member that was given and that it has."""
    describe = f"Describe{noun}"
    shown = surface.ask(describe, surface.request(describe, False, names))
    shown = shown[noun] if list(shown) == [noun] else shown
    shape = MODEL.operation_model(describe).output_shape
    members = shape.members[noun].members if list(shape.members) == [noun] else shape.members
    for name in given.keys() & members.keys() - names.keys():
        expected = project(given[name], members[name])
        assert _within(expected, shown.get(name)), f"{name}: given {expected}, shown {shown.get(name)}"


def _within(given: Any, shown: Any) -> bool:
    """Tell whether what is shown has all that was given; defaults may stand beside it."""
    if isinstance(given, dict):
        return isinstance(shown, dict) and all(_within(item, shown.get(name)) for name, item in given.items())
    if isinstance(given, list):
        return (
            isinstance(shown, list)
            and len(given) == len(shown)
            and all(_within(a, b) for a, b in zip(given, shown, strict=True))
        )
    return bool(given == shown)


@pytest.mark.parametrize(
    ("operation", "member"),
    [(name, member) for name, said in COVERAGE.items() for member in said.get("without", ())],
)
def test_what_requests_leave_out_would_be_refused(surface: Surface, operation: str, member: str) -> None:
    params = surface.valid(operation, whole=True)
    shape = MODEL.operation_model(operation).input_shape
    value = shapes.Maker(lambda _name, _shape: None, whole=True).value(member, shape.members[member])
    surface.refused(operation, params | {member: value})


def test_the_exceptions_are_of_operations_that_are_there() -> None:
    assert set(COVERAGE) <= set(OPERATIONS)
    assert [name for name, said in COVERAGE.items() if not (said.get("fails") or said.get("reason"))] == []
