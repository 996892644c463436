"""JumpStart's bucket: filled from the cards of the installed algorithms when it is first read."""

import json
import threading
from collections.abc import Iterator
from hashlib import md5

from clary.compute import images
from clary.core import clock
from clary.engine.platform import Platform
from clary.services.jumpstart import samples, sources
from clary.services.jumpstart.offer import OFFERS
from clary.services.jumpstart.spec import manifest, spec
from clary.store.objects import BucketRow

_OWNER = "763104351884"
"""AWS's account for what it publishes, so that the bucket is nobody's here."""


class JumpStart:
    """The bucket ``jumpstart-cache-prod-<region>``, which SDKs ask under this name."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._lock = threading.Lock()
        self._filled = False
        self.bucket = f"jumpstart-cache-prod-{platform.site.region}"

    def fill(self) -> None:
        """Put into the bucket what this release has, once; a user's of this name stays as it is."""
        with self._lock:
            if self._filled:
                return
            objects = self._platform.objects
            region = self._platform.site.region
            objects.create_bucket(BucketRow(self.bucket, _OWNER, region, clock.now()))
            bucket = objects.bucket(self.bucket)
            if bucket is not None and bucket.account == _OWNER:
                for key, content in self._content():
                    self._put(key, content)
            self._filled = True

    def _put(self, key: str, content: bytes) -> None:
        stored = self._platform.objects.get(self.bucket, key)
        if stored is not None and stored.etag == md5(content, usedforsecurity=False).hexdigest():
            return
        kind = "application/json" if key.endswith(".json") else "binary/octet-stream"
        with self._platform.objects.draft() as draft:
            draft.write(content)
            self._platform.objects.put(draft, self.bucket, key, {"ContentType": kind})

    def _content(self) -> Iterator[tuple[str, bytes]]:
        """Yield keys and objects, the manifest last: what it names is there."""
        offers = [offer for offer in OFFERS if offer.algorithm in images.algorithms()]
        yield from samples.tables().items()
        for offer in offers:
            yield from sources.archives(offer).items()
            card = self._platform.cards.card(offer.algorithm)["TrainingSpecification"]
            yield offer.spec, _json(spec(offer, card, self._platform.site.region))
        # The SDK looks at the first entry of either; what is in both it takes for what the second says.
        for name in ("proprietary-sdk-manifest.json", "models_manifest.json"):
            yield name, _json(manifest(offers))


def _json(document: object) -> bytes:
    return json.dumps(document, indent=1).encode()
