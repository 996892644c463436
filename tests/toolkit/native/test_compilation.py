"""The kernels compile here and are those that are loaded."""

import shutil
import subprocess
from pathlib import Path

import pytest

from clary.toolkit.native import compilation
from clary.toolkit.native.compilation import compile_kernels, library, sources


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_the_sources_compile_without_a_warning(tmp_path: Path) -> None:
    command = [
        "cc",
        *compilation.FLAGS,
        "-Werror",
        "-o",
        str(tmp_path / "kernels.so"),
        *map(str, sources()),
        "-lm",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0


def test_other_sources_have_another_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = library()
    (tmp_path / "other.c").write_text("int other;")
    monkeypatch.setattr(compilation, "FOLDER", tmp_path)
    assert library().name != before.name


def test_without_a_compiler_there_are_no_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert compile_kernels() is None
