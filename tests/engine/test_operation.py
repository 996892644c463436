"""Methods that answer operations of their own."""

from clary.core.exchange import Context, Document, Reply
from clary.engine.kind import Kind
from clary.engine.operation import operation, operations
from clary.engine.platform import Platform


class Line(Kind):
    """A kind with a method that is no verb."""

    noun = "Line"

    @operation("QueryLineage")
    def query(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        return Reply({"asked": params})

    def other(self) -> None:
        """Not an operation."""


def test_the_marked_methods_are_found_by_operation(platform: Platform) -> None:
    found = operations(Line())
    assert set(found) == {"QueryLineage"}
    ctx = Context("r", "sagemaker", "QueryLineage", "us-east-1", caller=None)  # type: ignore[arg-type]
    assert found["QueryLineage"](platform, ctx, {"a": 1}).output == {"asked": {"a": 1}}
