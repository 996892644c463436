"""The classic tutorial of segmentation: fewer dimensions by PCA, then clusters by k-means.

Projects handwritten digits of 64 pixels on their principal components by a hosted model, finds ten clusters
in the projections, and tells which digits they hold; neither algorithm has seen the labels. SageMaker Python
SDK v2.

    eval "$(clary env)"
    python examples/digit_clusters.py
"""

import numpy as np
import sagemaker
from sagemaker import PCA, KMeans
from sklearn.datasets import load_digits

INSTANCE = "ml.m5.large"
COMPONENTS, CLUSTERS = 12, 10


def main() -> None:
    """Train and host PCA, project, train and host k-means, evaluate, clean up."""
    images, labels = load_digits(return_X_y=True)
    images = images.astype(np.float32)
    session = sagemaker.Session()
    settings = {
        "role": "ClaryExecutionRole",
        "instance_count": 1,
        "instance_type": INSTANCE,
        "sagemaker_session": session,
    }

    pca = PCA(num_components=COMPONENTS, base_job_name="digits-pca", **settings)
    pca.fit(pca.record_set(images), mini_batch_size=500)
    projections = answers(session, pca, images, "projection")
    share = projections.var(axis=0).sum() / images.var(axis=0).sum()
    print(f"{COMPONENTS} components hold {share:.3f} of the variance of {images.shape[1]} pixels")

    kmeans = KMeans(k=CLUSTERS, eval_metrics=["msd", "ssd"], base_job_name="digits-kmeans", **settings)
    train = kmeans.record_set(projections)
    test = kmeans.record_set(projections[:500], channel="test")
    kmeans.fit([train, test], mini_batch_size=500)
    clusters = answers(session, kmeans, projections, "closest_cluster")[:, 0].astype(int)
    counts = np.zeros((CLUSTERS, 10), int)
    np.add.at(counts, (clusters, labels), 1)
    for number, row in enumerate(counts):
        print(f"cluster {number}: {row.sum():4} images, mostly of the digit {row.argmax()}")
    print(f"purity {counts.max(axis=1).sum() / len(labels):.3f}")


def answers(session: sagemaker.Session, estimator: PCA | KMeans, rows: np.ndarray, name: str) -> np.ndarray:
    """Host a model for as long as it takes to answer ``rows``; returns the field ``name`` of each."""
    predictor = estimator.deploy(1, INSTANCE, wait=False)
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    records = predictor.predict(rows)
    predictor.delete_model()
    predictor.delete_endpoint()
    return np.array([record.label[name].float32_tensor.values for record in records], np.float32)


if __name__ == "__main__":
    main()
