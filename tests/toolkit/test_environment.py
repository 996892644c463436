"""What a job learns from its environment."""

from pathlib import Path

import pytest

from clary.toolkit import environment


def test_defaults_are_sagemakers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "SAGEMAKER_BASE_DIR",
        "CLARY_SOCKET",
        "SAGEMAKER_BIND_TO_PORT",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB",
    ):
        monkeypatch.delenv(name, raising=False)
    assert environment.base_folder() == Path("/opt/ml")
    assert environment.listening_socket() is None
    assert environment.listening_port() == 8080
    assert environment.payload_limit() == 6 * 2**20


def test_what_is_set_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("SAGEMAKER_BASE_DIR", "/x"),
        ("CLARY_SOCKET", "/s"),
        ("SAGEMAKER_BIND_TO_PORT", "81"),
        ("SAGEMAKER_MAX_PAYLOAD_IN_MB", "1"),
    ):
        monkeypatch.setenv(name, value)
    assert environment.base_folder() == Path("/x")
    assert environment.listening_socket() == Path("/s")
    assert environment.listening_port() == 81
    assert environment.payload_limit() == 2**20


def test_libraries_get_the_threads_of_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert environment.threads() == 3
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert environment.threads() >= 1


def test_what_answers_hold_may_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (environment.default_accept(), environment.inference_output()) == ("", ())
    assert (environment.inference_ensemble(), environment.is_batch()) == (True, False)
    monkeypatch.setenv("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "application/json")
    monkeypatch.setenv("SAGEMAKER_INFERENCE_OUTPUT", "predicted_label, Probability")
    monkeypatch.setenv("SAGEMAKER_INFERENCE_ENSEMBLE", "false")
    monkeypatch.setenv("SAGEMAKER_BATCH", "true")
    assert environment.default_accept() == "application/json"
    assert environment.inference_output() == ("predicted_label", "probability")
    assert (environment.inference_ensemble(), environment.is_batch()) == (False, True)


def test_what_is_asked_for_most_may_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.preferred_mode() == "classification"
    monkeypatch.setenv("INFERENCE_PREFERRED_MODE", "embedding")
    assert environment.preferred_mode() == "embedding"
