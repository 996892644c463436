"""The examples run as they are, against a server started by ``clary up``; so does SDK v2's live log."""

import re

from tests.e2e.conftest import Server


def test_breast_cancer(server: Server) -> None:
    done = server.python("examples/breast_cancer.py")
    assert done.returncode == 0, done.stderr
    accuracy = re.search(r"accuracy (\S+) on 114 rows", done.stdout)
    assert accuracy, done.stdout
    assert float(accuracy.group(1)) > 0.93
    assert "#quality_metric: host=algo-1" in done.stdout, "fit() shows the job's log"
    assert "confusion matrix" in done.stdout


def test_housing(server: Server) -> None:
    done = server.python("examples/housing.py")
    assert done.returncode == 0, done.stderr
    ours = re.search(r"RMSE of linear-learner\s+(\S+)", done.stdout)
    best = re.search(r"RMSE of ordinary least squares\s+(\S+)", done.stdout)
    assert ours, done.stdout
    assert best, done.stdout
    assert float(ours.group(1)) < 1.03 * float(best.group(1))


def test_film_ratings(server: Server) -> None:
    done = server.python("examples/film_ratings.py")
    assert done.returncode == 0, done.stderr
    ours, mean = re.findall(r"RMSE (\S+?),? ", done.stdout)
    assert float(ours) < 1.15 * 0.4
    assert float(mean) > 1
    assert re.search(r"user 0 should see films \d+, \d+, \d+", done.stdout)
    assert "test rmse <loss>=" in done.stdout, "fit() shows the job's log"


def test_churn(server: Server) -> None:
    done = server.python("examples/churn.py")
    assert done.returncode == 0, done.stderr
    scores = dict(re.findall(r"AUC of (\w+)\s+(\S+) on 500 customers", done.stdout))
    assert scores.keys() == {"lightgbm", "catboost"}, done.stdout
    assert all(float(score) > 0.72 for score in scores.values()), scores
    assert "valid_0's auc: " in done.stdout, "fit() shows the job's log"
    assert "bestTest = " in done.stdout


def test_wine(server: Server) -> None:
    done = server.python("examples/wine.py")
    assert done.returncode == 0, done.stderr
    scores = dict(re.findall(r"accuracy of (\S+)\s+(\S+) on 45 wines", done.stdout))
    assert scores.keys() == {"clary-svm", "clary-naive-bayes", "clary-random-forest"}, done.stdout
    assert all(float(score) > 0.9 for score in scores.values()), scores
    assert "the artifact answers as the endpoint does: True" in done.stdout


def test_taxi_anomalies(server: Server) -> None:
    done = server.python("examples/taxi_anomalies.py")
    assert done.returncode == 0, done.stderr
    assert "missed: none" in done.stdout, done.stdout
    found = re.search(r"unusual days: (.*)", done.stdout)
    assert found, done.stdout
    assert len(found.group(1).split(", ")) < 12, "few days but the planted ones are unusual"
    assert "ForestInfo{num_trees: 50" in done.stdout, "fit() shows the job's log"


def test_seen_topics(server: Server) -> None:
    done = server.python("examples/seen_topics.py")
    assert done.returncode == 0, done.stderr
    distances = re.findall(r"topic \d, at a distance of (\S+)", done.stdout)
    assert len(distances) == 5, done.stdout
    assert max(map(float, distances)) < 0.2
    error = re.search(r"mean error of a share: (\S+)", done.stdout)
    assert error, done.stdout
    assert float(error.group(1)) < 0.03
    assert "test pwll <score>=" in done.stdout, "fit() shows the job's log"


def test_digit_clusters(server: Server) -> None:
    done = server.python("examples/digit_clusters.py")
    assert done.returncode == 0, done.stderr
    share = re.search(r"12 components hold (\S+) of the variance", done.stdout)
    purity = re.search(r"purity (\S+)", done.stdout)
    assert share, done.stdout
    assert purity, done.stdout
    assert 0.75 < float(share.group(1)) < 0.85
    assert float(purity.group(1)) > 0.7
    assert "test ssd <loss>=" in done.stdout, "fit() shows the job's log"


def test_registered_algorithm(server: Server) -> None:
    done = server.python("examples/registered_algorithm.py")
    assert done.returncode == 0, done.stderr
    assert re.search(r"clusters (0 and 1|1 and 0)", done.stdout), done.stdout
    assert "'21' is not a valid value of hyperparameter 'k': give an integer between 2 and 20" in done.stdout


def test_digit_neighbours(server: Server) -> None:
    done = server.python("examples/digit_neighbours.py")
    assert done.returncode == 0, done.stderr
    accuracies = re.findall(r"accuracy .* (\S+)", done.stdout)
    assert len(accuracies) == 2, done.stdout
    assert float(accuracies[0]) == float(accuracies[1]) > 0.97
    assert re.search(r"a \d is told by \[(\d\.0, ){4}\d\.0\] at ", done.stdout), done.stdout


