"""Surface: the whole of SageMaker's API in front of a server, asked through a real botocore client."""

import itertools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore import UNSIGNED, xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from clary.app import services
from clary.engine.catalog import Catalog, plural
from clary.engine.identity import is_arn
from clary.engine.kind import Kind
from clary.engine.platform import Platform
from clary.services.sagemaker import KINDS
from clary.store.database import Database
from clary.store.objects import BucketRow
from clary.wire.asgi import Wire
from clary.wire.model import load
from clary.wire.signature import Verifier
from tests.contract import shapes
from tests.wire.conftest import Loopback

MODEL = load("sagemaker")
OPERATIONS: tuple[str, ...] = tuple(MODEL.operation_names)
CATALOG = Catalog(MODEL, KINDS)
_TOLD = tomllib.loads((Path(__file__).parent / "coverage.toml").read_text())
COVERAGE: Mapping[str, Mapping[str, Any]] = _TOLD["operations"]
CONSTRAINTS: Mapping[str, Mapping[str, Mapping[str, str]]] = _TOLD.get("constraints", {})
"""Rules of other services that are not kept, by service, operation and place, with the reason."""
UNKEPT = frozenset(_TOLD["answers"])
"""Members of answers whose rules are not kept."""
BUCKET, KEY = "there", "model.tar.gz"
OBJECT = f"s3://{BUCKET}/{KEY}"

VALUES: Mapping[str, Any] = {
    "HubContentVersion": "1.0.0",
    "Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1",
    "InstanceType": "ml.m5.large",
    "ModelDataUrl": OBJECT,
    "PrivateDnsHostname": "ip-10-0-0-1.ec2.internal",
    "PrivatePrimaryIp": "10.0.0.1",
    "S3Uri": OBJECT,
    "S3OutputPath": f"s3://{BUCKET}/out",
    "TrainingImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1",
}
"""What cannot be made up from a shape alone, by the name of the member."""


@contextmanager
def served(platform: Platform, nouns: Sequence[Kind] = KINDS) -> Iterator[Any]:
    """A client of a fresh server without sockets, which has the object that requests refer to."""
    database = Database(platform.resources._database.url)
    platform.objects.create_bucket(BucketRow(BUCKET, "1" * 12, "us-east-1", 0.0))
    with platform.objects.draft() as draft:
        draft.write(b"a model")
        platform.objects.put(draft, BUCKET, KEY, {})
    wire = Wire(
        services.build(platform, database, nouns), Verifier(lambda _key: None, None, False), "us-east-1"
    )
    settings = Config(
        signature_version=UNSIGNED, parameter_validation=False, retries={"total_max_attempts": 1}
    )
    client = boto3.client(
        "sagemaker", region_name="us-east-1", endpoint_url="http://clary.test:8000", config=settings
    )
    client.meta.events.register("before-send", Loopback(wire))
    yield client
    wire.close()
    database.close()


