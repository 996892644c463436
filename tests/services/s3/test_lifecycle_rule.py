"""Lifecycle rules: what they are for, and when its time is over."""

from datetime import UTC, datetime

import pytest

from clary.core.exchange import Document
from clary.services.s3.lifecycle_rule import Filter, LifecycleRule, midnight_after
from clary.store.stored import Stored
from tests.services.s3.conftest import S3Desk


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> float:
    return datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()


def stored(key: str = "a/b", size: int = 5, **tags: str) -> Stored:
    return Stored("box", key, "blob", "etag", size, at(2026, 1, 15, 10, 30), {"Tags": tags})


def test_days_end_at_the_next_midnight() -> None:
    assert midnight_after(at(2026, 1, 15, 10, 30), 3) == at(2026, 1, 19)
    assert midnight_after(at(2026, 1, 15), 1) == at(2026, 1, 16)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ({"Prefix": "a/"}, True),
        ({"Prefix": "b/"}, False),
        ({}, True),
        ({"Tag": {"Key": "team", "Value": "red"}}, True),
        ({"Tag": {"Key": "team", "Value": "blue"}}, False),
        ({"ObjectSizeGreaterThan": 4}, True),
        ({"ObjectSizeGreaterThan": 5}, False),
        ({"ObjectSizeLessThan": 5}, False),
        ({"And": {"Prefix": "a/", "ObjectSizeLessThan": 6}}, True),
        (
            {"And": {"Prefix": "a/", "Tags": [{"Key": "team", "Value": "red"}, {"Key": "x", "Value": ""}]}},
            False,
        ),
    ],
)
def test_a_filter_takes_what_fits_all_of_it(said: Document, taken: bool) -> None:
    assert Filter.from_document({"Filter": said}).takes(stored(team="red", other="1")) is taken


def test_an_old_rule_has_its_prefix_beside_the_filter() -> None:
    assert Filter.from_document({"Prefix": "a/"}).takes(stored())
    assert not Filter.from_document({"Prefix": "b/"}).takes(stored())


def test_a_rule_tells_when_an_object_expires() -> None:
    rule = LifecycleRule.from_document({"ID": "r", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 3}})
    assert rule.expires
    assert rule.expires_at(stored()) == at(2026, 1, 19)
    assert rule.expires_at(stored("b")) is None
    dated = LifecycleRule.from_document({"ID": "r", "Filter": {}, "Expiration": {"Date": at(2026, 2, 1)}})
    assert dated.expires_at(stored()) == at(2026, 2, 1)


def test_clients_are_told_of_the_first_rule_that_ends_an_object(s3: S3Desk) -> None:
    rules = [
        {"ID": "later", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 9}},
        {
            "ID": "by date",
            "Status": "Enabled",
            "Filter": {"Prefix": "tmp/"},
            "Expiration": {"Date": datetime(2020, 1, 1, tzinfo=UTC)},
        },
        {"ID": "never", "Status": "Disabled", "Filter": {}, "Expiration": {"Days": 1}},
    ]
    s3("PutBucketLifecycleConfiguration", LifecycleConfiguration={"Rules": rules})
    told = 'expiry-date="Wed, 01 Jan 2020 00:00:00 GMT", rule-id="by%20date"'
    assert s3.put("tmp/a")["Expiration"] == told
    assert s3("HeadObject", Key="tmp/a")["Expiration"] == told
    assert 'rule-id="later"' in s3.put("a")["Expiration"]
    assert s3("CopyObject", Key="tmp/b", CopySource="box/a")["Expiration"] == told
