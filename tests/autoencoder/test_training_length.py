"""Few rows of bits are not learned by heart: max_iter="auto" knows how many there are."""

import numpy as np
import pytest

from skgen import VAE, Autoencoder, ContractiveAE, DenoisingAE, SparseAE
from skgen.autoencoder.training_length import EPOCHS, MOST_ROWS
from skgen.base.trials.held_out_epochs import epochs_at_the_same_pace

N_TRAIN = 60


@pytest.fixture
def bits(rng):
    """Rows near one of four prototypes, with as many bits as need a model, and many to test."""
    kinds = rng.random((4, 150)) < 0.5
    rows = kinds[rng.integers(4, size=360)] ^ (rng.random((360, 150)) < 0.2)
    return rows.astype(float)


def baseline(train, test):
    """Nats of a row under independent bits."""
    p = (train.sum(axis=0) + 0.5) / (len(train) + 1)
    return np.mean(test @ np.log(p) + (1 - test) @ np.log(1 - p))


@pytest.mark.parametrize(
    ("estimator", "gain"), [(Autoencoder, 6), (DenoisingAE, 9), (SparseAE, 4), (VAE, 3)]
)
def test_wide_tables_of_few_rows_beat_independent_bits(estimator, gain, bits):
    train, test = bits[:N_TRAIN], bits[N_TRAIN:]
    model = estimator(random_state=0).fit(train)
    assert model.score(test) > baseline(train, test) + gain
    long = estimator(max_iter=EPOCHS, random_state=0).fit(train)
    assert model.n_iter_ < EPOCHS
    assert model.score(test) > long.score(test)


def test_the_length_is_that_of_the_data_and_not_of_the_seed(bits):
    train = bits[:N_TRAIN]
    lengths = {Autoencoder(8, random_state=seed).fit(train).n_iter_ for seed in range(3)}
    assert len(lengths) == 1
    assert lengths < set(range(2, EPOCHS))
    shared, untouched = np.random.RandomState(3), np.random.RandomState(3)
    Autoencoder(8, random_state=shared).fit(train)
    Autoencoder(8, max_iter=1, random_state=untouched).fit(train)
    assert shared.randint(1000) == untouched.randint(1000)


def test_weights_are_known_to_the_first_fit(bits):
    weight = np.r_[np.ones(30), np.full(30, 1e-9)]
    train = bits[:N_TRAIN]
    weighted = Autoencoder(8, random_state=0).fit(train, sample_weight=weight)
    assert weighted.n_iter_ != Autoencoder(8, random_state=0).fit(train).n_iter_


@pytest.mark.parametrize("estimator", [Autoencoder, ContractiveAE, VAE])
def test_numbers_have_the_length_that_they_had(estimator, rng):
    X = rng.standard_normal((40, 4))
    assert estimator(2, random_state=0).fit(X).n_iter_ == EPOCHS


def test_many_rows_and_chosen_lengths_need_no_first_fit(bits):
    many = np.tile(bits[:, :6], (6, 1))[:MOST_ROWS]
    small = {"n_components": 2, "hidden_layer_sizes": (), "random_state": 0}
    assert Autoencoder(**small).fit(many).n_iter_ == EPOCHS
    assert Autoencoder(**small, max_iter=7).fit(bits[:N_TRAIN]).n_iter_ == 7
    stopped = Autoencoder(**small, early_stopping=True).fit(bits[:N_TRAIN])
    assert len(stopped.validation_scores_) == stopped.n_iter_
    assert Autoencoder(**small).partial_fit(bits[:N_TRAIN]).n_iter_ == 1


@pytest.mark.parametrize("n", [2, 3, 7])
def test_a_handful_of_rows(n, bits):
    model = Autoencoder(4, random_state=0).fit(bits[:n])
    assert np.isfinite(model.score(bits))
    assert model.set_params(warm_start=True).fit(bits[:n]).n_iter_ > 0


def test_weights_travel_as_far_on_a_whole_schedule():
    whole = 0.5 * (1 + np.cos(np.pi * np.linspace(0, 1, 100_000)))
    for n_epochs in (1, 10, 37, 80, 100):
        part = whole[: n_epochs * 1000].sum() / 1000
        assert 0 <= epochs_at_the_same_pace(n_epochs, EPOCHS) * whole.mean() - part <= 0.51