class Surface:
    """A client of a server, and what the requests it makes refer to."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._numbers = itertools.count(1)
        self._shared: dict[str, dict[str, Any]] = {}

    def ask(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer, without what botocore adds; raises ClientError."""
        answer: dict[str, Any] = getattr(self._client, xform_name(operation))(**params)
        answer.pop("ResponseMetadata")
        return answer

    def refused(self, operation: str, params: Mapping[str, Any]) -> tuple[str, str]:
        """Return the code and the message of a refusal, which must be the client's fault."""
        try:
            answer = self.ask(operation, params)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            assert 400 <= status < 500, error
            return error.response["Error"]["Code"], error.response["Error"]["Message"]
        raise AssertionError(f"{operation} {params} was not refused but answered {answer}")

    def request(self, operation: str, whole: bool, own: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return a valid request; ``own`` are the members that name what it is about."""
        shape = MODEL.operation_model(operation).input_shape
        said = COVERAGE.get(operation, {})
        kept = {} if own is None else {name: own[name] for name in own if name in shape.members}
        kept |= {name: self._named(value, own or {}) for name, value in said.get("with", {}).items()}

        def known(name: str, member: Any) -> Any:
            fitting = name in kept and (member.type_name != "string" or shapes.allows(member, kept[name]))
            return kept[name] if fitting else self._known(operation, name, member)

        params = shapes.Maker(known, whole).structure(shape)
        params |= kept if own is None else {name: kept[name] for name in kept if name in shape.members}
        omitted = ("NextToken", *said.get("without", ()))
        return {name: value for name, value in params.items() if name not in omitted}

    def valid(self, operation: str, whole: bool) -> dict[str, Any]:
        """Return a valid request about a resource of its own, which exists."""
        kind = owner(operation)
        if kind is None or operation == maker(kind.noun):
            return self.request(operation, whole)
        names = self.instance(kind.noun)
        for earlier in COVERAGE.get(operation, {}).get("after", ()):
            self.ask(earlier, self.request(earlier, False, names))
        return self.request(operation, whole, names)

    def instance(self, noun: str) -> dict[str, Any]:
        """Create a resource of ``noun``; return what may name it, made up where none can be created."""
        kind, operation = CATALOG.kinds[noun], maker(noun)
        if not operation:
            return {}
        try:
            params = self.request(operation, False)
            answer = self.ask(operation, params)
        except ClientError:
            shape = MODEL.operation_model(operation).input_shape
            return {name: self.absent(kind, name, shape) for name in kind.identity.members}
        return self.names(kind, params, answer)

    def names(self, kind: Kind, params: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members that name what ``params`` created."""
        arns = {name: value for name, value in answer.items() if is_arn(value)}
        own = arns.get(f"{kind.noun}Arn") or next(iter(arns.values()), None)
        inside: dict[str, Any] = next((value[0] for value in params.values() if _is_many(value)), {})
        said = {**inside, **params, **arns, **answer}
        return {
            **{name: said.get(name) or self._told(kind, name, own) for name in kind.identity.members},
            **arns,
        }

    def _told(self, kind: Kind, name: str, arn: Any) -> Any:
        """Return what an ARN says of the member ``name``: its last part where that is a number."""
        describe = f"Describe{kind.noun}"
        shape = (
            MODEL.operation_model(describe).input_shape.members.get(name) if describe in OPERATIONS else None
        )
        numbered = shape is not None and shape.type_name in ("integer", "long")
        return int(arn.rpartition("/")[2]) if numbered else arn

    def absent(self, kind: Kind, name: str, shape: Any) -> Any:
        describe = f"Describe{kind.noun}"
        if describe in OPERATIONS:
            shape = MODEL.operation_model(describe).input_shape
        if name not in shape.members:
            return "none"
        if shape.members[name].type_name in ("integer", "long"):
            return shape.members[name].metadata.get("max", 9999)
        return self._fresh(name, shape.members[name])

    def _named(self, value: Any, own: Mapping[str, Any]) -> Any:
        """Return a value of coverage.toml with what it refers to."""
        if isinstance(value, dict):
            return {name: self._named(inner, own) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._named(inner, own) for inner in value]
        if isinstance(value, str) and value.startswith("@"):
            return own.get(value[1:], "none")
        if isinstance(value, str) and value.startswith("$"):
            noun, _, member = value[1:].partition(".")
            return self.shared(noun).get(member)
        return value.replace("#", str(next(self._numbers))) if isinstance(value, str) else value

    def _known(self, operation: str, name: str, shape: Any) -> Any:
        """Return what a member has to be: a value of its own, a new name, or one that exists."""
        if shape.type_name != "string":
            return None
        kind = owner(operation)
        if kind is not None and operation == maker(kind.noun) and name == kind.identity.name:
            return self._fresh(name, shape)
        if name in ("ClientToken", "ClientRequestToken"):
            return f"{next(self._numbers):036d}"
        noun = _REFERENCES.get(name)
        value = VALUES.get(name) if noun is None else self.shared(noun).get(name)
        return value if value is not None and shapes.allows(shape, value) else None

    def shared(self, noun: str) -> Mapping[str, Any]:
        """Return the names of a resource that all requests may refer to."""
        if noun not in self._shared:
            self._shared[noun] = {}  # whatever refers to itself while it is made finds nothing
            self._shared[noun] = self.instance(noun)
        return self._shared[noun]

    def _fresh(self, name: str, shape: Any) -> str:
        """Return a name that nothing has, as its shape wants it; where only few will do, the first."""
        made, number = shapes.plain(shape), str(next(self._numbers))
        padded = number.zfill(max(3, shape.metadata.get("min", 0)))
        candidates = (f"s{padded}", f"d-{number}", made[: -len(number)] + number, made)
        return next(value for value in candidates if shapes.allows(shape, value))


def _is_many(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def owner(operation: str) -> Kind | None:
    """Return the kind that an operation belongs to."""
    return CATALOG.owners.get(operation)


def maker(noun: str) -> str:
    """Return the operation that creates resources of ``noun``, or shows what nobody can create."""
    candidates = (f"Create{noun}", f"Import{noun}", f"Register{noun}s", f"Add{noun}", f"Describe{noun}")
    return next((name for name in candidates if name in OPERATIONS), "")


def verb(operation: str) -> str:
    """Return an operation's verb, "" where it is none that all nouns have."""
    entry = CATALOG.entries.get(operation)
    return entry.verb if entry is not None else ""


def listed(noun: str) -> str:
    """Return the operation that lists resources of ``noun``, "" where there is none."""
    operation = f"List{plural(noun)}"
    return operation if operation in CATALOG.entries else ""


def fails(operation: str, check: str) -> str | None:
    """Return why a check of an operation is known to fail."""
    reason: str | None = COVERAGE.get(operation, {}).get("fails", {}).get(check)
    return reason


def _references() -> Mapping[str, str]:
    """Return which noun is named by which member, where a resource of it can be created."""
    found: dict[str, str] = {}
    for kind in CATALOG.kinds.values():
        made = [name for name in (f"Create{kind.noun}", f"Import{kind.noun}") if name in OPERATIONS]
        if made and kind.identity.name not in ("Name", "Arn"):
            found.setdefault(kind.identity.name, kind.noun)
        if made:
            found.setdefault(f"{kind.noun}Arn", kind.noun)
    return found


_REFERENCES = _references()
