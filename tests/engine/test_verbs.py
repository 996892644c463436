"""The verbs, through ResourceService and with botocore's own model of SageMaker."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clary.core import clock
from clary.core.errors import ClaryError
from clary.core.exchange import Caller, Context, Document, Reply
from clary.engine.platform import Platform
from clary.engine.service import ResourceService
from clary.store.resources import GONE, Home, Query, Row
from clary.wire.model import load
from tests.engine.nouns import Note, Study
from tests.postgres import BOTH

ACCOUNT = "1" * 12


class Desk:
    """Calls operations as the wire does."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.service = ResourceService(platform, load("sagemaker"), [Study(), Note()])

    def reply(self, operation: str, **params: Any) -> Reply:
        caller = Caller(ACCOUNT, "AKIA", f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
        ctx = Context("request", "sagemaker", operation, "us-east-1", caller)
        return self.service(ctx, params)

    def __call__(self, operation: str, **params: Any) -> Document:
        return self.reply(operation, **params).output

    def refused(self, operation: str, **params: Any) -> tuple[str, str]:
        with pytest.raises(ClaryError) as caught:
            self(operation, **params)
        return caught.value.code, caught.value.message

    def row(self, name: str, noun: str = "ProcessingJob") -> Row:
        found = self.platform.get(noun, name)
        assert found is not None
        return found

    def names(self, **params: Any) -> list[str]:
        return [
            one["ProcessingJobName"] for one in self("ListProcessingJobs", **params)["ProcessingJobSummaries"]
        ]


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return Desk(platform)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The present, which goes on by a second whenever it is asked for."""
    now = [1_700_000_000.0]

    def tick() -> float:
        now[0] += 1
        return now[0]

    monkeypatch.setattr(clock, "now", tick)
    return now


def test_what_is_created_is_described_and_nothing_has_happened_yet(desk: Desk) -> None:
    listener = desk.platform.bus.listen()
    arn = desk("CreateProcessingJob", ProcessingJobName="One", AppSpecification={"ImageUri": "it"})
    assert arn == {"ProcessingJobArn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:processing-job/one"}
    row = desk.row("One")
    assert (row.phase, row.intent, row.version) == ("Going", None, 0)
    assert row.due_at is not None
    assert listener.receive(1) == [("due", row.id)]
    listener.close()
    described = desk("DescribeProcessingJob", ProcessingJobName="One")
    assert described | {"CreationTime": 0, "LastModifiedTime": 0} == arn | {
        "ProcessingJobName": "One",
        "ProcessingJobStatus": "InProgress",
        "AppSpecification": {"ImageUri": "it"},
        "ExitMessage": "seen at Going",
        "CreationTime": 0,
        "LastModifiedTime": 0,
    }
    assert [event.message for event in desk.platform.resources.events(row.id)] == ["It goes."]


def test_times_are_stored_as_seconds_and_nulls_not_at_all(desk: Desk) -> None:
    at = clock.utc(1_700_000_000)
    desk("CreateHub", HubName="h", HubDescription=None, HubDisplayName=at)
    assert desk.row("h", "Hub").doc == {"HubName": "h", "HubDisplayName": 1_700_000_000.0}


def test_a_describe_may_be_held_until_the_resource_settles(desk: Desk) -> None:
    desk("CreateProcessingJob", ProcessingJobName="one")
    assert desk.reply("DescribeProcessingJob", ProcessingJobName="one").hold == desk.row("one").id
    desk("CreateHub", HubName="h")
    assert desk.reply("DescribeHub", HubName="h").hold is None


def test_a_name_is_given_once(desk: Desk) -> None:
    arn = desk("CreateProcessingJob", ProcessingJobName="one")["ProcessingJobArn"]
    assert desk.refused("CreateProcessingJob", ProcessingJobName="one") == (
        "ResourceInUse", f'Cannot create already existing processing job "{arn}".'
    )  # fmt: skip
    desk("CreateHub", HubName="one")  # another kind's names are its own


def test_two_requests_for_one_name_at_once_make_one_resource(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk("CreateHub", HubName="one")
    found = desk.platform.resources.find
    looks = iter([None])  # the first look comes before the other request has written
    monkeypatch.setattr(desk.platform.resources, "find", lambda *which: next(looks, found(*which)))
    assert desk.refused("CreateHub", HubName="one")[1].startswith("Cannot create already existing hub")


@pytest.mark.parametrize("verb", ["Describe", "Stop", "Delete"])
def test_a_name_that_is_not_there_is_named(desk: Desk, verb: str) -> None:
    assert desk.refused(f"{verb}ProcessingJob", ProcessingJobName="None") == (
        "ResourceNotFound",
        f'Could not find processing job "arn:aws:sagemaker:us-east-1:{ACCOUNT}:processing-job/none".',
    )


def test_what_a_document_names_must_exist(desk: Desk) -> None:
    assert desk.refused("CreateProcessingJob", ProcessingJobName="one", RoleArn="h")[1].startswith(
        'Could not find hub "arn:'
    )
    desk("CreateHub", HubName="h")
    desk("CreateProcessingJob", ProcessingJobName="one", RoleArn="h")


def test_tags_given_on_creation_are_no_part_of_the_document(desk: Desk) -> None:
    arn = desk("CreateHub", HubName="h", Tags=[{"Key": "a", "Value": "1"}])["HubArn"]
    assert desk.row("h", "Hub").doc == {"HubName": "h"}
    assert desk("ListTags", ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
    desk("DeleteHub", HubName="h")
    assert desk.platform.tags.of(arn) == {}


def test_a_record_is_gone_at_once_and_its_events_stay(desk: Desk) -> None:
    desk("CreateHub", HubName="h")
    row = desk.row("h", "Hub")
    assert desk("DeleteHub", HubName="h") == {}
    assert desk.platform.get("Hub", "h") is None
    assert [event.phase for event in desk.platform.resources.events(row.id)] == ["Created", GONE]
    desk("CreateHub", HubName="h")


def test_stop_and_delete_write_an_intent_and_call_the_reconciler(desk: Desk) -> None:
    desk("CreateProcessingJob", ProcessingJobName="one")
    before = desk.row("one")
    listener = desk.platform.bus.listen()
    for verb in ("Stop", "Delete"):
        desk(f"{verb}ProcessingJob", ProcessingJobName="one")
        after = desk.row("one")
        assert (after.phase, after.intent) == ("Going", verb.lower())
        assert (after.modified_at, after.doc) == (before.modified_at, before.doc)
        assert listener.receive(1) == [("due", before.id)]
    listener.close()


def test_what_is_asked_to_go_is_as_good_as_gone(desk: Desk) -> None:
    desk("CreateProcessingJob", ProcessingJobName="one")
    desk("DeleteProcessingJob", ProcessingJobName="one")
    assert desk.refused("StopProcessingJob", ProcessingJobName="one")[1].startswith("Could not find")
    desk("DeleteProcessingJob", ProcessingJobName="one")
    assert desk.row("one").intent == "delete"


def test_what_has_stopped_cannot_be_stopped(desk: Desk) -> None:
    desk("CreateProcessingJob", ProcessingJobName="one")
    desk.platform.resources.change(desk.row("one"), phase="Halted")
    assert desk.refused("StopProcessingJob", ProcessingJobName="one") == (
        "ValidationException", "The request was rejected because the processing job is in status Stopped."
    )  # fmt: skip


def test_an_intent_is_written_against_the_reconciler(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk("CreateProcessingJob", ProcessingJobName="one")
    change, raced = desk.platform.resources.change, list[Row | None]()

    def race(row: Row, *arguments: Any, **columns: Any) -> Row | None:
        if not raced:
            raced.append(change(row, private={"seen": True}))
        return change(row, *arguments, **columns)

    monkeypatch.setattr(desk.platform.resources, "change", race)
    desk("StopProcessingJob", ProcessingJobName="one")
    row = desk.row("one")
    assert (row.intent, row.private, row.version) == ("stop", {"seen": True}, 2)


def test_a_stop_of_what_went_meanwhile_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk("CreateProcessingJob", ProcessingJobName="one")
    change = desk.platform.resources.change

    def vanish(row: Row, *arguments: Any, **columns: Any) -> Row | None:
        change(row, "deleted", phase=GONE)
        return None

    monkeypatch.setattr(desk.platform.resources, "change", vanish)
    assert desk.refused("StopProcessingJob", ProcessingJobName="one")[1].startswith("Could not find")


def test_lists_are_filtered_by_name_status_and_time(desk: Desk, time: list[float]) -> None:
    for name in ("apple", "apricot", "bread"):
        desk("CreateProcessingJob", ProcessingJobName=name)
    desk.platform.resources.change(desk.row("apricot"), phase="Halted")
    assert desk.names() == ["apple", "apricot", "bread"]
    assert desk.names(NameContains="ap") == ["apple", "apricot"]
    assert desk.names(NameContains="%") == []
    assert desk.names(StatusEquals="Stopped") == ["apricot"]
    assert desk.names(StatusEquals="Failed") == []
    middle = clock.utc(desk.row("apricot").created_at)
    second = timedelta(seconds=0.5)
    assert desk.names(CreationTimeAfter=middle - second, CreationTimeBefore=middle + second) == ["apricot"]
    assert desk.names(LastModifiedTimeAfter=clock.utc(desk.row("bread").modified_at)) == ["apricot"]


def test_lists_are_sorted_as_asked(desk: Desk, time: list[float]) -> None:
    for name in ("b", "c", "a"):
        desk("CreateProcessingJob", ProcessingJobName=name)
    desk.platform.resources.change(desk.row("c"), phase="Halted")
    assert desk.names() == ["b", "c", "a"], "as the model documents it: by creation time, ascending"
    assert desk.names(SortBy="Name", SortOrder="Descending") == ["c", "b", "a"]
    assert desk.names(SortBy="Name") == ["a", "b", "c"]
    assert desk.names(SortBy="Status")[-1] == "c"


def test_a_summary_has_what_its_shape_has(desk: Desk) -> None:
    desk("CreateProcessingJob", ProcessingJobName="one", AppSpecification={"ImageUri": "it"})
    (summary,) = desk("ListProcessingJobs")["ProcessingJobSummaries"]
    assert set(summary) == {
        "ProcessingJobName", "ProcessingJobArn", "ProcessingJobStatus", "CreationTime", "LastModifiedTime"
    }  # fmt: skip


@pytest.mark.parametrize("sort", ["Name", "CreationTime", "Status"])
@pytest.mark.parametrize("order", ["Ascending", "Descending"])
def test_pages_hold_every_resource_once(desk: Desk, sort: str, order: str) -> None:
    for number in range(7):
        desk("CreateProcessingJob", ProcessingJobName=f"job-{number}")
    found, token, pages = [], None, 0
    while pages == 0 or token:
        more: dict[str, Any] = {"NextToken": token} if token else {}
        page = desk("ListProcessingJobs", MaxResults=3, SortBy=sort, SortOrder=order, **more)
        found += [one["ProcessingJobName"] for one in page["ProcessingJobSummaries"]]
        token, pages = page.get("NextToken"), pages + 1
    assert (len(found), sorted(found), pages) == (7, [f"job-{number}" for number in range(7)], 3)


def test_what_is_created_between_two_pages_moves_nothing(desk: Desk) -> None:
    for number in range(4):
        desk("CreateProcessingJob", ProcessingJobName=f"job-{number}")
    newest: dict[str, Any] = {"MaxResults": 2, "SortOrder": "Descending"}
    page = desk("ListProcessingJobs", **newest)
    desk("CreateProcessingJob", ProcessingJobName="newer")
    assert desk.names(**newest, NextToken=page["NextToken"]) == ["job-1", "job-0"]


@settings(max_examples=60)
@given(
    st.one_of(
        st.text(min_size=1),
        st.binary(min_size=1).map(lambda raw: base64.urlsafe_b64encode(raw).decode()),
        st.sampled_from(["0 nan!", "zz 1.0", "[[" * 2000, '[{"a": 1}, "x"]', "1"]).map(
            lambda text: base64.urlsafe_b64encode(text.encode()).decode()
        ),
    )
)
def test_a_forged_token_is_refused_or_leads_to_an_ordinary_page(desk: Desk, token: str) -> None:
    try:
        desk("ListProcessingJobs", NextToken=token)
    except ClaryError as error:
        assert (error.code, token in error.message or repr(token) in error.message) == (
            "ValidationException",
            True,
        )


def test_a_token_of_another_order_is_refused(desk: Desk) -> None:
    for name in ("one", "two"):
        desk("CreateProcessingJob", ProcessingJobName=name)
    token = desk("ListProcessingJobs", MaxResults=1, SortBy="Name")["NextToken"]
    code, message = desk.refused("ListProcessingJobs", NextToken=token)
    assert (code, "Invalid pagination token" in message) == ("ValidationException", True)


def test_an_operation_that_no_kind_serves_says_so(desk: Desk) -> None:
    code, message = desk.refused("CreateProject", ProjectName="p")
    assert (code, "sagemaker.CreateProject is not supported" in message) == (
        "UnknownOperationException",
        True,
    )


def test_rows_live_in_the_servers_own_account_and_region(desk: Desk) -> None:
    desk("CreateHub", HubName="h")
    assert len(desk.platform.resources.list(Query(Home(ACCOUNT, "us-east-1", "Hub")))) == 1


def test_a_filter_that_nothing_answers_to_is_refused_by_name(desk: Desk) -> None:
    code, message = desk.refused("ListProcessingJobs", WarmPoolStatusEquals="Available")
    assert code == "ValidationException"
    assert "WarmPoolStatusEquals is not supported" in message


def spoil(desk: Desk, name: str, **columns: str) -> None:
    """Write over what is stored of a job, as a fault of the disk or a hand would."""
    sets = ", ".join(f"{column} = '{value}'" for column, value in columns.items())
    with desk.platform.resources._database.write() as connection:
        connection.exec_driver_sql(f"UPDATE resource SET {sets} WHERE name = '{name}'")


DAMAGE = [{"doc": "[1, 2]"}, {"private": "7"}, {"phase": "Dancing"}]


@pytest.mark.parametrize("url", BOTH, indirect=True)
@pytest.mark.parametrize("columns", DAMAGE, ids=str)
def test_a_damaged_row_hurts_only_itself(desk: Desk, columns: dict[str, str]) -> None:
    for name in ("first", "second", "third"):
        desk("CreateProcessingJob", ProcessingJobName=name)
    spoil(desk, "second", **columns)
    for operation in ("DescribeProcessingJob", "StopProcessingJob"):
        code, message = desk.refused(operation, ProcessingJobName="second")
        assert code == "InternalFailure"
        assert "processing-job/second is damaged: " in message
    listed = desk("ListProcessingJobs")["ProcessingJobSummaries"]
    assert sorted(one["ProcessingJobName"] for one in listed) == ["first", "second", "third"]
    assert desk("DescribeProcessingJob", ProcessingJobName="first")["ProcessingJobName"] == "first"
    desk("DeleteProcessingJob", ProcessingJobName="second")
    assert sorted(desk.names()) == ["first", "third"]


@pytest.mark.parametrize("doc", ["{", "", "not json", '{"a": '])
def test_a_document_that_is_no_json_is_told_of(desk: Desk, doc: str) -> None:
    desk("CreateProcessingJob", ProcessingJobName="torn")
    spoil(desk, "torn", doc=doc)
    _, message = desk.refused("DescribeProcessingJob", ProcessingJobName="torn")
    assert "its doc cannot be read: it is not JSON: " in message
    assert desk.names() == ["torn"]
