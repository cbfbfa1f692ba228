"""Are the factors of variation each in a code of their own?"""

from numbers import Integral
from typing import NamedTuple

import numpy as np
from scipy.stats import entropy
from sklearn.metrics import mutual_info_score
from sklearn.utils import check_array, check_consistent_length, check_scalar


class MutualInformationGap(NamedTuple):
    """Information of the codes about the factors.

    Attributes
    ----------
    score : float
        Mean of ``gaps``, 0 to 1: 1 where each factor is in one code and in no other.
    gaps : ndarray of shape (n_factors,)
        For each factor, the information of its best code less that of the second, over its
        entropy.
    mutual_information : ndarray of shape (n_components, n_factors)
        Mutual information of each code with each factor, in nats.
    """

    score: float
    gaps: np.ndarray
    mutual_information: np.ndarray


def mutual_information_gap(Z, factors, *, n_bins=20):
    """How far each factor of variation is in one code alone.

    ``MIG = mean_k (I(z_j; v_k) - max_{i != j} I(z_i; v_k)) / H(v_k)``, where j is the code that
    knows most about the factor v_k.

    Parameters
    ----------
    Z : array-like of shape (n_samples, n_components)
        Codes, such as ``transform(X)``; each is cut into ``n_bins`` of equal width.
    factors : array-like of shape (n_samples, n_factors) or (n_samples,)
        True factors that made the rows, as labels; cut numbers into classes beforehand. Best
        drawn independently of each other.
    n_bins : int, default=20
        Bins of a code, as in Locatello et al. (2019); 2 or more.

    Returns
    -------
    result : MutualInformationGap
        ``score``, ``gaps`` and ``mutual_information``.

    Raises
    ------
    ValueError
        If Z has NaN, the lengths differ, or a factor is constant or differs in every row.

    Notes
    -----
    Of few rows all information is too high, by about (bins - 1)(classes - 1) / (2 n) nats, in the
    second best code as well as in the best. Codes that are rotations of each other differ in it,
    and where a factor needs two codes (an angle) it is low for no fault.

    References
    ----------
    Chen, R. T. Q., Li, X., Grosse, R., and Duvenaud, D. (2018). Isolating sources of
    disentanglement in variational autoencoders. Advances in Neural Information Processing Systems.

    Locatello, F., Bauer, S., Lucic, M., Raetsch, G., Gelly, S., Schoelkopf, B., and Bachem, O.
    (2019). Challenging common assumptions in the unsupervised learning of disentangled
    representations. International Conference on Machine Learning.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import mutual_information_gap
    >>> factors = np.random.default_rng(0).integers(4, size=(1000, 2))
    >>> mutual_information_gap(factors, factors).score > 0.99
    True
    >>> turned = factors @ [[1, 1], [1, -1]]  # each factor in both codes
    >>> mutual_information_gap(turned, factors).score < 0.1
    True
    """
    check_scalar(n_bins, "n_bins", Integral, min_val=2)
    Z = check_array(Z, dtype=np.float64, input_name="Z")
    factors = np.asarray(factors)
    factors = factors[:, None] if factors.ndim == 1 else factors
    V = check_array(factors, dtype=None, input_name="factors")
    check_consistent_length(Z, V)
    entropies = np.array([_entropy_of(V[:, k], k) for k in range(V.shape[1])])
    bins = np.column_stack([_binned(z, n_bins) for z in Z.T])
    information = np.array([[mutual_info_score(v, z) for v in V.T] for z in bins.T])
    # With a single code the second best knows nothing.
    ranked = np.sort(np.vstack([np.zeros(V.shape[1]), information]), axis=0)
    gaps = (ranked[-1] - ranked[-2]) / entropies
    return MutualInformationGap(float(gaps.mean()), gaps, information)


def _entropy_of(v, k):
    """Entropy of a factor in nats; refuses one that cannot be measured."""
    _, counts = np.unique(v, return_counts=True)
    if len(counts) == 1:
        raise ValueError(f"Factor {k} is constant, and has no information to find; leave it out.")
    if len(counts) == len(v):
        raise ValueError(
            f"Factor {k} has another value in each of its {len(v)} rows; cut it into classes, "
            "such as by KBinsDiscretizer."
        )
    return entropy(counts)


def _binned(z, n_bins):
    return np.digitize(z, np.histogram_bin_edges(z, n_bins)[1:-1])
