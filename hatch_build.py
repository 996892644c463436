"""Compiles what Clary has in C while the package is built, where there is a C compiler."""

import runpy
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILATIONS = (
    ("src/clary/toolkit/native/compilation.py", "compile_kernels", "the toolkit's slower ways in NumPy"),
    ("src/clary/gateway/native/compilation.py", "compile_module", "the gateway's slower way in Python"),
)


class NativeBuildHook(BuildHookInterface):  # type: ignore[misc,type-arg]
    """Adds the libraries to the wheel, whose tag then names the platform; any version of Python will do."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile before the files are gathered."""
        for compilation, function, otherwise in COMPILATIONS:
            library: Path | None = runpy.run_path(str(Path(self.root, compilation)))[function]()
            if library is None:
                self.app.display_warning(f"No C compiler, or no headers of Python: {otherwise} will be used.")
                continue
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform}"
            build_data["artifacts"].append(library.relative_to(self.root).as_posix())
