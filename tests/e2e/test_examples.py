"""The examples run as they are, against a server started by ``clary up``; so does SDK v2's live log."""

import re

from tests.e2e.conftest import Server


def run(server: Server, name: str) -> str:
    """Return what an example prints."""
    done = server.python(f"examples/{name}")
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def test_breast_cancer(server: Server) -> None:
    stdout = run(server, "breast_cancer.py")
    accuracy = re.search(r"accuracy (\S+) on 114 rows", stdout)
    assert accuracy, stdout
    assert float(accuracy.group(1)) > 0.93
    assert "#quality_metric: host=algo-1" in stdout, "fit() shows the job's log"
    assert "confusion matrix" in stdout


def test_housing(server: Server) -> None:
    stdout = run(server, "housing.py")
    ours = re.search(r"RMSE of linear-learner\s+(\S+)", stdout)
    best = re.search(r"RMSE of ordinary least squares\s+(\S+)", stdout)
    assert ours, stdout
    assert best, stdout
    assert float(ours.group(1)) < 1.03 * float(best.group(1))


def test_film_ratings(server: Server) -> None:
    stdout = run(server, "film_ratings.py")
    ours, mean = re.findall(r"RMSE (\S+?),? ", stdout)
    assert float(ours) < 1.15 * 0.4
    assert float(mean) > 1
    assert re.search(r"user 0 should see films \d+, \d+, \d+", stdout)
    assert "test rmse <loss>=" in stdout, "fit() shows the job's log"


def test_churn(server: Server) -> None:
    stdout = run(server, "churn.py")
    scores = dict(re.findall(r"AUC of (\w+)\s+(\S+) on 500 customers", stdout))
    assert scores.keys() == {"lightgbm", "catboost"}, stdout
    assert all(float(score) > 0.72 for score in scores.values()), scores
    assert "valid_0's auc: " in stdout, "fit() shows the job's log"
    assert "bestTest = " in stdout


def test_wine(server: Server) -> None:
    stdout = run(server, "wine.py")
    scores = dict(re.findall(r"accuracy of (\S+)\s+(\S+) on 45 wines", stdout))
    assert scores.keys() == {"clary-svm", "clary-naive-bayes", "clary-random-forest"}, stdout
    assert all(float(score) > 0.9 for score in scores.values()), scores
    assert "the artifact answers as the endpoint does: True" in stdout


def test_taxi_anomalies(server: Server) -> None:
    stdout = run(server, "taxi_anomalies.py")
    assert "missed: none" in stdout, stdout
    found = re.search(r"unusual days: (.*)", stdout)
    assert found, stdout
    assert len(found.group(1).split(", ")) < 12, "few days but the planted ones are unusual"
    assert "ForestInfo{num_trees: 50" in stdout, "fit() shows the job's log"


def test_seen_topics(server: Server) -> None:
    stdout = run(server, "seen_topics.py")
    distances = re.findall(r"topic \d, at a distance of (\S+)", stdout)
    assert len(distances) == 5, stdout
    assert max(map(float, distances)) < 0.2
    error = re.search(r"mean error of a share: (\S+)", stdout)
    assert error, stdout
    assert float(error.group(1)) < 0.03
    assert "test pwll <score>=" in stdout, "fit() shows the job's log"


def test_digit_clusters(server: Server) -> None:
    stdout = run(server, "digit_clusters.py")
    share = re.search(r"12 components hold (\S+) of the variance", stdout)
    purity = re.search(r"purity (\S+)", stdout)
    assert share, stdout
    assert purity, stdout
    assert 0.75 < float(share.group(1)) < 0.85
    assert float(purity.group(1)) > 0.7
    assert "test ssd <loss>=" in stdout, "fit() shows the job's log"


def test_registered_algorithm(server: Server) -> None:
    stdout = run(server, "registered_algorithm.py")
    assert re.search(r"clusters (0 and 1|1 and 0)", stdout), stdout
    assert "'21' is not a valid value of hyperparameter 'k': give an integer between 2 and 20" in stdout


