"""Runtime: invocations of endpoints where no model runs, answered as a test has said or always the same."""

import json
from hashlib import sha256

from clary.core import clock, errors
from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document, Reply
from clary.engine.platform import Platform
from clary.services import artifact, data_source
from clary.services.simulation.answers import Answers
from clary.store.objects import BucketRow
from clary.store.resources import Row

SYNC, ASYNC = "endpoint-results", "async-endpoint-results"
"""The queues of answers, one of each in every region."""
_BODY = b"body"
"""What an endpoint answers of which nothing else was said: the body that moto's server answers too."""


class Runtime:
    """SageMaker Runtime. An endpoint must exist, unless a test has said what the next one answers."""

    def __init__(self, platform: Platform, answers: Answers) -> None:
        self._platform = platform
        self._answers = answers

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Carry out ``ctx.operation``; raises UnknownOperationException for streamed answers."""
        operations = {"InvokeEndpoint": self._invoke, "InvokeEndpointAsync": self._invoke_async}
        operation = operations.get(ctx.operation)
        if operation is None:
            raise errors.unsupported(ctx.operation, ctx.service)
        return operation(ctx, params)

    def _invoke(self, ctx: Context, params: Document) -> Reply:
        said = self._answers.take((SYNC, ctx.region), _asked(ctx, params))
        row = self._endpoint(ctx, params, told=said is not None)
        said = said or {}
        return Reply(
            {
                "Body": str(said["Body"]).encode() if "Body" in said else _BODY,
                "ContentType": said.get("ContentType") or params.get("Accept") or "application/json",
                "InvokedProductionVariant": said.get("InvokedProductionVariant") or _variant(row, params),
                "CustomAttributes": said.get("CustomAttributes") or params.get("CustomAttributes"),
            }
        )

    def _invoke_async(self, ctx: Context, params: Document) -> Reply:
        said = self._said_async(ctx, params)
        row = self._endpoint(ctx, params, told=said is not None)
        mark = sha256(repr(_asked(ctx, params)).encode()).hexdigest()[:32]
        inference = params.get("InferenceId") or mark
        home = self._home(ctx, row, f"s3://sagemaker-output-{mark[:12]}")
        good, bad = f"{home}/{inference}.out", f"{home}/{inference}-error.out"
        said = said or {"data": json.dumps({"default": "response"})}
        self._write(bad if said.get("is_failure") else good, str(said["data"]))
        return Reply({"InferenceId": inference, "OutputLocation": good, "FailureLocation": bad})

    def _said_async(self, ctx: Context, params: Document) -> Document | None:
        """Return what is said of asynchronous answers, or else of others, whole and as JSON."""
        asked = _asked(ctx, params)
        said = self._answers.take((ASYNC, ctx.region), asked)
        if said is not None:
            return said
        other = self._answers.take((SYNC, ctx.region), asked)
        return None if other is None else {"data": json.dumps(other)}

    def _endpoint(self, ctx: Context, params: Document, *, told: bool) -> Row | None:
        name = params["EndpointName"]
        row = self._platform.get("Endpoint", name)
        if row is None and not told:
            message = f"Endpoint {name} of account {ctx.account} not found."
            raise ClaryError("ValidationError", message, 400)
        return row

    def _home(self, ctx: Context, row: Row | None, own: str) -> str:
        """Return where asynchronous answers go: where the configuration says, or their ``own`` bucket."""
        name = "" if row is None else row.doc["EndpointConfigName"]
        config = self._platform.get("EndpointConfig", name)
        output = {} if config is None else (config.doc.get("AsyncInferenceConfig") or {}).get("OutputConfig")
        path = (output or {}).get("S3OutputPath") or own
        bucket = data_source.parse(f"{path}/").bucket
        if self._platform.objects.bucket(bucket) is None:
            self._platform.objects.create_bucket(BucketRow(bucket, ctx.account, ctx.region, clock.now()))
        return artifact.join(path)

    def _write(self, uri: str, text: str) -> None:
        location = data_source.parse(uri)
        with self._platform.objects.draft() as draft:
            draft.write(text.encode())
            self._platform.objects.put(draft, location.bucket, location.key, {})


def _asked(ctx: Context, params: Document) -> tuple[str, ...]:
    return (ctx.operation, ctx.region, *(f"{name}={value!r}" for name, value in sorted(params.items())))


def _variant(row: Row | None, params: Document) -> str:
    variants = [] if row is None else row.doc.get("ProductionVariants") or []
    first = variants[0]["VariantName"] if variants else "AllTraffic"
    return str(params.get("TargetVariant") or first)
