"""Offers have ids of JumpStart's and keys that are theirs alone."""

from clary.services.jumpstart.offer import OFFERS


def test_ids_and_keys_are_different() -> None:
    assert len({offer.model_id for offer in OFFERS}) == len(OFFERS)
    keys = [
        key
        for offer in OFFERS
        for key in (offer.training_script, offer.hosting_script, offer.spec, offer.training_artifact)
    ]
    assert len(set(keys)) == len(keys)
