"""The host of an inference script finds the script, or says where it should be."""

from pathlib import Path

import pytest

from clary.toolkit import script_host


def test_a_script_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    assert script_host.main([]) == 2
    assert "There is no inference.py: SAGEMAKER_PROGRAM names the inference script" in capsys.readouterr().out
    monkeypatch.syspath_prepend(str(tmp_path))  # what the script adds is taken away with it
    (tmp_path / "code").mkdir()
    (tmp_path / "code/mine.py").write_text("x = 1")
    monkeypatch.setenv("SAGEMAKER_PROGRAM", "mine.py")
    assert script_host.main([]) == 2
    assert "has no model_fn(model_dir)" in capsys.readouterr().out
