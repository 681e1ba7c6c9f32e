"""How little unit vectors can overlap when there are more of them than dimensions."""


def welch_bound(features: int, hidden: int) -> float:
    """(n − m)/(m(n − 1)), the least mean of (u_i·u_j)² over pairs i ≠ j.

    The u_i are n unit vectors in m dimensions. 0 if all fit at right angles; otherwise only tight
    frames reach it (Welch 1974, "Lower bounds on the maximum cross correlation of signals").
    """
    if features <= hidden:
        return 0.0
    return (features - hidden) / (hidden * (features - 1))
