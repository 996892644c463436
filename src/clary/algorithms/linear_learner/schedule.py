"""How the learning rate decays."""

from dataclasses import dataclass

from clary.algorithms.linear_learner.params import LinearLearnerParams

_FACTOR = 0.99
_LEAST = 1e-5
_DECAYS = 300  # over a whole run: the rate ends at a twentieth of where it began


@dataclass(frozen=True, slots=True)
class Schedule:
    """The rate is multiplied by ``factor`` every ``step`` steps until it is ``least``."""

    step: int
    factor: float
    least: float

    @classmethod
    def planned(cls, params: LinearLearnerParams, steps: int) -> "Schedule":
        """Return the schedule of a run of ``steps`` steps; ``auto`` fits the decay to the run's length."""
        if not params.use_lr_scheduler:
            return cls(steps + 1, 1.0, 0.0)
        step = params.lr_scheduler_step or max(1, round(steps / _DECAYS))
        factor = params.lr_scheduler_factor
        if factor is None:
            # A short run has fewer steps than decays, so each decays more.
            factor = _FACTOR ** max(1.0, _DECAYS * step / steps)
        least = _LEAST if params.lr_scheduler_minimum_lr is None else params.lr_scheduler_minimum_lr
        return cls(step, factor, least)

    def multiplier(self, step: int) -> float:
        """Return what the initial rate is multiplied by at ``step``, before ``least`` is applied."""
        return float(self.factor ** (step // self.step))
