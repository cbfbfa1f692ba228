"""The closed form and the choices of a dimension against their definitions."""

import numpy as np
import pytest
from scipy.special import gammaln
from sklearn.decomposition import PCA

from skgen.kernels.linear import ppca


def test_closed_form_is_a_maximum(rng):
    """No other noise variance with its best loadings has a higher likelihood."""
    values = np.sort(rng.exponential(size=8))[::-1]
    sigma2, scales = ppca.closed_form(values[:3], values.sum(), 8, 1e-12)

    def negative(sigma2):
        model = np.concatenate([np.maximum(values[:3], sigma2), np.full(5, sigma2)])
        return np.sum(np.log(model) + values / model)

    others = [negative(sigma2 * f) for f in (0.5, 0.9, 0.99, 1.01, 1.1, 2)]
    assert negative(sigma2) < min(others)
    np.testing.assert_allclose(scales**2 + sigma2, values[:3])


def plain_log_evidence(values, k, n):
    """Minka's equations 77 to 80 as printed, with loops."""
    d = len(values)
    v = values[k:].mean()
    out = -k * np.log(2)
    out += sum(gammaln((d - i + 1) / 2) - (d - i + 1) / 2 * np.log(np.pi) for i in range(1, k + 1))
    out -= n / 2 * np.sum(np.log(values[:k])) + n * (d - k) / 2 * np.log(v)
    m = d * k - k * (k + 1) / 2
    out += (m + k) / 2 * np.log(2 * np.pi) - k / 2 * np.log(n)
    hat = np.concatenate([values[:k], np.full(d - k, v)])
    for i in range(k):
        for j in range(i + 1, d):
            out -= 0.5 * np.log((1 / hat[j] - 1 / hat[i]) * (values[i] - values[j]) * n)
    return out


def test_evidence_is_that_of_the_paper(rng):
    values = np.sort(rng.exponential(size=9))[::-1]
    expected = [plain_log_evidence(values, k, 100) for k in range(1, 9)]
    np.testing.assert_allclose(ppca.log_evidence(values, 100), expected)


def test_evidence_finds_the_planted_dimension(rng):
    X = rng.standard_normal((2000, 4)) @ rng.standard_normal((4, 15))
    X += 0.3 * rng.standard_normal(X.shape)
    values = np.linalg.eigvalsh(np.cov(X.T))[::-1]
    assert ppca.minka_dimension(values, 2000) == 4


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_fraction_equal_to_a_sum_takes_one_more(off):
    eigenvalues = np.array([0.7, 0.2, 0.1])
    fraction = 0.9 + off * np.spacing(0.9)
    assert ppca.dimension_for_fraction(eigenvalues, fraction) == 3
    assert ppca.dimension_for_fraction(eigenvalues, 0.9 - 1e-12) == 2


@pytest.mark.parametrize("fraction", [0.3, 0.8, 0.95, 0.999])
def test_fraction_takes_what_scikit_learn_takes(rng, fraction):
    X = rng.standard_normal((200, 10)) * np.arange(1, 11)
    pca = PCA().fit(X)
    expected = PCA(fraction).fit(X).n_components_
    assert ppca.dimension_for_fraction(pca.explained_variance_, fraction) == expected
