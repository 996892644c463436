"""Damage: a document in the database that cannot be read stands for itself and spoils no other row."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Damage:
    """What is found in place of a document; ``reason`` says why it is none."""

    reason: str


def loads(text: str | bytes) -> Any:
    """Return the JSON value of ``text``, or Damage where it has none."""
    try:
        return json.loads(text)
    except ValueError as error:
        return Damage(f"it is not JSON: {error}")
