"""Log-ins from addresses that a user is unlikely to use, found with SageMaker's IP Insights.

Makes up log-ins of 500 users from 60 networks, trains on them, and asks a hosted model about log-ins with the
users' own networks and with those of others. SageMaker Python SDK v2.

    eval "$(clary env)"
    python examples/suspicious_logins.py
"""

import ipaddress
import tempfile
from pathlib import Path

import numpy as np
import sagemaker
from sagemaker import IPInsights
from sagemaker.amazon.amazon_estimator import RecordSet

INSTANCE = "ml.m5.large"
USERS, NETWORKS, PAIRS = 500, 60, 20_000


def log_ins(count: int, seed: int) -> list[tuple[str, str]]:
    """Return users and addresses: a user has up to three networks, a network is a range of addresses."""
    world = np.random.default_rng(5)
    lengths = world.integers(14, 23, NETWORKS)
    bases = world.integers(1 << 24, 223 << 24, NETWORKS) >> (32 - lengths) << (32 - lengths)
    homes = world.integers(0, NETWORKS, (USERS, 3))
    random = np.random.default_rng(seed)
    users = random.integers(0, USERS, count)
    networks = homes[users, random.integers(0, 3, count)]
    addresses = bases[networks] + (random.random(count) * 2.0 ** (32 - lengths[networks])).astype(int)
    texts = [str(ipaddress.IPv4Address(int(address))) for address in addresses]
    return [(f"user_{user}", text) for user, text in zip(users, texts, strict=True)]


def main() -> None:
    """Train, host, ask, clean up."""
    session = sagemaker.Session()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log-ins.csv"
        path.write_text("\n".join(map(",".join, log_ins(PAIRS, 0))))
        uri = session.upload_data(str(path), key_prefix="log-ins")
    estimator = IPInsights(
        role="ClaryExecutionRole",
        instance_count=1,
        instance_type=INSTANCE,
        num_entity_vectors=2 * USERS,
        vector_dim=32,
        epochs=5,
        learning_rate=0.01,
        base_job_name="log-ins",
        sagemaker_session=session,
    )
    pairs = RecordSet(uri, PAIRS, feature_dim=None, s3_data_type="S3Prefix")
    estimator.fit(pairs, mini_batch_size=500, logs=False)
    told = session.describe_training_job(estimator.latest_training_job.name)["FinalMetricDataList"]
    found = {metric["MetricName"]: metric["Value"] for metric in told}
    print(f"accuracy in training {found['train:binary_classification_accuracy']:.3f}")

    predictor = estimator.deploy(1, INSTANCE, wait=False)
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    own = log_ins(200, 2)
    strange = [(user, address) for (user, _), (_, address) in zip(own, own[1:] + own[:1], strict=True)]
    scores = [
        [answer["dot_product"] for answer in predictor.predict(rows)["predictions"]]
        for rows in (own, strange)
    ]
    print(f"own networks {np.median(scores[0]):.1f}, networks of others {np.median(scores[1]):.1f}")
    predictor.delete_model()
    predictor.delete_endpoint()


if __name__ == "__main__":
    main()
