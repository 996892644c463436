"""The tokens of one language and their numbers."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from clary.toolkit.errors import ClientError

PAD, UNKNOWN, BEGIN, END = "<pad>", "<unk>", "<s>", "</s>"
SPECIAL = (PAD, UNKNOWN, BEGIN, END)
SOURCE, TARGET = "vocab.src.json", "vocab.trg.json"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Numbers by token, the special ones among them."""

    numbers: dict[str, int]

    @classmethod
    def read(cls, path: Path) -> "Vocabulary":
        """Return what a JSON object from tokens to numbers says; raises ClientError for another file."""
        try:
            numbers = {str(token): int(number) for token, number in json.loads(path.read_bytes()).items()}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ClientError(f"{path.name} is not a JSON object from tokens to numbers: {error}.") from error
        if missing := [token for token in SPECIAL if token not in numbers]:
            raise ClientError(
                f"{path.name} has no {', '.join(missing)}: a vocabulary has numbers for {', '.join(SPECIAL)}."
            )
        if min(numbers.values()) < 0:
            raise ClientError(f"{path.name} has a number below 0.")
        return cls(numbers)

    @property
    def size(self) -> int:
        """One more than the greatest number."""
        return max(self.numbers.values()) + 1

    def __getitem__(self, token: str) -> int:
        return self.numbers[token]

    def coded(self, text: str) -> list[int]:
        """Return the numbers of the tokens in ``text``, which blanks part."""
        unknown = self.numbers[UNKNOWN]
        return [self.numbers.get(token, unknown) for token in text.split()]

    def text(self, numbers: Iterable[int]) -> str:
        """Return tokens by their numbers, with blanks between."""
        names = {number: token for token, number in self.numbers.items()}
        return " ".join(names.get(number, UNKNOWN) for number in numbers)
