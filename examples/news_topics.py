"""The classic tutorial of text: classify sentences, and see which words are alike, by BlazingText.

Makes up short messages on four subjects, trains a classifier on them and vectors of their words, hosts both,
and asks them. SageMaker Python SDK v2, the generic ``Estimator``.

    eval "$(clary env)"
    python examples/news_topics.py
"""

import random
import tempfile
from pathlib import Path

import numpy as np
import sagemaker
from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import JSONSerializer

INSTANCE = "ml.m5.large"
SUBJECTS = {
    "sports": "match team goal season coach player score cup league striker",
    "markets": "shares bank profit rates trade index euro debt bonds investors",
    "science": "cells planet physics study telescope genome particle theory orbit lab",
    "weather": "storm rain wind clouds snow sunny degrees front flood thunder",
}
FILLERS = ["the", "a", "of", "and", "to", "in", "was", "on", "for", "with", "today", "after"]


def sentences(count: int, seed: int) -> list[tuple[str, str]]:
    """Return subjects and sentences about them."""
    chance = random.Random(seed)  # noqa: S311 - nothing is secret here
    made = []
    for _ in range(count):
        subject = chance.choice(sorted(SUBJECTS))
        words = chance.choices(SUBJECTS[subject].split(), k=6) + chance.choices(FILLERS, k=6)
        chance.shuffle(words)
        made.append((subject, " ".join(words)))
    return made


def main() -> None:
    """Train and host a classifier, then vectors; evaluate, clean up."""
    session = sagemaker.Session()
    folder = Path(tempfile.mkdtemp())
    labelled = [f"__label__{subject} {text}" for subject, text in sentences(1200, seed=0)]
    (folder / "train.txt").write_text("\n".join(labelled[:1000]))
    (folder / "validation.txt").write_text("\n".join(labelled[1000:]))
    (folder / "plain.txt").write_text("\n".join(text for _, text in sentences(3000, seed=1)))
    inputs = {
        name: TrainingInput(
            session.upload_data(str(folder / f"{name}.txt"), key_prefix=f"news/{name}"),
            content_type="text/plain",
        )
        for name in ("train", "validation", "plain")
    }

    given = {"mode": "supervised", "vector_dim": 10, "buckets": 10_000, "learning_rate": 0.2}
    classifier = fitted(session, given, {name: inputs[name] for name in ("train", "validation")})
    fresh = sentences(100, seed=2)
    answers = asked(session, classifier, {"instances": [text for _, text in fresh]})
    right = [
        answer["label"] == [f"__label__{subject}"]
        for answer, (subject, _) in zip(answers, fresh, strict=True)
    ]
    print(f"accuracy {np.mean(right):.3f} on {len(fresh)} sentences")

    given = {"mode": "batch_skipgram", "vector_dim": 20, "epochs": 10, "sampling_threshold": 0.01}
    words = " ".join(SUBJECTS.values()).split()
    answers = asked(session, fitted(session, given, {"train": inputs["plain"]}), {"instances": words})
    vectors = np.array([answer["vector"] for answer in answers])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    alike = vectors @ vectors.T - 2 * np.eye(len(words))
    nearest = alike.argmax(axis=1)
    print(f"nearest to {words[0]}: {words[nearest[0]]}; to {words[35]}: {words[nearest[35]]}")
    own = np.mean(np.arange(len(words)) // 10 == nearest // 10)
    print(f"neighbours on the same subject {own:.3f}")


def fitted(session: sagemaker.Session, given: dict, inputs: dict) -> Estimator:
    """Return the estimator that has run a job with the image of BlazingText."""
    image = sagemaker.image_uris.retrieve("blazingtext", session.boto_region_name)
    estimator = Estimator(
        image, "ClaryExecutionRole", 1, INSTANCE, sagemaker_session=session, hyperparameters=given
    )
    estimator.fit(inputs)
    return estimator


def asked(session: sagemaker.Session, estimator: Estimator, document: dict) -> list:
    """Host a model for as long as it takes to answer."""
    predictor = estimator.deploy(
        1, INSTANCE, wait=False, serializer=JSONSerializer(), deserializer=JSONDeserializer()
    )
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    answers = predictor.predict(document)
    predictor.delete_model()
    predictor.delete_endpoint()
    return answers


if __name__ == "__main__":
    main()
