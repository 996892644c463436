"""Resources: identity, compare-and-set, claims, paging, events and the end of a row."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clary.core import ids
from clary.store.database import Database
from clary.store.resources import GONE, AlreadyExistsError, Home, Query, Resources, Row
from clary.store.tags import Tags

HOME = Home("1" * 12, "us-east-1", "TrainingJob")


def row(name: str, **columns: object) -> Row:
    made = Row(
        id=ids.row_id(),
        account=HOME.account,
        region=HOME.region,
        kind=HOME.kind,
        scope="",
        name=name,
        arn=f"arn:aws:sagemaker:us-east-1:111111111111:training-job/{name}",
        phase="Starting",
        intent=None,
        due_at=None,
        version=1,
        created_at=1000.0,
        modified_at=1000.0,
        doc={"TrainingJobName": name, "RoleArn": "one"},
        private={"run": "r-1"},
    )
    return dataclasses.replace(made, **columns)  # type: ignore[arg-type]


@pytest.fixture
def resources(database: Database) -> Resources:
    return Resources(database)


def test_a_row_is_found_as_it_was_inserted(resources: Resources) -> None:
    stored = row("ada", due_at=12.5, doc={"名": [1, 2.5, None, True]})
    resources.insert(stored)
    assert resources.find(HOME, "ada") == stored
    assert resources.get(stored.id) == stored
    assert resources.by_arn(stored.arn) == stored
    assert resources.find(HOME, "Ada") is None
    assert resources.find(HOME, "ada", scope="other") is None


def test_a_second_row_of_the_same_identity_is_refused_with_the_first(resources: Resources) -> None:
    first = row("ada")
    resources.insert(first)
    with pytest.raises(AlreadyExistsError) as caught:
        resources.insert(row("ada"), tags=[("left", "behind")])
    assert caught.value.row == first
    resources.insert(row("ada", scope="elsewhere", arn="arn:other"))


def test_only_one_of_two_changes_of_the_same_reading_is_written(resources: Resources) -> None:
    resources.insert(row("ada"))
    read = resources.find(HOME, "ada")
    assert read is not None
    changed = resources.change(read, intent="Stop")
    assert changed is not None
    assert changed.version == 2
    assert resources.change(read, phase="Training") is None
    assert resources.find(HOME, "ada") == changed


def test_a_row_that_is_gone_leaves_its_events_but_not_its_tags(
    resources: Resources, database: Database
) -> None:
    stored = row("ada")
    resources.insert(stored, "asked for", tags=[("team", "red")])
    tags = Tags(database)
    assert tags.of(stored.arn) == {"team": "red"}
    assert resources.change(stored, "deleted", phase=GONE) is not None
    assert resources.find(HOME, "ada") is None
    assert tags.of(stored.arn) == {}
    assert [(event.phase, event.message) for event in resources.events(stored.id)] == [
        ("Starting", "asked for"),
        (GONE, "deleted"),
    ]
    assert resources.change(stored, phase="Training") is None


def test_events_tell_the_new_phase_and_only_with_a_message(resources: Resources) -> None:
    stored = row("ada")
    resources.insert(stored)
    moved = resources.change(stored, "downloading", phase="Training")
    assert moved is not None
    resources.change(moved, private={"step": 2})
    assert [event.phase for event in resources.events(stored.id)] == ["Starting", "Training"]


def test_a_due_row_is_claimed_once(resources: Resources) -> None:
    resources.insert(row("late", due_at=10.0))
    resources.insert(row("later", due_at=20.0))
    resources.insert(row("done"))
    first, second = resources.due(now=20.0, limit=10)
    assert [first.name, second.name] == ["late", "later"]
    assert [found.name for found in resources.due(now=19.0, limit=10)] == ["late"]
    assert resources.next_due() == 10.0
    assert resources.claim(first, until=50.0)
    assert not resources.claim(first, until=60.0)
    assert [found.name for found in resources.due(now=20.0, limit=10)] == ["later"]


def test_a_claim_fails_on_a_row_that_was_changed(resources: Resources) -> None:
    stored = row("ada", due_at=10.0)
    resources.insert(stored)
    resources.change(stored, intent="Stop")
    assert not resources.claim(stored, until=50.0)


def test_a_claim_leaves_the_reading_fit_for_a_change(resources: Resources) -> None:
    stored = row("ada", due_at=10.0)
    resources.insert(stored)
    assert resources.claim(stored, until=50.0)
    assert resources.change(stored, phase="Training", due_at=11.0) is not None


def test_a_change_meanwhile_is_not_put_off_by_who_had_read_before(resources: Resources) -> None:
    stored = row("ada", due_at=10.0)
    resources.insert(stored)
    changed = resources.change(stored, intent="Stop", due_at=0.0)
    assert changed is not None
    resources.defer(stored, 99.0)
    assert resources.next_due() == 0.0
    resources.defer(changed, None)
    assert resources.next_due() is None


def test_a_reconciler_that_starts_alone_takes_over_every_claim(resources: Resources) -> None:
    resources.insert(row("claimed", due_at=900.0))
    resources.insert(row("done"))
    resources.unclaim(now=100.0)
    assert [found.name for found in resources.due(now=100.0, limit=10)] == ["claimed"]


def test_lists_filter_by_name_phase_time_and_document(resources: Resources) -> None:
    resources.insert(row("a_1", created_at=1.0, phase="Completed", doc={"RoleArn": "one"}))
    resources.insert(row("a%2", created_at=2.0, modified_at=7.0, doc={"RoleArn": "two"}))
    resources.insert(row("other", created_at=3.0, doc={"RoleArn": "two"}))
    resources.insert(row("elsewhere", kind="Model", arn="arn:model"))

    def names(**filters: object) -> list[str]:
        query = Query(HOME, sort="name", descending=False, **filters)  # type: ignore[arg-type]
        return [found.name for found in resources.list(query)]

    assert names() == ["a%2", "a_1", "other"]
    assert names(name_contains="_") == ["a_1"]
    assert names(name_contains="%") == ["a%2"]
    assert names(phases=["Completed"]) == ["a_1"]
    assert names(created=(1.0, 3.0)) == ["a%2"]
    assert names(modified=(None, 8.0)) == ["a%2"]
    assert names(match={"RoleArn": "two"}) == ["a%2", "other"]
    assert names(limit=1) == ["a%2"]


@settings(max_examples=20)
@given(
    times=st.lists(st.sampled_from([1.0, 2.0, 2.5]), min_size=1, max_size=12),
    page=st.integers(1, 5),
    sort=st.sampled_from(["created_at", "name"]),
    descending=st.booleans(),
)
def test_pages_hold_every_row_once_and_in_order(
    resources: Resources, times: list[float], page: int, sort: str, descending: bool
) -> None:
    kind = ids.token(12)
    rows = [
        row(f"n{index % 3}", kind=kind, scope=str(index), created_at=at) for index, at in enumerate(times)
    ]
    for each in rows:
        resources.insert(each)
    seen: list[Row] = []
    after: tuple[float | str, str] | None = None
    while True:
        query = Query(
            Home(HOME.account, HOME.region, kind), sort=sort, descending=descending, after=after, limit=page
        )
        found = resources.list(query)
        if not found:
            break
        assert len(found) <= page
        seen += found
        after = (getattr(found[-1], sort), found[-1].id)
    expected = sorted(rows, key=lambda each: (getattr(each, sort), each.id), reverse=descending)
    assert seen == expected


def test_each_row_is_read_once_some_at_a_time(resources: Resources) -> None:
    for number in range(5):
        resources.insert(row(f"job-{number}", created_at=1000.0 + number))
    names = [each.name for each in resources.each(Query(HOME, limit=2, descending=False))]
    assert names == [f"job-{number}" for number in range(5)]
