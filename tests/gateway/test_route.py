"""Tests of the choice of variant and replica, and of what the router remembers."""

import asyncio
import threading
from collections import Counter

import pytest

from clary.core import clock
from clary.gateway.route import Replica, Route, Router, Variant


def _route(*variants: Variant, status: str = "InService", endpoint: str = "churn") -> Route:
    return Route(endpoint, "123456789012", "eu-west-1", status, variants)


A, B, C = Replica("a"), Replica("b"), Replica("c")


def test_variants_are_chosen_in_proportion_to_their_weights() -> None:
    route = _route(Variant("None", 0.0, (A,)), Variant("Small", 1.0, (A,)), Variant("Large", 3.0, (A,)))
    chosen = Counter(variant.name for _ in range(8000) if (variant := route.variant()) is not None)
    assert set(chosen) == {"Small", "Large"}
    assert 5700 < chosen["Large"] < 6300  # 6000, and 7.7 standard deviations either way


def test_a_variant_is_found_by_name_whatever_its_weight() -> None:
    route = _route(Variant("Live", 1.0, (A,)), Variant("Dark", 0.0, (B,)))
    assert route.variant("Dark") is route.variants[1]
    assert route.variant("Gone") is None


def test_an_endpoint_without_traffic_has_no_variant_to_choose() -> None:
    assert _route().variant() is None
    assert _route(Variant("Dark", 0.0, (A,))).variant() is None


@pytest.mark.parametrize(
    ("status", "serving"),
    [("InService", True), ("Updating", True), ("RollingBack", True), ("Creating", False), ("Failed", False)],
)
def test_in_which_status_an_endpoint_serves(status: str, serving: bool) -> None:
    assert _route(status=status).serving is serving


def test_the_log_group_has_an_arn() -> None:
    assert _route().log_arn == "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/sagemaker/Endpoints/churn"


def test_the_least_busy_replica_is_picked_and_ties_take_turns() -> None:
    busy = {"a": 1, "b": 0, "c": 0}
    router = Router(lambda *_: None, busy.__getitem__)
    variant = Variant("AllTraffic", 1.0, (A, B, C))
    picked = Counter(replica.address for _ in range(60) if (replica := router.pick(variant)) is not None)
    assert set(picked) == {"b", "c"}
    busy["a"] = 0
    picked = Counter(replica.address for _ in range(60) if (replica := router.pick(variant)) is not None)
    assert picked == {"a": 20, "b": 20, "c": 20}
    assert router.pick(variant, (B, C)) is A
    assert router.pick(variant, (A, B, C)) is None
    assert router.pick(Variant("One", 1.0, (A,))) is A
    assert router.pick(Variant("One", 1.0, (A,)), (A,)) is None


class _Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(clock, "monotonic", lambda: self.now)


def test_routes_are_remembered_for_two_seconds_and_absence_hardly(monkeypatch: pytest.MonkeyPatch) -> None:
    time = _Clock(monkeypatch)
    known = _route()
    looked_up: list[tuple[str, str]] = []

    def lookup(account: str, endpoint: str) -> Route | None:
        looked_up.append((account, endpoint))
        return known if endpoint == "churn" else None

    async def scenario() -> None:
        router = Router(lookup, lambda _: 0)
        assert router.cached("1", "churn") is None
        first, second = router.load("1", "churn"), router.load("1", "churn")
        assert await first is await second is known
        assert await router.load("1", "none") is None
        assert looked_up == [("1", "churn"), ("1", "none")]
        entry, absent = router.cached("1", "churn"), router.cached("1", "none")
        assert entry is not None
        assert entry.route is known
        assert absent is not None
        assert absent.route is None
        assert router.cached("2", "churn") is None
        time.now += 0.11
        assert router.cached("1", "none") is None
        assert router.cached("1", "churn") is entry
        time.now += 1.9
        assert router.cached("1", "churn") is None

    asyncio.run(scenario())


def test_what_is_forgotten_is_looked_up_again_even_if_it_was_being_looked_up() -> None:
    go_on = threading.Event()
    routes = [_route(status="Creating"), _route()]

    def lookup(account: str, endpoint: str) -> Route | None:
        route = routes.pop(0)
        assert go_on.wait(5)
        return route

    async def scenario() -> None:
        router = Router(lookup, lambda _: 0)
        old = router.load("1", "churn")
        while len(routes) == 2:
            await asyncio.sleep(0.001)
        router.forget("churn")
        new = router.load("1", "churn")
        go_on.set()
        before, after = await old, await new
        await asyncio.sleep(0)
        assert before is not after
        entry = router.cached("1", "churn")
        assert entry is not None
        assert entry.route is after
        router.forget("churn")
        assert router.cached("1", "churn") is None

    asyncio.run(scenario())


def test_a_failed_lookup_is_not_remembered() -> None:
    async def scenario() -> None:
        def lookup(account: str, endpoint: str) -> Route | None:
            raise KeyError(endpoint)

        router = Router(lookup, lambda _: 0)
        for _ in range(2):
            with pytest.raises(KeyError):
                await router.load("1", "churn")
        assert router.cached("1", "churn") is None

    asyncio.run(scenario())


def test_names_that_do_not_exist_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    time = _Clock(monkeypatch)

    async def scenario() -> None:
        router = Router(lambda *_: None, lambda _: 0, capacity=10)
        for i in range(50):
            await router.load("1", str(i))
            time.now += 0.05
        assert len(router._entries) <= 10

    asyncio.run(scenario())
