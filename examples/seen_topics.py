"""The classic introduction to topic models: topics that can be seen.

The vocabulary is the twenty-five places of a square, and each topic is one of its rows (Griffiths and
Steyvers, "Finding scientific topics", 2004). Documents draw their words from mixtures of topics; from the
words alone latent Dirichlet allocation finds the rows again, and tells what a new document is made of.
SageMaker Python SDK v2.

    eval "$(clary env)"
    python examples/seen_topics.py
"""

import tarfile
import tempfile
from pathlib import Path

import boto3
import numpy as np
import sagemaker
from sagemaker import LDA

from clary.toolkit import ndarray

INSTANCE = "ml.m5.large"
SIDE, TOPICS, DOCUMENTS, LENGTH = 5, 5, 3000, 150


def main() -> None:
    """Train, show the topics, host, tell what fresh documents are made of, clean up."""
    documents, mixtures = made()
    train, fresh = documents[:-100], documents[-100:]
    session = sagemaker.Session()
    lda = LDA(
        role="ClaryExecutionRole",
        instance_type=INSTANCE,
        num_topics=TOPICS,
        alpha0=1.0,
        base_job_name="seen-topics",
        sagemaker_session=session,
    )
    records = [lda.record_set(train), lda.record_set(fresh, channel="test")]
    lda.fit(records, mini_batch_size=len(train))

    found = topics_of(lda.model_data)
    distances = np.abs(squares()[:, None] - found[None]).sum(axis=2)
    order = distances.argmin(axis=1)
    for number, topic in enumerate(found[order]):
        print(f"topic {number}, at a distance of {distances[number].min():.3f}")
        for row in topic.reshape(SIDE, SIDE):
            print("   ", " ".join("#" if chance > 0.1 else "." for chance in row))

    predictor = lda.deploy(1, INSTANCE, wait=False)
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    answers = predictor.predict(fresh)
    predictor.delete_model()
    predictor.delete_endpoint()
    told = np.array([answer.label["topic_mixture"].float32_tensor.values for answer in answers])[:, order]
    print(f"the first document: {told[0].round(2)}, drawn from {mixtures[-100].round(2)}")
    print(f"mean error of a share: {np.abs(told - mixtures[-100:]).mean():.3f}")


def squares() -> np.ndarray:
    """Return the topics: in each, all words of one row of the square are equally likely."""
    words = np.zeros((TOPICS, SIDE, SIDE))
    for number in range(TOPICS):
        words[number, number] = 1 / SIDE
    return words.reshape(TOPICS, -1)


def made() -> tuple[np.ndarray, np.ndarray]:
    """Return counts of words in documents, and the mixtures of topics that these are drawn from."""
    random, topics = np.random.default_rng(0), squares()
    mixtures = random.dirichlet(np.full(TOPICS, 1 / TOPICS), DOCUMENTS)
    counts = [random.multinomial(LENGTH, mixture @ topics) for mixture in mixtures]
    return np.array(counts, np.float32), mixtures


def topics_of(model_data: str) -> np.ndarray:
    """Return the chances of words in each topic, from the model that a job has left in S3."""
    bucket, _, key = model_data.removeprefix("s3://").partition("/")
    with tempfile.TemporaryDirectory() as name:
        archive = Path(name) / "model.tar.gz"
        boto3.client("s3").download_file(bucket, key, str(archive))
        with tarfile.open(archive) as files:
            files.extractall(name, filter="data")
        _alpha, beta = ndarray.read(Path(name) / "model_algo-1").values()
        return beta.copy()


if __name__ == "__main__":
    main()
