"""The one error a job may lay at the user's door."""


class ClientError(Exception):
    """A mistake in what the user gave: data, a hyperparameter, a request.

    The message names the cause and the remedy. A training job writes it to ``output/failure`` behind the
    word ``ClientError:``; a model server answers it with ``status``, 400 unless the kind of mistake has a
    status of its own (415 for a content type, 406 for a response type).
    """

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class StoppedError(Exception):
    """The platform asked a training job to stop before there was a model to keep."""
