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


def threads() -> int:
    """Return how many threads a library may use: OMP_NUM_THREADS, else as many as there are cores."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    return int(given) if given.isdecimal() and int(given) else len(os.sched_getaffinity(0))


def default_accept() -> str:
    """Return the type of an answer where a request names none: SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT."""
    return os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "")


def inference_output() -> tuple[str, ...]:
    """Return what answers are to hold: the words of SAGEMAKER_INFERENCE_OUTPUT, none unless set."""
    given = os.environ.get("SAGEMAKER_INFERENCE_OUTPUT", "")
    return tuple(word for word in given.replace(" ", "").lower().split(",") if word)


def inference_ensemble() -> bool:
    """Return whether several models in one archive answer together: SAGEMAKER_INFERENCE_ENSEMBLE."""
    return os.environ.get("SAGEMAKER_INFERENCE_ENSEMBLE", "true").lower() != "false"


def is_batch() -> bool:
    """Return whether requests come from a batch transform job, which sets SAGEMAKER_BATCH."""
    return os.environ.get("SAGEMAKER_BATCH", "false").lower() == "true"


def inherited() -> dict[str, str]:
    """Return the whole environment, for a program that the job starts."""
    return dict(os.environ)


def payload_limit() -> int:
    """Return the largest request body in bytes: SAGEMAKER_MAX_PAYLOAD_IN_MB, 6 unless set."""
    return int(os.environ.get("SAGEMAKER_MAX_PAYLOAD_IN_MB", "6")) * 1024 * 1024


def deepar_inference_config() -> str | None:
    """Return DEEPAR_INFERENCE_CONFIG, what a batch transform asks of forecasts; None unless set."""
    return os.environ.get("DEEPAR_INFERENCE_CONFIG")


def pretrained_models() -> Path | None:
    """Return the folder of weights that others have trained: CLARY_PRETRAINED_MODELS; None unless set."""
    path = os.environ.get("CLARY_PRETRAINED_MODELS")
    return Path(path) if path else None


def preferred_mode() -> str:
    """Return what Object2Vec is asked for most: INFERENCE_PREFERRED_MODE, classification unless set."""
    return os.environ.get("INFERENCE_PREFERRED_MODE") or "classification"
