"""The device is a GPU where there is one, and threads are no more than the job's cores."""

import os

import pytest
import torch

from clary.toolkit.neural import device


def test_threads_are_no_more_than_the_job_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {3}, raising=False)
    torch.set_num_threads(4)
    chosen = device.choose()
    assert torch.get_num_threads() == 1
    assert chosen.type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_threads_stay_as_few_as_the_environment_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(64)), raising=False)
    torch.set_num_threads(2)
    device.choose()
    assert torch.get_num_threads() == 2


def test_a_system_without_affinities_counts_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    torch.set_num_threads(4)
    device.choose()
    assert torch.get_num_threads() == 1
