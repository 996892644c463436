"""Compiles the toolkit's C kernels while the package is built, where there is a C compiler."""

import runpy
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILATION = "src/clary/toolkit/native/compilation.py"


class KernelBuildHook(BuildHookInterface):  # type: ignore[misc,type-arg]
    """Adds the library to the wheel, whose tag then names the platform; Python's version does not matter."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile before the files are gathered."""
        library: Path | None = runpy.run_path(str(Path(self.root, COMPILATION)))["compile_kernels"]()
        if library is None:
            self.app.display_warning("No C compiler: the toolkit will use its slower ways in NumPy.")
            return
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
        build_data["artifacts"].append(library.relative_to(self.root).as_posix())
