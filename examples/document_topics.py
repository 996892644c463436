"""The classic tutorial of topics: find what documents are about by NTM, which sees the counts of words alone.

Makes up reports on four subjects, learns topics from them with their vocabulary beside, hosts the model, and
compares the heaviest topic of each report with its subject. SageMaker Python SDK v2's own class.

    eval "$(clary env)"
    python examples/document_topics.py
"""

import tempfile
from pathlib import Path

import numpy as np
import sagemaker
from sagemaker import NTM
from sagemaker.amazon.amazon_estimator import RecordSet

INSTANCE = "ml.m5.large"
SUBJECTS = (
    "match team goal season coach player score cup league striker",
    "shares bank profit rates trade index euro debt bonds investors",
    "cells planet physics study telescope genome particle theory orbit lab",
    "storm rain wind clouds snow sunny degrees front flood thunder",
)
WORDS = " ".join(SUBJECTS).split()


def reports(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return counts of words, (count, words), and the main subject of each report."""
    random = np.random.default_rng(seed)
    weights = random.dirichlet(np.full(len(SUBJECTS), 0.2), count)
    shares = np.kron(np.eye(len(SUBJECTS)), np.full(10, 0.1))
    counts = np.array([random.multinomial(50, each @ shares) for each in weights], np.float32)
    return counts, weights.argmax(axis=1)


def main() -> None:
    """Train and host the model, compare, clean up."""
    session = sagemaker.Session()
    vocabulary = Path(tempfile.mkdtemp()) / "vocab.txt"
    vocabulary.write_text("\n".join(WORDS))
    auxiliary = session.upload_data(str(vocabulary), key_prefix="topics/auxiliary")

    ntm = NTM(
        "ClaryExecutionRole", 1, INSTANCE, num_topics=len(SUBJECTS), epochs=15, sagemaker_session=session
    )
    train = ntm.record_set(reports(800, seed=0)[0])
    words = RecordSet(auxiliary, 0, 0, s3_data_type="S3Prefix", channel="auxiliary")
    ntm.fit([train, words], mini_batch_size=64)

    predictor = ntm.deploy(1, INSTANCE, wait=False)
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    counts, subjects = reports(300, seed=1)
    records = predictor.predict(counts)
    predictor.delete_model()
    predictor.delete_endpoint()
    found = np.array([np.argmax(record.label["topic_weights"].float32_tensor.values) for record in records])
    table = np.zeros((len(SUBJECTS), len(SUBJECTS)), int)
    np.add.at(table, (found, subjects), 1)
    print(f"purity {table.max(axis=1).sum() / len(subjects):.3f} of {len(subjects)} reports")


if __name__ == "__main__":
    main()
