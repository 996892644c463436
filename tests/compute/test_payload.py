"""The payload: a forked interpreter that behaves as a fresh program would."""

import signal

import pytest

from clary.testing.executor_contract import Bench


def test_the_payload_has_none_of_the_servers_descriptors(bench: Bench) -> None:
    run_id = bench.start("sh", "-c", "ls -l /proc/$$/fd", module=None)
    bench.end(run_id)
    descriptors = [text.split()[-3:] for text in bench.texts(run_id) if "->" in text]
    assert [descriptor[0] for descriptor in descriptors] == ["0", "1", "2"]
    assert descriptors[0][2] == "/dev/null"


def test_runs_of_one_zygote_draw_different_random_numbers(bench: Bench) -> None:
    first, second = (bench.start("draw") for _ in range(2))
    bench.end(first)
    bench.end(second)
    drawn = bench.texts(first) + bench.texts(second)
    assert len(set(drawn)) == 4


def test_a_folder_that_is_gone_fails_the_run_with_a_reason(bench: Bench) -> None:
    spec = bench.spec("exit")
    spec.base.rmdir()
    bench.executor.start(spec)
    assert bench.end(spec.id).code == 1
    assert "FileNotFoundError" in bench.texts(spec.id)[-1]


@pytest.mark.parametrize(
    ("module", "message"), [("no.such.module", "No module named 'no'"), ("json", "main")]
)
def test_a_module_without_a_main_fails_with_a_traceback(bench: Bench, module: str, message: str) -> None:
    run_id = bench.start(module=module)
    assert bench.end(run_id).code == 1
    assert bench.texts(run_id)[0] == "Traceback (most recent call last):"
    assert message in bench.texts(run_id)[-1]


def test_a_program_finds_the_signals_as_a_shell_leaves_them(bench: Bench) -> None:
    run_id = bench.start("grep", "-E", "SigBlk|SigIgn", "/proc/self/status", module=None)
    bench.end(run_id)
    reserved = 0b11 << 31  # signals 32 and 33 are the C library's own: no program can set or reset them
    masks = [int(text.split("#011")[1], 16) & ~reserved for text in bench.texts(run_id)]
    assert masks == [0, 0]


def test_a_module_dies_of_sigterm_unless_it_says_otherwise(bench: Bench) -> None:
    run_id = bench.start("wait")
    bench.says(run_id, "waiting")
    bench.executor.stop(run_id, 30)
    assert bench.end(run_id).code == -signal.SIGTERM


def test_the_kernel_takes_the_payload_before_the_server(bench: Bench) -> None:
    run_id = bench.start("cat", "/proc/self/oom_score_adj", module=None)
    bench.end(run_id)
    assert bench.texts(run_id) == ["500"]
