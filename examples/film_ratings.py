"""The classic tutorial of recommendation: who will like which film, by a factorization machine.

A row is a user and a film, one feature each, so nearly all values are zero and the rows are sent as sparse
records. The hosted model then tells how a user would rate films that this user has not seen. SageMaker Python
SDK v2.

    eval "$(clary env)"
    python examples/film_ratings.py
"""

import io

import numpy as np
import sagemaker
from sagemaker import FactorizationMachines
from sagemaker.amazon.amazon_estimator import RecordSet
from sagemaker.amazon.common import write_spmatrix_to_sparse_tensor
from scipy.sparse import csr_matrix

INSTANCE = "ml.m5.large"
USERS, FILMS, RATINGS, NOISE = 200, 100, 12_000, 0.4


def main() -> None:
    """Train on sparse records, host, measure and recommend, clean up."""
    users, films, ratings = made()
    rows = one_hot(users, films)
    session = sagemaker.Session()
    machine = FactorizationMachines(
        role="ClaryExecutionRole",
        instance_count=1,
        instance_type=INSTANCE,
        num_factors=4,
        predictor_type="regressor",
        epochs=20,
        linear_lr=0.01,
        factors_lr=0.01,
        factors_init_sigma=0.1,
        base_job_name="film-ratings",
        sagemaker_session=session,
    )
    train = channel(session, "train", rows[:-2000], ratings[:-2000])
    test = channel(session, "test", rows[-2000:], ratings[-2000:])
    machine.fit([train, test], mini_batch_size=100)

    predictor = machine.deploy(1, INSTANCE, wait=False)
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    errors = answers(predictor, rows[-2000:]) - ratings[-2000:]
    print(f"RMSE {np.sqrt(np.mean(errors**2)):.3f}, where the noise in the ratings is {NOISE}")
    print(f"RMSE {ratings.std():.3f} of the mean rating")
    expected = answers(predictor, one_hot(np.zeros(FILMS, int), np.arange(FILMS)))
    expected[films[users == 0]] = -np.inf
    print(f"user 0 should see films {', '.join(map(str, np.argsort(-expected)[:3]))}")
    predictor.delete_model()
    predictor.delete_endpoint()


def made() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return users, films, and ratings around 3 by what a user likes and what a film has of it."""
    random = np.random.default_rng(0)
    tastes, traits = random.normal(0, 0.8, (USERS, 3)), random.normal(0, 0.8, (FILMS, 3))
    users, films = random.integers(0, USERS, RATINGS), random.integers(0, FILMS, RATINGS)
    means = 3 + np.sum(tastes[users] * traits[films], axis=1)
    return users, films, (means + random.normal(0, NOISE, RATINGS)).astype(np.float32)


def one_hot(users: np.ndarray, films: np.ndarray) -> csr_matrix:
    """Return a sparse row for each pair of a user and a film."""
    places = np.column_stack([users, USERS + films]).ravel()
    starts = np.arange(0, 2 * len(users) + 1, 2)
    return csr_matrix((np.ones(len(places), np.float32), places, starts), (len(users), USERS + FILMS))


def channel(session: sagemaker.Session, name: str, rows: csr_matrix, labels: np.ndarray) -> RecordSet:
    """Upload sparse records; returns what the estimator's ``fit`` takes."""
    records = io.BytesIO()
    write_spmatrix_to_sparse_tensor(records, rows, labels)
    place = session.upload_string_as_file_body(
        records.getvalue(), session.default_bucket(), f"film-ratings/{name}/records"
    )
    return RecordSet(
        place, num_records=len(labels), feature_dim=USERS + FILMS, s3_data_type="S3Prefix", channel=name
    )


def answers(predictor: sagemaker.Predictor, rows: csr_matrix) -> np.ndarray:
    """Return the score of each row."""
    records = predictor.predict(rows.toarray())
    return np.array([record.label["score"].float32_tensor.values[0] for record in records])


if __name__ == "__main__":
    main()