def test_digit_neighbours(server: Server) -> None:
    stdout = run(server, "digit_neighbours.py")
    accuracies = re.findall(r"accuracy .* (\S+)", stdout)
    assert len(accuracies) == 2, stdout
    assert float(accuracies[0]) == float(accuracies[1]) > 0.97
    assert re.search(r"a \d is told by \[(\d\.0, ){4}\d\.0\] at ", stdout), stdout


def test_news_topics(server: Server) -> None:
    stdout = run(server, "news_topics.py")
    accuracy = re.search(r"accuracy (\S+) on 100 sentences", stdout)
    own = re.search(r"same subject (\S+)", stdout)
    assert accuracy, stdout
    assert own, stdout
    assert float(accuracy.group(1)) > 0.95
    assert float(own.group(1)) > 0.9
    assert "#validation_accuracy: " in stdout, "fit() shows the job's log"


def test_forecast_demand(server: Server) -> None:
    stdout = run(server, "forecast_demand.py")
    ours = re.search(r"Loss of DeepAR\s+(\S+)", stdout)
    before = re.search(r"Loss of the day before\s+(\S+)", stdout)
    inside = re.search(r"lie (\S+) of the points", stdout)
    assert ours, stdout
    assert before, stdout
    assert inside, stdout
    assert float(ours.group(1)) < float(before.group(1))
    assert 0.6 < float(inside.group(1)) < 0.97
    assert "#test_score (algo-1, mean_wQuantileLoss)" in stdout


def test_xgboost_tumours(server: Server) -> None:
    stdout = run(server, "xgboost_tumours.py")
    reached = re.findall(r"(?:algorithm|own): AUC (\S+)", stdout)
    assert len(reached) == 2, stdout
    assert min(map(float, reached)) > 0.98
    assert re.search(r"^validation:auc 0\.9\d", stdout, re.MULTILINE), "of metrics between TABs"
    assert "[0]#011train-auc:" in stdout, "fit() shows the job's log"


def test_document_topics(server: Server) -> None:
    stdout = run(server, "document_topics.py")
    purity = re.search(r"purity (\S+)", stdout)
    assert purity, stdout
    assert float(purity.group(1)) > 0.85
    assert re.search(r"Topics from epoch:final \(num_topics:4\) \[tu \S+\]:", stdout), stdout


def test_digit_images(server: Server) -> None:
    stdout = run(server, "digit_images.py")
    right = re.search(r"([\d.]+) of 100 digits are told right", stdout)
    assert right, stdout
    assert float(right.group(1)) > 0.8
    assert "Validation-accuracy=" in stdout


def test_suspicious_logins(server: Server) -> None:
    stdout = run(server, "suspicious_logins.py")
    scores = re.search(r"own networks (\S+), networks of others (\S+)", stdout)
    assert scores, stdout
    assert float(scores.group(1)) > 0 > float(scores.group(2))


def test_message_topics(server: Server) -> None:
    stdout = run(server, "message_topics.py")
    right = re.search(r"Told right: (\S+) of 60 messages", stdout)
    assert right, stdout
    assert float(right.group(1)) > 0.85
    assert "val_accuracy=" in stdout


def test_users_and_films(server: Server) -> None:
    stdout = run(server, "users_and_films.py")
    error = re.search(r"RMSE (\S+) on 300 ratings, of (\S+) by their mean", stdout)
    genre = re.search(r"same genre (\S+)", stdout)
    assert error, stdout
    assert genre, stdout
    assert float(error.group(1)) < 0.5 * float(error.group(2))
    assert float(genre.group(1)) > 0.9
    assert "validation mean_squared_error <loss>=" in stdout, "fit() shows the job's log"


def test_translate(server: Server) -> None:
    stdout = run(server, "translate.py")
    right = re.search(r"right (\S+) of 50 sentences", stdout)
    assert right, stdout
    assert float(right.group(1)) > 0.8
    assert "validation bleu <score>=" in stdout, "fit() shows the job's log"


def test_shapes(server: Server) -> None:
    stdout = run(server, "shapes.py")
    found = re.search(r"boxes overlap by (\S+), (\S+) of the pixels are told right", stdout)
    assert found, stdout
    assert float(found.group(1)) > 0.6
    assert float(found.group(2)) > 0.85
