"""What a client needs to reach a server: variables, files that SDKs read, a ready-made client."""

import json
from pathlib import Path
from typing import Any

from clary.app.settings import Settings, identity
from clary.core.errors import ClaryError

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
_MARK = "Clary"


def variables(settings: Settings) -> dict[str, str]:
    """Return the environment variables that make unmodified AWS code talk to this server."""
    keys = identity(settings)
    found = {
        "AWS_ENDPOINT_URL": settings.url,
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_REGION": settings.region,
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(sdk_config(settings)),
    }
    return found if settings.tls_port is None else found | {"AWS_CA_BUNDLE": str(settings.ca_bundle)}


def sdk_config(settings: Settings) -> Path:
    """Write the SDK's configuration file, with the default bucket and role, and return where it is.

    Without it the SDK asks the real STS, whose address it has hard-coded, for its bucket's name.
    """
    path = settings.data / "sagemaker-config.yaml"
    text = _SDK_CONFIG.format(bucket=settings.bucket, role=settings.role)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
    return path


def endpoints_file(home: Path) -> Path:
    """Return the file in which botocore looks for the hosts of AWS before it takes those it has built in."""
    return home / ".aws" / "models" / "endpoints.json"


def install(settings: Settings, home: Path) -> list[str]:
    """Make the addresses of STS that the SDKs have built in lead to this server; return what was done.

    All else in the file is as botocore has it. A file that is not ours is set aside. Raises ClaryError when
    the server does not speak TLS, which is all that the SDKs speak to those addresses, or when another file
    has been set aside already.
    """
    if settings.tls_authority is None:
        raise ClaryError("NoTLS", "The server was started with --no-tls; the SDKs reach STS over TLS only.")
    path, text, done = endpoints_file(home), _endpoints(settings.tls_authority), []
    if path.exists() and not _is_ours(path):
        if _aside(path).exists():
            raise ClaryError(
                "BackupExists", f"{path} is not Clary's, and {_aside(path)} exists. Move one away."
            )
        path.rename(_aside(path))
        done.append(f"Set your {path.name} aside as {_aside(path)}")
    if path.exists() and path.read_text() == text:
        return [f"{path} leads to {settings.tls_authority} already"]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".clary-draft")
    draft.write_text(text)
    draft.replace(path)
    return [*done, f"Wrote {path}: STS is at {settings.tls_authority}"]


def uninstall(home: Path) -> list[str]:
    """Undo ``install``; return what was done."""
    path = endpoints_file(home)
    if not path.exists() or not _is_ours(path):
        return [f"{path} is not Clary's; nothing to do" if path.exists() else f"There is no {path}"]
    if _aside(path).exists():
        _aside(path).replace(path)
        return [f"Put your own {path} back"]
    path.unlink()
    return [f"Removed {path}"]


def _endpoints(authority: str) -> str:
    """Return botocore's own list of endpoints, with STS at ``authority`` in every partition."""
    from botocore.loaders import Loader  # noqa: PLC0415 - commands that need no client start faster

    folder = Loader.BUILTIN_DATA_PATH  # not the loader's search, which would find our own file
    found = json.loads(Path(folder, "endpoints.json").read_text())
    for partition in found["partitions"]:
        sts = partition["services"].setdefault("sts", {"endpoints": {}})
        sts["defaults"] = sts.get("defaults", {}) | {"hostname": authority}
    return json.dumps({"writtenBy": _MARK} | found)


def _is_ours(path: Path) -> bool:
    return path.read_bytes().startswith(json.dumps({"writtenBy": _MARK}).encode()[:-1])


def _aside(path: Path) -> Path:
    return path.with_name("endpoints.before-clary.json")


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