def test_news_topics(server: Server) -> None:
    done = server.python("examples/news_topics.py")
    assert done.returncode == 0, done.stderr
    accuracy = re.search(r"accuracy (\S+) on 100 sentences", done.stdout)
    own = re.search(r"same subject (\S+)", done.stdout)
    assert accuracy, done.stdout
    assert own, done.stdout
    assert float(accuracy.group(1)) > 0.95
    assert float(own.group(1)) > 0.9
    assert "#validation_accuracy: " in done.stdout, "fit() shows the job's log"


def test_forecast_demand(server: Server) -> None:
    done = server.python("examples/forecast_demand.py")
    assert done.returncode == 0, done.stderr
    ours = re.search(r"Loss of DeepAR\s+(\S+)", done.stdout)
    before = re.search(r"Loss of the day before\s+(\S+)", done.stdout)
    inside = re.search(r"lie (\S+) of the points", done.stdout)
    assert ours, done.stdout
    assert before, done.stdout
    assert inside, done.stdout
    assert float(ours.group(1)) < float(before.group(1))
    assert 0.6 < float(inside.group(1)) < 0.97
    assert "#test_score (algo-1, mean_wQuantileLoss)" in done.stdout


def test_xgboost_tumours(server: Server) -> None:
    done = server.python("examples/xgboost_tumours.py")
    assert done.returncode == 0, done.stderr
    reached = re.findall(r"(?:algorithm|own): AUC (\S+)", done.stdout)
    assert len(reached) == 2, done.stdout
    assert min(map(float, reached)) > 0.98
    assert re.search(r"^validation:auc 0\.9\d", done.stdout, re.MULTILINE), "of metrics between TABs"
    assert "[0]#011train-auc:" in done.stdout, "fit() shows the job's log"


def test_document_topics(server: Server) -> None:
    done = server.python("examples/document_topics.py")
    assert done.returncode == 0, done.stderr
    purity = re.search(r"purity (\S+)", done.stdout)
    assert purity, done.stdout
    assert float(purity.group(1)) > 0.85
    assert re.search(r"Topics from epoch:final \(num_topics:4\) \[tu \S+\]:", done.stdout), done.stdout


def test_digit_images(server: Server) -> None:
    done = server.python("examples/digit_images.py")
    assert done.returncode == 0, done.stderr
    right = re.search(r"([\d.]+) of 100 digits are told right", done.stdout)
    assert right, done.stdout
    assert float(right.group(1)) > 0.8
    assert "Validation-accuracy=" in done.stdout


def test_suspicious_logins(server: Server) -> None:
    done = server.python("examples/suspicious_logins.py")
    assert done.returncode == 0, done.stderr
    scores = re.search(r"own networks (\S+), networks of others (\S+)", done.stdout)
    assert scores, done.stdout
    assert float(scores.group(1)) > 0 > float(scores.group(2))


def test_message_topics(server: Server) -> None:
    done = server.python("examples/message_topics.py")
    assert done.returncode == 0, done.stderr
    right = re.search(r"Told right: (\S+) of 60 messages", done.stdout)
    assert right, done.stdout
    assert float(right.group(1)) > 0.85
    assert "val_accuracy=" in done.stdout


def test_users_and_films(server: Server) -> None:
    done = server.python("examples/users_and_films.py")
    assert done.returncode == 0, done.stderr
    error = re.search(r"RMSE (\S+) on 300 ratings, of (\S+) by their mean", done.stdout)
    genre = re.search(r"same genre (\S+)", done.stdout)
    assert error, done.stdout
    assert genre, done.stdout
    assert float(error.group(1)) < 0.5 * float(error.group(2))
    assert float(genre.group(1)) > 0.9
    assert "validation mean_squared_error <loss>=" in done.stdout, "fit() shows the job's log"


def test_translate(server: Server) -> None:
    done = server.python("examples/translate.py")
    assert done.returncode == 0, done.stderr
    right = re.search(r"right (\S+) of 50 sentences", done.stdout)
    assert right, done.stdout
    assert float(right.group(1)) > 0.8
    assert "validation bleu <score>=" in done.stdout, "fit() shows the job's log"


def test_shapes(server: Server) -> None:
    done = server.python("examples/shapes.py")
    assert done.returncode == 0, done.stderr
    found = re.search(r"boxes overlap by (\S+), (\S+) of the pixels are told right", done.stdout)
    assert found, done.stdout
    assert float(found.group(1)) > 0.6
    assert float(found.group(2)) > 0.85
