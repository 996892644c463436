"""The classic tutorial of translation: one language to another by seq2seq, with where it looked.

Makes up a language whose sentences are those of another one, word for word, but for the first two words,
which change places; learns it, hosts the model and asks it. SageMaker Python SDK v2, the generic
``Estimator``.

    eval "$(clary env)"
    python examples/translate.py
"""

import io
import json
import random
import tempfile
from pathlib import Path

import sagemaker
from sagemaker.amazon.common import _write_recordio
from sagemaker.amazon.record_pb2 import Record
from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import JSONSerializer

INSTANCE = "ml.m5.large"
SPECIAL = ["<pad>", "<unk>", "<s>", "</s>"]
WORDS = {"one": "eins", "two": "zwei", "red": "rot", "blue": "blau", "cat": "Katze", "dog": "Hund"}
SOURCE = {token: number for number, token in enumerate([*SPECIAL, *WORDS])}
TARGET = {token: number for number, token in enumerate([*SPECIAL, *WORDS.values()])}


def pairs(count: int, seed: int) -> list[tuple[list[str], list[str]]]:
    """Return sentences and their translations."""
    chance = random.Random(seed)  # noqa: S311 - nothing is secret here
    found = []
    for _ in range(count):
        words = chance.choices(list(WORDS), k=chance.randint(2, 4))
        other = [WORDS[word] for word in words]
        found.append((words, [other[1], other[0], *other[2:]]))
    return found


def records(found: list[tuple[list[str], list[str]]]) -> bytes:
    """Return pairs in the form that seq2seq learns from."""
    stream = io.BytesIO()
    for source, target in found:
        record = Record()
        record.features["source"].int32_tensor.values.extend(SOURCE[word] for word in source)
        record.features["target"].int32_tensor.values.extend(TARGET[word] for word in target)
        _write_recordio(stream, record.SerializeToString())
    return stream.getvalue()


def main() -> None:
    """Train and host the model, compare, clean up."""
    session = sagemaker.Session()
    folder = Path(tempfile.mkdtemp())
    contents = {
        "train/train.rec": records(pairs(400, seed=0)),
        "validation/val.rec": records(pairs(60, seed=1)),
        "vocab/vocab.src.json": json.dumps(SOURCE).encode(),
        "vocab/vocab.trg.json": json.dumps(TARGET).encode(),
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    inputs = {
        name: TrainingInput(session.upload_data(str(folder / name), key_prefix=f"translate/{name}"))
        for name in ("train", "validation", "vocab")
    }
    given = {
        "rnn_num_hidden": 32,
        "num_embed_source": 16,
        "num_embed_target": 16,
        "learning_rate": 0.015,
        "batch_size": 32,
        "checkpoint_frequency_num_batches": 50,
        "max_num_epochs": 12,
        "max_seq_len_target": 8,
        "bleu_sample_size": 20,
    }
    image = sagemaker.image_uris.retrieve("seq2seq", session.boto_region_name)
    estimator = Estimator(
        image, "ClaryExecutionRole", 1, INSTANCE, sagemaker_session=session, hyperparameters=given
    )
    estimator.fit(inputs)

    predictor = estimator.deploy(
        1, INSTANCE, wait=False, serializer=JSONSerializer(), deserializer=JSONDeserializer()
    )
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    fresh = pairs(50, seed=2)
    instances = [{"data": " ".join(source)} for source, _ in fresh]
    answers = predictor.predict({"instances": instances, "configuration": {"attention_matrix": "true"}})
    predictor.delete_model()
    predictor.delete_endpoint()
    told = [answer["target"] for answer in answers["predictions"]]
    right = sum(one == " ".join(target) for one, (_, target) in zip(told, fresh, strict=True))
    print(f"{instances[0]['data']} -> {told[0]}")
    for word, weights in zip(told[0].split(), answers["predictions"][0]["matrix"], strict=True):
        print(f"{word:8}", *(f"{weight:.2f}" for weight in weights))
    print(f"right {right / len(fresh):.3f} of {len(fresh)} sentences")


if __name__ == "__main__":
    main()
