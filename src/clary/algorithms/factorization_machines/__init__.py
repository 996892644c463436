"""Factorization machines: regression and classification by pairs of features, most of which are zero."""

from clary.algorithms.factorization_machines.factorization_machines import FactorizationMachines

__all__ = ["FactorizationMachines"]
