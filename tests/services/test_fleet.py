"""Fleets are documents in a row; runs are stopped, kept until their log is, and then forgotten."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from clary.compute.executor import RunStatus
from clary.engine.platform import Platform
from clary.engine.shipper import Feed
from clary.services import fleet as fleets
from clary.services.fleet import Fleet, Member
from clary.services.sagemaker.endpoint import Endpoint
from clary.store.metrics import Series
from tests.engine.test_reconciler import insert
from tests.fake_executor import FakeExecutor

words = st.text("abc", min_size=1, max_size=3)
members = st.builds(Member, words, words, words, st.integers(0, 9))


@given(st.integers(0, 99), st.lists(members, max_size=4))
def test_a_fleet_is_read_as_it_was_written(generation: int, found: list[Member]) -> None:
    fleet = Fleet(generation, ({"VariantName": "a", "InitialInstanceCount": 1},), tuple(found))
    assert fleets.parse(fleet.document()) == fleet


def test_no_document_is_no_fleet() -> None:
    assert fleets.parse(None) == Fleet(0, (), ())


def test_members_and_variants_are_found_by_name() -> None:
    one, two = Member("a", "r.1-0-0"), Member("b", "r.1-1-0")
    fleet = Fleet(1, ({"VariantName": "a"}, {"VariantName": "b"}), (one, two))
    assert (fleet.of("b"), fleet.variant("b")) == ([two], {"VariantName": "b"})


def test_a_member_that_is_started_again_has_a_new_run_and_no_address() -> None:
    member = Member("a", "r.1-0-0", "/socket")
    again = fleets.restarted(member)
    assert again == Member("a", "r.1-0-0-r1", "", 1)
    assert fleets.restarted(again) == Member("a", "r.1-0-0-r2", "", 2)
    assert fleets.restarted(replace(member, restarts=9, run="r.1-0-0-r9")).run == "r.1-0-0-r10"


def test_runs_are_forgotten_only_when_they_have_ended_and_their_log_is_kept(
    platform: Platform, executor: FakeExecutor
) -> None:
    feeds = [Feed(run, "group", run) for run in ("running", "unread", "read", "unknown")]
    executor.states["running"] = RunStatus("running")
    executor.end("unread")
    executor.end("read")
    executor.write("unread", "last words")
    assert [feed.run for feed in fleets.retire(platform, feeds)] == ["running", "unread"]
    assert (executor.stopped, executor.forgotten) == (["running"], ["read", "unknown"])
    executor.end("running")
    platform.logs.create("group", "unread")
    platform.logs.append("group", "unread", executor.output["unread"])
    assert fleets.retire(platform, feeds[:2]) == []


def test_what_replicas_use_is_shown_under_their_variant(platform: Platform) -> None:
    row = insert(platform)
    feed = fleets.feed(row, Member("AllTraffic", f"{row.id}.1-0-0"))
    assert Endpoint().utilization(row, feed.run, feed.stream) == Series(
        "/aws/sagemaker/Endpoints", {"EndpointName": row.name, "VariantName": "AllTraffic"}
    )
