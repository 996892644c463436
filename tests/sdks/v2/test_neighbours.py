"""The SDK's classes of k-NN and k-means: records up, answers as records and with their neighbours."""

import numpy as np
import sagemaker
from sagemaker import KNN, KMeans, KMeansModel
from sagemaker.deserializers import JSONDeserializer

from tests.sdks.conftest import INSTANCE, ROLE, Table, accuracy
from tests.sdks.v2.conftest import serving


def test_neighbours_tell_tumours_and_are_told(session: sagemaker.Session, tumours: Table) -> None:
    train = tumours.train.astype(np.float32)
    knn = KNN(
        role=ROLE,
        instance_count=1,
        instance_type=INSTANCE,
        k=5,
        sample_size=len(train),
        predictor_type="classifier",
        sagemaker_session=session,
    )
    knn.fit(knn.record_set(train[:, 1:], labels=train[:, 0]), logs=False)
    features = tumours.features.astype(np.float32)
    with serving(session, knn.deploy(1, INSTANCE, wait=False)) as predictor:
        records = predictor.predict(features)
        labels = [record.label["predicted_label"].float32_tensor.values[0] for record in records]
        assert accuracy(labels, tumours) > 0.9
        predictor.deserializer = JSONDeserializer(accept="application/json; verbose=true")
        (answer,) = predictor.predict(features[:1])["predictions"]
    assert answer["predicted_label"] == labels[0]
    assert len(answer["labels"]) == 5
    assert answer["distances"] == sorted(answer["distances"])


def test_clusters_are_found_on_two_hosts_and_hosted_later(session: sagemaker.Session, houses: Table) -> None:
    rows = houses.train[:, 1:].astype(np.float32)
    kmeans = KMeans(
        role=ROLE,
        instance_count=2,
        instance_type=INSTANCE,
        k=4,
        init_method="kmeans++",
        sagemaker_session=session,
    )
    kmeans.fit(kmeans.record_set(rows), mini_batch_size=200, logs=False)
    model = KMeansModel(kmeans.model_data, ROLE, sagemaker_session=session)
    with serving(session, model.deploy(1, INSTANCE, wait=False)) as predictor:
        records = predictor.predict(rows[:200])
    clusters = [record.label["closest_cluster"].float32_tensor.values[0] for record in records]
    assert set(clusters) == {0, 1, 2, 3}
