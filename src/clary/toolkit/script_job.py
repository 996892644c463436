"""A script's job: its program, arguments and SM_ variables, as SageMaker's framework containers make them.

Source: the README of aws/sagemaker-training-toolkit.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clary.toolkit.errors import ClientError

_PREFIX = "sagemaker_"
_UNSUPPORTED = (
    "sagemaker_mpi_enabled",
    "sagemaker_parameter_server_enabled",
    "sagemaker_distributed_dataparallel_enabled",
    "sagemaker_multi_worker_mirrored_strategy_enabled",
)


@dataclass(frozen=True, slots=True)
class ScriptJob:
    """The job of a user's script under the folder that SageMaker calls /opt/ml."""

    base: Path

    @property
    def parameters(self) -> dict[str, Any]:
        """The hyperparameters, decoded: the SDK writes each value as JSON."""
        return {name: _decoded(value) for name, value in self._config("hyperparameters").items()}

    @property
    def given(self) -> dict[str, Any]:
        """The hyperparameters that are the script's own."""
        return {name: value for name, value in self.parameters.items() if not name.startswith(_PREFIX)}

    @property
    def framework(self) -> dict[str, Any]:
        """The hyperparameters that are for the container."""
        return {name: value for name, value in self.parameters.items() if name.startswith(_PREFIX)}

    @property
    def program(self) -> str:
        """The script, relative to ``folder``; raises ClientError where none is named."""
        name = self.parameters.get("sagemaker_program")
        if not name:
            raise ClientError("The hyperparameter sagemaker_program names the script to run; it is missing.")
        return str(name)

    @property
    def folder(self) -> Path:
        """Where the script lies: what was submitted, or a folder of the image's own."""
        submitted = str(self.parameters.get("sagemaker_submit_directory", ""))
        return Path(submitted) if submitted.startswith("/") else self.base / "code"

    def arguments(self) -> list[str]:
        """Return the script's arguments: sorted, one-letter names behind one hyphen."""
        pairs = ((_option(name), _text(value)) for name, value in sorted(self.given.items()))
        return [word for pair in pairs for word in pair]

    def refuse_distribution(self) -> None:
        """Raise ClientError for a way of distributing that this runner does not have."""
        for name in _UNSUPPORTED:
            if self.parameters.get(name):
                raise ClientError(
                    f"{name} is not supported by this release of Clary: without it, the script is run once "
                    "on every host and finds the others in SM_HOSTS."
                )

    def variables(self) -> dict[str, str]:
        """Return what the script finds in its environment besides what the job has."""
        facts = self._facts()
        channels = {f"SM_CHANNEL_{name.upper()}": str(path) for name, path in self._channels().items()}
        given = {f"SM_HP_{name.upper()}": _plain(value) for name, value in self.given.items()}
        named = {
            "SAGEMAKER_JOB_NAME": self.parameters.get("sagemaker_job_name"),
            "SAGEMAKER_REGION": self.parameters.get("sagemaker_region"),
        }
        return {
            **{f"SM_{name.upper()}": _plain(value) for name, value in facts.items()},
            "SM_TRAINING_ENV": _plain(facts | {"job_name": self.parameters.get("sagemaker_job_name", "")}),
            "SM_USER_ARGS": _plain(self.arguments()),
            **channels,
            **given,
            **{name: str(value) for name, value in named.items() if value},
        }

    def _facts(self) -> dict[str, Any]:
        cluster = self._config("resourceconfig")
        folders = {
            "model_dir": "model",
            "input_dir": "input",
            "input_config_dir": "input/config",
            "output_dir": "output",
            "output_data_dir": "output/data",
            "output_intermediate_dir": "output/intermediate",
        }
        return {
            **{name: str(self.base / path) for name, path in folders.items()},
            **_hosts(cluster),
            "hps": self.given,
            "framework_params": self.framework,
            "user_entry_point": self.program,
            "module_name": Path(self.program).stem,
            "module_dir": str(self.parameters.get("sagemaker_submit_directory", self.folder)),
            "log_level": self.parameters.get("sagemaker_container_log_level", 20),
            "channels": sorted(self._channels()),
            "resource_config": cluster,
            "input_data_config": self._config("inputdataconfig"),
            "num_cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            "num_gpus": _gpus(),
            "num_neurons": 0,
        }

    def _channels(self) -> dict[str, Path]:
        return {name: self.base / "input" / "data" / name for name in self._config("inputdataconfig")}

    def _config(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.base / "input" / "config" / f"{name}.json").read_bytes())
        return found


def _hosts(cluster: Mapping[str, Any]) -> dict[str, Any]:
    groups = cluster.get("instance_groups", [])
    current = cluster.get("current_group_name", "")
    named = {group["instance_group_name"]: group for group in groups}
    return {
        "hosts": cluster["hosts"],
        "current_host": cluster["current_host"],
        "current_instance_type": cluster.get("current_instance_type", ""),
        "current_instance_group": current,
        "current_instance_group_hosts": named.get(current, {}).get("hosts", []),
        "instance_groups": list(named),
        "instance_groups_dict": named,
        "is_hetero": len(named) > 1,
        "network_interface_name": cluster.get("network_interface_name", "lo"),
    }


def _gpus() -> int:
    """Return how many GPUs the job sees; 0 where their driver's program is not there."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return 0
    listed = subprocess.run([program, "--list-gpus"], check=False, capture_output=True, text=True, timeout=30)
    return len([line for line in listed.stdout.splitlines() if line.startswith("GPU ")])


def _decoded(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _option(name: str) -> str:
    return f"--{name}" if len(name) > 1 else f"-{name}"


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ",".join(f"{name}={one}" for name, one in sorted(value.items()))
    return str(value)


def _plain(value: Any) -> str:
    """Return a value as a variable holds it: containers and truth as JSON, the rest as it is."""
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list | bool) else str(value)
