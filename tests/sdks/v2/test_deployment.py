"""What SDK v2 does with endpoints beside predicting: from artifacts, of another size, taken away."""

import pytest
import sagemaker
from botocore.exceptions import ClientError
from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.model import Model
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer

from tests.sdks.conftest import INSTANCE, ROLE, Table, accuracy
from tests.sdks.v2.conftest import serving


def test_a_model_is_deployed_from_its_artifacts_and_given_a_second_instance(
    session: sagemaker.Session, trained: Estimator, tumours: Table
) -> None:
    model = Model(
        image_uri=trained.image_uri,
        model_data=trained.model_data,
        role=ROLE,
        predictor_cls=Predictor,
        sagemaker_session=session,
    )
    deployed = model.deploy(
        1, INSTANCE, serializer=CSVSerializer(), deserializer=JSONDeserializer(), wait=False
    )
    with serving(session, deployed) as predictor:
        predictor.update_endpoint(initial_instance_count=2, instance_type=INSTANCE, wait=False)
        session.wait_for_endpoint(predictor.endpoint_name, poll=1)
        described = session.describe_endpoint(predictor.endpoint_name)
        assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 2
        answers = predictor.predict(tumours.features)["predictions"]
        assert accuracy([answer["predicted_label"] for answer in answers], tumours) > 0.93
    with pytest.raises(ClientError, match="Could not find model"):
        session.describe_model(model.name)
