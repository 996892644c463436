"""Vectors of tokens that the user gives: files in the channel ``auxiliary``."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from clary.algorithms.object2vec.params import EncoderForm
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError


def put(encoder: Any, form: EncoderForm, channel: Channel | None) -> int:
    """Give the tokens of ``encoder`` the vectors of ``form``'s files, and return how many got one.

    The file of vectors has a word and its values a line, as GloVe's and word2vec's have; that of the
    vocabulary is a JSON object from words to tokens, or a word a line. Raises ClientError for other files.
    """
    if not form.embedding_file:
        return 0
    if channel is None:
        raise ClientError(
            "Hyperparameter 'enc0_pretrained_embedding_file' or that of enc1 is set, but there is no channel "
            "'auxiliary' with this file: add it."
        )
    folder = {path.name: path for path in channel.files()}
    for name in (form.embedding_file, form.vocab_file):
        if name not in folder:
            raise ClientError(f"Channel '{channel.name}' has no file {name!r}; it has {sorted(folder)}.")
    numbers = _vocabulary(folder[form.vocab_file])
    table = encoder.tokens.weight.detach().numpy().copy()
    found = 0
    with folder[form.embedding_file].open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            word, *values = line.split()
            token = numbers.get(word, -1)
            if not 0 <= token < form.vocab_size or (number == 1 and len(values) == 1):
                continue
            if len(values) != form.token_dim:
                raise ClientError(
                    f"{form.embedding_file}, line {number} has {len(values)} values, but token_embedding_dim "
                    f"is {form.token_dim}: correct it."
                )
            table[token] = np.array(values, np.float32)
            found += 1
    if not found:
        raise ClientError(f"No word of {form.vocab_file} has a vector in {form.embedding_file}.")
    with torch.no_grad():
        encoder.tokens.weight.copy_(torch.from_numpy(table))
    encoder.tokens.weight.requires_grad_(not form.frozen)
    return found


def _vocabulary(path: Path) -> dict[str, int]:
    text = path.read_text(encoding="utf-8")
    if not text.lstrip().startswith("{"):
        return {word: number for number, word in enumerate(text.splitlines())}
    try:
        return {str(word): int(number) for word, number in json.loads(text).items()}
    except (ValueError, TypeError) as error:
        raise ClientError(f"{path.name} is not a JSON object from words to tokens: {error}.") from error
