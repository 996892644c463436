"""CloudFormation over all services of a fresh platform, and a reconciler that goes only where a test says."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clary.app import services
from clary.core.errors import ClaryError
from clary.core.exchange import Caller, Context, Document
from clary.engine.platform import Platform
from clary.engine.reconciler import Reconciler
from clary.services.cloudformation import CloudFormation
from clary.services.sagemaker import KINDS
from clary.store.database import Database
from clary.store.resources import Row

ACCOUNT = "1" * 12
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Lab"
SECTIONS = ("Parameters_", "Outputs", "Conditions")
"""Sections of templates, where they are told from members of requests by an underscore."""
STEPS = 400
"""More than any stack of these tests takes."""


class Yard:
    """Asks as a client does, and takes a stack from step to step."""

    def __init__(self, platform: Platform, database: Database) -> None:
        self.platform = platform
        self.services = services.build(platform, database)
        self.kind = services.stack(self.services)
        kinds = {kind.noun: kind for kind in (*KINDS, self.kind)}
        self.reconciler = Reconciler(platform, kinds, threads=1)
        service = self.services["cloudformation"]
        assert isinstance(service, CloudFormation)
        self.service = service
        self.crash: Callable[[], bool] = lambda: False

    def ask(self, service: str, operation: str, **params: Any) -> Document:
        """Call any operation."""
        caller = Caller(ACCOUNT, "AKIA", f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
        ctx = Context("request", service, operation, "us-east-1", caller)
        return self.services[service](ctx, params).output

    def __call__(self, operation: str, **params: Any) -> Document:
        return self.ask("cloudformation", operation, **params)

    def refused(self, operation: str, **params: Any) -> str:
        """Return the message of the error that an operation raises."""
        with pytest.raises(ClaryError) as caught:
            self(operation, **params)
        return caught.value.message

    def row(self, name: str) -> Row | None:
        return self.platform.get("Stack", name)

    def held(self, name: str) -> bool:
        """Return whether an answer about the stack is kept back from who waits for it."""
        caller = Caller(ACCOUNT, "AKIA", f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
        ctx = Context("request", "cloudformation", "DescribeStacks", "us-east-1", caller)
        return self.service(ctx, {"StackName": name}).hold is not None

    def settle(self, name: str) -> str:
        """Take steps until the stack rests; return the status it rests in, empty where it is gone."""
        for _ in range(STEPS):
            row = self.row(name)
            if row is None:
                return ""
            phase = self.kind.lifecycle.phases[row.phase]
            if row.intent is None and phase.step is None:
                return row.phase
            if row.intent is None and phase.step is not None and self.crash():
                self.kind.step(phase.step, self.platform, row)  # its outcome is lost, as with a kill -9
            self.reconciler.advance(row)
        raise AssertionError(f"{name} does not come to rest: {self.row(name)}")

    def create(self, name: str, resources: Document, **more: Any) -> str:
        """Create a stack from resources and, among ``more``, other sections of its template."""
        sections = {key: more.pop(key) for key in SECTIONS if key in more}
        self("CreateStack", StackName=name, TemplateBody=template(resources, **sections), **more)
        return self.settle(name)

    def update(self, name: str, resources: Document, **more: Any) -> str:
        """Update a stack likewise."""
        sections = {key: more.pop(key) for key in SECTIONS if key in more}
        self("UpdateStack", StackName=name, TemplateBody=template(resources, **sections), **more)
        return self.settle(name)

    def delete(self, name: str) -> str:
        self("DeleteStack", StackName=name)
        return self.settle(name)

    def physical(self, name: str) -> dict[str, str]:
        """Return the physical ids by logical name."""
        rows = self("DescribeStackResources", StackName=name)["StackResources"]
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in rows}

    def events(self, name: str) -> list[tuple[str, str]]:
        """Return what happened, oldest first."""
        told = self("DescribeStackEvents", StackName=name)["StackEvents"]
        return [(each["LogicalResourceId"], each["ResourceStatus"]) for each in reversed(told)]

    def outputs(self, name: str) -> dict[str, str]:
        stack = self("DescribeStacks", StackName=name)["Stacks"][0]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs") or ()}


def template(resources: Document, **sections: Any) -> str:
    """Return the text of a template."""
    return json.dumps({"Resources": resources, **{name.rstrip("_"): one for name, one in sections.items()}})


def group(name: str | None = None, **more: Any) -> Document:
    """Return a resource that is a record."""
    properties = {} if name is None else {"ModelPackageGroupName": name}
    return {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": {**properties, **more}}


def image(name: str, *arguments: Any) -> Document:
    """Return a resource that can be changed in place."""
    config = {"ContainerConfig": {"ContainerArguments": list(arguments)}} if arguments else {}
    properties = {"AppImageConfigName": name, "JupyterLabAppImageConfig": config}
    return {"Type": "AWS::SageMaker::AppImageConfig", "Properties": properties}


BROKEN: Document = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "Not_A_Name"}}
"""A resource that cannot be created."""


@pytest.fixture
def yard(platform: Platform) -> Iterator[Yard]:
    database = Database(platform.resources._database.url)
    yield Yard(platform, database)
    database.close()
