"""What a job learns from its environment; the only module of a job that reads it."""

import os
from pathlib import Path


def base_folder() -> Path:
    """Return the folder of ``input``, ``model`` and ``output``: /opt/ml unless SAGEMAKER_BASE_DIR is set."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def listening_socket() -> Path | None:
    """Return the path of the unix socket to serve on, or None to serve on a TCP port."""
    path = os.environ.get("CLARY_SOCKET")
    return Path(path) if path else None


def listening_port() -> int:
    """Return the TCP port to serve on when there is no unix socket: 8080 as in SageMaker's containers."""
    return int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))


def inference_program() -> str:
    """Return the name of the script that hosts a model: SAGEMAKER_PROGRAM, inference.py unless set."""
    return os.environ.get("SAGEMAKER_PROGRAM") or "inference.py"


def inherited() -> dict[str, str]:
    """Return the whole environment, for a program that the job starts."""
    return dict(os.environ)


def payload_limit() -> int:
    """Return the largest request body in bytes: SAGEMAKER_MAX_PAYLOAD_IN_MB, 6 unless set."""
    return int(os.environ.get("SAGEMAKER_MAX_PAYLOAD_IN_MB", "6")) * 1024 * 1024
