"""ARNs are made and taken apart without loss."""

import pytest

from clary.core import arn


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("eu-central-1", "aws")]
)
def test_the_region_decides_the_partition(region: str, partition: str) -> None:
    text = arn.make("sagemaker", region, "123456789012", "model/it")
    assert text == f"arn:{partition}:sagemaker:{region}:123456789012:model/it"


@pytest.mark.parametrize(
    "text",
    ["arn:aws:s3:::bucket/key:with:colons", "arn:aws:logs:us-east-1:1:log-group:/aws/sagemaker/Endpoints/e"],
)
def test_taking_apart_and_putting_together_gives_the_same(text: str) -> None:
    assert str(arn.parse(text)) == text


def test_a_resource_keeps_its_colons() -> None:
    assert arn.parse("arn:aws:logs:us-east-1:1:log-group:g:*").resource == "log-group:g:*"


@pytest.mark.parametrize("text", ["", "arn:aws:s3", "nra:aws:s3:::b", "model/it"])
def test_what_is_no_arn_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is not an ARN") as caught:
        arn.parse(text)
    assert repr(text) in str(caught.value)
