"""JumpStart: the public bucket in which SDKs find ids of models, scripts that train them, and sample data."""

from clary.services.jumpstart.jumpstart import JumpStart

__all__ = ["JumpStart"]
