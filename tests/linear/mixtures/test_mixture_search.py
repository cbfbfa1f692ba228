"""How many clusters and factors of a mixture are chosen, and what their prior is good for."""

import numpy as np
import pytest

from skgen import MixtureOfFactorAnalyzers
from skgen.linear.mixtures import search


def mixture(*args, **options):
    return MixtureOfFactorAnalyzers(*args, random_state=0, **options)


def alike_but_for_scales(n, seed=0, d=12):
    """Rows of six clusters that have one correlation, each in scales of its own."""
    rng = np.random.default_rng(0)
    means, scales = 6 * rng.standard_normal((6, d)), rng.uniform(0.1, 3.0, (6, d))
    loadings = rng.standard_normal((3, d))
    rng = np.random.default_rng(seed)
    labels = rng.integers(6, size=n)
    rows = rng.standard_normal((n, 3)) @ loadings + 0.5 * rng.standard_normal((n, d))
    return means[labels] + scales[labels] * rows


def test_clusters_of_few_rows_learn_correlations_from_the_others():
    few, new = alike_but_for_scales(120, 1), alike_but_for_scales(1000, 2)
    holes = np.random.default_rng(3).random(new.shape) < 0.3
    nats, errors = [], []
    for weight in (0.0, 3.0, 30.0):
        model = mixture(6, 3, prior_weight=weight).fit(few)
        nats.append(model.score(new))
        filled = model.impute(np.where(holes, np.nan, new))
        errors.append(np.mean(np.square(filled - new)[holes]))
    assert nats[2] > nats[1] + 0.2 > nats[0] + 0.8
    assert errors[2] < 0.95 * errors[0]


def test_rows_of_one_correlation_are_given_a_prior():
    model = mixture().fit(alike_but_for_scales(200, 1))
    assert (model.n_clusters_, model.n_components_) == (6, 3)
    assert model.prior_weight_ >= 10


def test_a_search_ends_with_its_work(monkeypatch):
    X = alike_but_for_scales(200, 1)
    tried = []
    score = search.Search.score

    def counted(self, *numbers):
        tried.append(numbers)
        return score(self, *numbers)

    monkeypatch.setattr(search.Search, "score", counted)
    mixture().fit(X)
    assert len(tried) > 10
    del tried[:]
    monkeypatch.setattr(search, "MOST_WORK", 0.0)
    model = mixture().fit(X)
    assert {numbers[:2] for numbers in tried} == {(1, 0)}
    assert (model.n_clusters_, model.n_components_) == (1, 0)


def test_steps_end_where_none_leads_higher():
    """On a ridge along the diagonal, which single steps leave."""

    def ridge(place):
        m, k, prior = place
        return -abs(m - 9) - 3 * abs(m - k) - abs(prior - 2)

    at = (0, 0, 4)
    for step in search.FAR_TO_NEAR:
        at = search._climbed(at, np.multiply(search.LAST, step), [11, 10, 5], ridge)
    assert at == (9, 9, 2)


@pytest.mark.slow
def test_digits_are_described_and_filled_well():
    from sklearn.datasets import load_digits
    from sklearn.impute import KNNImputer
    from sklearn.mixture import GaussianMixture

    # Later rows are of other writers.
    X = np.random.default_rng(0).permutation(load_digits().data)
    train, new = X[:1200], X[1200:]
    holes = np.random.default_rng(0).random(new.shape) < 0.3
    gappy = np.where(holes, np.nan, new)
    model = mixture().fit(train)
    filled = (imputer(gappy) for imputer in (model.impute, KNNImputer().fit(train).transform))
    ours, neighbors = (np.sqrt(np.mean(np.square(rows - new)[holes])) for rows in filled)
    assert ours < neighbors
    known = GaussianMixture(10, reg_covar=1e-3, random_state=0).fit(train)
    assert model.score(new) > known.score(new) + 10
