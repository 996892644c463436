"""Inline policies: documents that are a part of one entity."""

from urllib.parse import unquote

import pytest

from tests.services.conftest import Desk
from tests.services.iam.conftest import policy, refused
from tests.services.iam.test_attachment import NOUNS, named


@pytest.mark.parametrize("noun", NOUNS)
def test_documents_are_kept_replaced_and_removed(iam: Desk, noun: str) -> None:
    name = named(iam, noun)
    for text in (policy(), policy(action="s3:*")):
        iam(f"Put{noun}Policy", **name, PolicyName="b", PolicyDocument=text)
    iam(f"Put{noun}Policy", **name, PolicyName="a", PolicyDocument=policy())
    assert iam(f"List{noun}Policies", **name)["PolicyNames"] == ["a", "b"]
    found = iam(f"Get{noun}Policy", **name, PolicyName="b")
    assert unquote(found["PolicyDocument"]) == policy(action="s3:*")
    assert refused(iam, f"Delete{noun}", **name) == ("DeleteConflict", 409)
    for each in ("a", "b"):
        iam(f"Delete{noun}Policy", **name, PolicyName=each)
    assert refused(iam, f"Get{noun}Policy", **name, PolicyName="a") == ("NoSuchEntity", 404)
    assert refused(iam, f"Delete{noun}Policy", **name, PolicyName="a") == ("NoSuchEntity", 404)
    iam(f"Delete{noun}", **name)
