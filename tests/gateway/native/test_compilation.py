"""The gateway's C compiles here and is what is loaded."""

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from clary.gateway import heads, native
from clary.gateway.native import compilation
from clary.gateway.native.compilation import compile_module, library

HEADERS = Path(sysconfig.get_path("include"))


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
@pytest.mark.skipif(not (HEADERS / "Python.h").exists(), reason="Python's headers are not installed")
def test_the_source_compiles_without_a_warning(tmp_path: Path) -> None:
    made = str(tmp_path / "heads.so")
    command = ["cc", *compilation.FLAGS, "-Werror", f"-I{HEADERS}", "-o", made, str(compilation.SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0


def test_what_was_compiled_is_used() -> None:
    assert (native.compiled is not None) == library().exists()
    assert native.heads is (native.compiled or heads)


def test_another_source_has_another_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = library()
    other = tmp_path / "other.c"
    other.write_text("int other;")
    monkeypatch.setattr(compilation, "SOURCE", other)
    assert library().name != before.name


def test_without_a_compiler_there_is_no_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert compile_module() is None
