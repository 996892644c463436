"""Text classification: tell what short messages are about.

Makes up messages of three topics, trains ``text-classification``, hosts the model and asks it about others.
SageMaker Python SDK v2.

    eval "$(clary env)"
    python examples/message_topics.py
"""

import csv
import tempfile
from pathlib import Path

import numpy as np
import sagemaker
from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.serializers import IdentitySerializer

INSTANCE = "ml.m5.large"
TOPICS = {
    "sport": ["goal", "match", "team", "coach", "season", "player", "referee", "win"],
    "weather": ["rain", "sun", "cloud", "storm", "forecast", "snow", "humid", "cold"],
    "money": ["bank", "price", "market", "stock", "trade", "profit", "loan", "win"],
}
FILLER = ["the", "a", "of", "and", "to", "in", "was", "is", "it", "for", "on", "with", "they", "said"]


def main() -> None:
    """Write, upload, train, host, ask, clean up."""
    session = sagemaker.Session()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(messages(300, seed=0))
        data = session.upload_data(str(path), key_prefix="message-topics")

    estimator = Estimator(
        "text-classification:1",
        role="ClaryExecutionRole",
        instance_count=1,
        instance_type=INSTANCE,
        base_job_name="message-topics",
        sagemaker_session=session,
        hyperparameters={"epochs": 8, "learning_rate": 0.005},
    )
    estimator.fit({"training": data})

    predictor = estimator.deploy(
        1,
        INSTANCE,
        serializer=IdentitySerializer("application/x-text"),
        deserializer=JSONDeserializer("application/json;verbose"),
        wait=False,
    )
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    asked = messages(60, seed=1)
    right = np.mean([predictor.predict(text)["predicted_label"] == label for label, text in asked])
    print(f"Told right: {right:.2f} of {len(asked)} messages")

    predictor.delete_model()
    predictor.delete_endpoint()


def messages(count: int, seed: int) -> list[tuple[str, str]]:
    """Return topics and messages of which few words tell the topic."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        topic = list(TOPICS)[number % len(TOPICS)]
        words = [*random.choice(FILLER, 10), *random.choice(TOPICS[topic], 3)]
        random.shuffle(words)
        rows.append((topic, " ".join(words)))
    return rows


if __name__ == "__main__":
    main()
