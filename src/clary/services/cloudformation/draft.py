"""Draft: the blueprint that a request asks for, checked before anything is done."""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from clary.services.cloudformation import parameter, refusal, template
from clary.services.cloudformation.blueprint import Blueprint
from clary.services.cloudformation.call import Call
from clary.services.cloudformation.reference import references
from clary.services.cloudformation.template import Template
from clary.store.resources import Row

_MOST_TAGS = 50
_ENOUGH = {
    "CAPABILITY_IAM": {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"},
    "CAPABILITY_NAMED_IAM": {"CAPABILITY_NAMED_IAM"},
}
"""What may be acknowledged for each capability that is needed."""


def text(call: Call, row: Row | None = None) -> str:
    """Return the text of the template that is given, or that ``row`` has; raises ValidationError."""
    body, url = call.params.get("TemplateBody"), call.params.get("TemplateURL")
    if call.params.get("UsePreviousTemplate") and row is not None and not body and not url:
        previous: str = (row.private.get("current") or row.private["target"])["template"]
        return previous
    if bool(body) == bool(url):
        raise refusal.validation("Either Template URL or Template Body must be specified.")
    if url:
        return _fetched(call, str(url))
    if len(str(body).encode(errors="surrogatepass")) > template.LONGEST:
        raise refusal.validation(
            f"1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must "
            f"have length less than or equal to {template.LONGEST}"
        )
    return str(body)


def read(call: Call, row: Row | None = None) -> Template:
    """Return the template that is given, with every attribute that it asks for known to its type."""
    read = template.read(text(call, row), call.means.types.keys())
    for value in (*(each.properties for each in read.resources.values()), read.outputs):
        for asked in references(value):
            if isinstance(asked.attribute, str):
                _check_attribute(call, read, asked.name, asked.attribute)
    return read


def draw(call: Call, name: str, arn: str, row: Row | None = None) -> Blueprint:
    """Return the blueprint; ``row`` is the stack as it is, whose values are gone on with where asked."""
    found = read(call, row)
    before = {} if row is None else row.private.get("current") or row.private["target"]
    texts = parameter.settle(
        found.parameters, call.params.get("Parameters") or (), before.get("parameters", {})
    )
    _check_capabilities(call, found)
    drawn = Blueprint(
        template=found,
        texts=texts,
        tags=_tags(call, before.get("tags", {})),
        notifications=call.params.get("NotificationARNs") or before.get("notifications", []),
        name=name,
        arn=arn,
        site=call.platform.site,
    )
    drawn.check()
    return drawn


def _check_attribute(call: Call, found: Template, logical: str, attribute: str) -> None:
    kind = call.means.types[found.resources[logical].type]
    if attribute not in kind.attributes:
        raise refusal.template_error(
            f"resource {logical} does not support attribute type {attribute} in Fn::GetAtt"
        )


def _check_capabilities(call: Call, found: Template) -> None:
    given = set(call.params.get("Capabilities") or ())
    needed = [each for each in found.capabilities() if not _ENOUGH[each] & given]
    if needed:
        raise refusal.lacking(needed)


def _tags(call: Call, before: Mapping[str, str]) -> dict[str, str]:
    given = call.params.get("Tags")
    if given is None:
        return dict(before)
    tags: dict[str, str] = {}
    for tag in given:
        key = tag["Key"]
        if key.lower().startswith("aws:"):
            raise refusal.validation("Tag keys that begin with aws: are reserved for system use")
        if key in tags:
            raise refusal.validation(f"Duplicate tag keys found: [{key}]. Please provide unique tag keys.")
        tags[key] = tag["Value"]
    if len(tags) > _MOST_TAGS:
        raise refusal.validation(f"A stack may have {_MOST_TAGS} tags at most")
    return tags


def _fetched(call: Call, url: str) -> str:
    """Return the template that lies in a bucket of this server, however the URL names that."""
    bucket, key = _place(url)
    stored = call.platform.objects.get(bucket, key)
    if stored is None:
        raise refusal.validation(f"S3 error: The specified key does not exist: s3://{bucket}/{key}")
    if stored.size > template.LARGEST:
        raise refusal.validation(f"Template may not exceed {template.LARGEST} bytes in size.")
    return str(call.platform.objects.path(stored).read_text(errors="replace"))


def _place(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise refusal.validation("TemplateURL must be a supported URL.") from error
    host, path = parts.netloc, unquote(parts.path.lstrip("/"))
    if parts.scheme == "s3":
        bucket, key = host, path
    elif ".s3." in host or ".s3-" in host:
        bucket, key = host.partition(".s3")[0], path
    elif parts.scheme in ("http", "https"):
        bucket, _, key = path.partition("/")
    else:
        bucket = key = ""
    if not bucket or not key:
        raise refusal.validation("TemplateURL must be a supported URL.")
    return bucket, key
