"""What a client needs to reach a server: variables, the SDK's configuration file, a ready-made client."""

from pathlib import Path
from typing import Any

from clary.app.settings import Settings, identity

_SDK_CONFIG = """\
# Read by the SageMaker Python SDK (v2 and v3) through SAGEMAKER_USER_CONFIG_OVERRIDE. Written by Clary.
SchemaVersion: '1.0'
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
      Session:
        DefaultS3Bucket: {bucket}
  TrainingJob:
    RoleArn: {role}
  Model:
    ExecutionRoleArn: {role}
"""


def variables(settings: Settings) -> dict[str, str]:
    """Return the environment variables that make unmodified AWS code talk to this server."""
    keys = identity(settings)
    return {
        "AWS_ENDPOINT_URL": settings.url,
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_REGION": settings.region,
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(sdk_config(settings)),
    }


def sdk_config(settings: Settings) -> Path:
    """Write the SDK's configuration file, with the default bucket and role, and return where it is.

    Without it the SDK asks the real STS, whose address it has hard-coded, for its bucket's name.
    """
    path = settings.data / "sagemaker-config.yaml"
    text = _SDK_CONFIG.format(bucket=settings.bucket, role=settings.role)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
    return path


def connect(settings: Settings, service: str) -> Any:
    """Return a botocore client of ``service`` for this server."""
    from botocore.config import Config  # noqa: PLC0415 - commands that need no client start faster
    from botocore.session import Session  # noqa: PLC0415

    keys = identity(settings)
    return Session().create_client(
        service,
        region_name=settings.region,
        endpoint_url=settings.url,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        config=Config(retries={"max_attempts": 0}),
    )
