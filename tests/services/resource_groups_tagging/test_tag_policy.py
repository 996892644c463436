"""There are no tag policies, and that is what is said of them."""

import pytest

from clary.core.errors import ClaryError
from tests.services.resource_groups_tagging.conftest import Ask


def test_no_tag_is_required(tagging: Ask) -> None:
    assert tagging("ListRequiredTags") == {"RequiredTags": []}


@pytest.mark.parametrize(
    "operation", ["GetComplianceSummary", "StartReportCreation", "DescribeReportCreation"]
)
def test_reports_are_of_an_organization_that_is_not_there(tagging: Ask, operation: str) -> None:
    with pytest.raises(ClaryError, match="organization") as caught:
        tagging(operation, S3Bucket="lab")
    assert caught.value.code == "ConstraintViolationException"
