"""The classic tutorial of recommending by embeddings: users and films become vectors by Object2Vec.

Makes up ratings by users who each love one of four genres, learns to tell ratings, hosts the model, and asks
it for ratings that it has not seen and for the vectors of films. SageMaker Python SDK v2, the generic
``Estimator``.

    eval "$(clary env)"
    python examples/users_and_films.py
"""

import json
import tempfile
from pathlib import Path

import numpy as np
import sagemaker
from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import JSONSerializer

INSTANCE = "ml.m5.large"
USERS, FILMS, GENRES = 60, 40, 4


def main() -> None:
    """Train and host the model, compare, clean up."""
    random = np.random.default_rng(0)
    every = random.permutation([(user, film) for user in range(USERS) for film in range(FILMS)])
    labels = np.where(every[:, 0] % GENRES == every[:, 1] % GENRES, 4.5, 2.0)
    labels += random.normal(0, 0.3, len(labels))
    entries = [
        {"in0": [int(user)], "in1": [int(film)], "label": round(float(label), 2)}
        for (user, film), label in zip(every, labels, strict=True)
    ]
    session = sagemaker.Session()
    folder = Path(tempfile.mkdtemp())
    inputs = {}
    for name, part in (("train", entries[:1800]), ("validation", entries[1800:2100])):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, part)))
        uri = session.upload_data(str(folder / f"{name}.jsonl"), key_prefix=f"ratings/{name}")
        inputs[name] = TrainingInput(uri, content_type="application/jsonlines")

    given = {
        "enc0_network": "pooled_embedding",
        "enc0_max_seq_len": 1,
        "enc0_vocab_size": USERS,
        "enc0_token_embedding_dim": 8,
        "enc1_network": "pooled_embedding",
        "enc1_max_seq_len": 1,
        "enc1_vocab_size": FILMS,
        "enc1_token_embedding_dim": 8,
        "enc_dim": 16,
        "mlp_dim": 16,
        "mlp_activation": "relu",
        "output_layer": "mean_squared_error",
        "learning_rate": 0.01,
        "epochs": 15,
    }
    image = sagemaker.image_uris.retrieve("object2vec", session.boto_region_name)
    estimator = Estimator(
        image, "ClaryExecutionRole", 1, INSTANCE, sagemaker_session=session, hyperparameters=given
    )
    estimator.fit(inputs)

    predictor = estimator.deploy(
        1, INSTANCE, wait=False, serializer=JSONSerializer(), deserializer=JSONDeserializer()
    )
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    pairs = [{"in0": entry["in0"], "in1": entry["in1"]} for entry in entries[2100:]]
    scores = [answer["scores"][0] for answer in predictor.predict({"instances": pairs})["predictions"]]
    error = np.sqrt(np.mean((np.array(scores) - labels[2100:]) ** 2))
    print(f"RMSE {error:.3f} on {len(scores)} ratings, of {labels[2100:].std():.3f} by their mean")

    films = predictor.predict({"instances": [{"in1": [film]} for film in range(FILMS)]})["predictions"]
    vectors = np.array([answer["embeddings"] for answer in films])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    nearest = (vectors @ vectors.T - 2 * np.eye(FILMS)).argmax(axis=1)
    print(f"nearest film of the same genre {np.mean(nearest % GENRES == np.arange(FILMS) % GENRES):.3f}")
    predictor.delete_model()
    predictor.delete_endpoint()


if __name__ == "__main__":
    main()
