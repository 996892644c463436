"""How the depth at which a row leaves its tree becomes a score.

A row that is put into a tree displaces what is below the cut that parts it from the rest: the nearer to the
root, the more. Its score is the expectation over all cuts (Guha, Mishra, Roy and Schrijvers, "Robust random
cut forest based anomaly detection on streams", 2016), with the measures that AWS's own open library of random
cut forests takes by default, so that scores are comparable with its scores.
"""

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]


def unseen(depth: Longs) -> Doubles:
    """Return the score of a row that a cut at ``depth`` parts from the rest."""
    return 1 / (depth + 1)


def seen(depth: Longs, mass: Longs) -> Doubles:
    """Return the score of a row that equals a leaf of ``mass`` rows, before it is damped."""
    return 1 / np.maximum(depth + np.log2(mass + 1), np.finfo(np.float64).tiny)


def damp(mass: Longs, total: int) -> Doubles:
    """Return what the score of a row that equals ``mass`` of the tree's ``total`` rows is multiplied by."""
    return 1 - mass / (2 * total)


def normalised(score: Doubles, total: int) -> Doubles:
    """Return a score that depends little on the ``total`` of a tree's rows."""
    return score * float(np.log2(total + 1))
