"""A table's schema tells classes from amounts and checks what does not fit."""

from pathlib import Path

import numpy as np
import pytest

from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.table_schema import TableSchema, check_categories, classes_of


def floats(*values: float) -> Floats:
    return np.array(values, np.float32)


def test_few_whole_numbers_are_classes_unless_told_otherwise() -> None:
    assert classes_of(floats(3, 1, 2), None) == (1, 2, 3)
    assert classes_of(floats(0.5, 1), None) is None
    assert classes_of(np.arange(101, dtype=np.float32), None) is None
    assert len(classes_of(np.arange(101, dtype=np.float32), "classification") or ()) == 101
    assert classes_of(floats(0, 1), "regression") is None


@pytest.mark.parametrize(("labels", "complaint"), [((0.5, 1), "0.5 is no class"), ((1,), "All labels are")])
def test_labels_that_are_no_classes_are_refused(labels: tuple[float, ...], complaint: str) -> None:
    with pytest.raises(ClientError, match=complaint):
        classes_of(floats(*labels), "classification")


def test_classes_are_learnt_as_numbers_from_0() -> None:
    schema = TableSchema(2, classes=(-1, 5, 9))
    np.testing.assert_array_equal(schema.encoded(floats(9, -1, 5), "train"), [2, 0, 1])
    for strange in (7, 10, -2):
        with pytest.raises(ClientError, match=f"'validation' has the label {strange}"):
            schema.encoded(floats(5, strange), "validation")
    np.testing.assert_array_equal(TableSchema(2).encoded(floats(7.5), "train"), [7.5])


def test_a_verbose_answer_names_the_most_likely_class() -> None:
    batch = Batch(np.zeros((2, 2), np.float32))
    scores = np.array([[0.2, 0.8], [0.6, 0.4]])
    schema = TableSchema(2, classes=(4, 7))
    assert schema.predictions(scores, batch).fields.keys() == {"probabilities"}
    verbose = schema.predictions(scores, batch, verbose=True)
    np.testing.assert_array_equal(verbose.fields["predicted_label"], [7, 4])


def test_a_schema_is_what_was_saved(tmp_path: Path) -> None:
    for schema in (TableSchema(3, (0, 2), (1, 2)), TableSchema(1)):
        schema.save(tmp_path)
        assert TableSchema.load(tmp_path) == schema
    (tmp_path / "schema.json").write_text("[]")
    with pytest.raises(ClientError, match=r"schema\.json does not tell"):
        TableSchema.load(tmp_path)


@pytest.mark.parametrize("wrong", [-1.0, 0.5, 2.0**24])
def test_categories_are_whole_numbers(wrong: float) -> None:
    features = np.array([[0.5, 3], [0.5, np.nan], [0.5, wrong]], np.float32)
    check_categories(features, (), "train")
    with pytest.raises(ClientError, match="in column 2, which is categorical"):
        check_categories(features, (1,), "train")
