"""Who asks first gets the next answer, and keeps it."""

from clary.services.simulation.answers import Answers


def test_answers_are_given_in_turn_and_again_to_who_asks_again() -> None:
    answers = Answers()
    answers.put("queue", [{"n": 1}, {"n": 2}])
    assert answers.take("queue", "ada") == {"n": 1}
    assert answers.take("queue", "bob") == {"n": 2}
    assert answers.take("queue", "ada") == {"n": 1}
    assert answers.take("queue", "eve") is None


def test_queues_do_not_share_what_is_asked() -> None:
    answers = Answers()
    answers.put("one", [{"n": 1}])
    answers.put("other", [{"n": 2}])
    assert answers.take("one", "ada") == {"n": 1}
    assert answers.take("other", "ada") == {"n": 2}


def test_a_clearing_forgets_what_was_said_and_asked() -> None:
    answers = Answers()
    answers.put("queue", [{"n": 1}, {"n": 2}])
    answers.take("queue", "ada")
    answers.clear()
    assert answers.take("queue", "ada") is None
