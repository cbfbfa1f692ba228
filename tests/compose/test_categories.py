"""Strings in a pipeline: valid draws, and probabilities that sum to one."""

import re
import warnings
from itertools import product

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import integrate, stats
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)

from skgen import (
    GAN,
    ICA,
    VAE,
    BernoulliRBM,
    FactorAnalysis,
    ProbabilisticPCA,
    make_generative_pipeline,
)
from skgen.compose.categories.groups import encoder_groups
from skgen.compose.categories.law import rake
from skgen.exceptions import HeywoodWarning

SHARES = {"red": 0.6, "blue": 0.3, "green": 0.1}


def colors(n=600, seed=0):
    names = np.array(list(SHARES))
    return np.random.default_rng(seed).choice(names, n, p=list(SHARES.values()))[:, None]


def strings(n=300):
    """Three features, the second of which follows the first."""
    rng = np.random.default_rng(1)
    first = colors(n)[:, 0]
    second = np.where(rng.random(n) < np.where(first == "red", 0.9, 0.2), "small", "large")
    return np.stack([first, second, rng.choice(["a", "b", "c"], n)], axis=1)


def table(n=600):
    """Numbers that depend on strings, an integer and a boolean."""
    rng = np.random.default_rng(1)
    color = colors(n)[:, 0]
    size = np.where(rng.random(n) < np.where(color == "red", 0.8, 0.2), "S", "L")
    length = np.select([color == "red", color == "blue"], [0, 3], 6.0) + rng.normal(size=n)
    width = 0.5 * length + 0.5 * rng.normal(size=n)
    return pd.DataFrame(
        {"length": length, "color": color, "width": width, "size": size,
         "age": rng.poisson(5, n), "long": length > 2}
    )  # fmt: skip


def mixed_steps(encoder=None):
    return ColumnTransformer([
        ("numbers", StandardScaler(), ["length", "width", "age", "long"]),
        ("strings", OneHotEncoder() if encoder is None else encoder, ["color", "size"]),
    ])  # fmt: skip


ENCODERS = [
    (OneHotEncoder(),),
    (OneHotEncoder(sparse_output=False),),
    (OneHotEncoder(drop="first"),),
    (OrdinalEncoder(),),
    (OneHotEncoder(), StandardScaler(with_mean=False)),
]
MODELS = [
    ProbabilisticPCA(1, random_state=0),
    FactorAnalysis(1, random_state=0),
    GaussianMixture(2, random_state=0),
    KernelDensity(bandwidth=0.5),
    BernoulliRBM(3, max_iter=30, random_state=0),
    VAE(2, hidden_layer_sizes=(8,), max_iter=5, random_state=0),
]


@pytest.mark.parametrize("steps", ENCODERS, ids=str)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
@pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning")
def test_draws_are_strings_and_follow_probabilities_that_sum_to_one(steps, model):
    X = strings()
    pipeline = make_generative_pipeline(*steps, model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        pipeline.fit(X)
    states = np.array(list(product(*(np.unique(column) for column in X.T))))
    probability = np.exp(pipeline.score_samples(states))
    assert probability.sum() == pytest.approx(1)
    assert pipeline.measure_ == "counting"
    draws = pipeline.sample(4000, random_state=0)
    assert draws.dtype.kind in "UO"
    frequency = (draws[:, None] == states).all(axis=2).mean(axis=0)
    assert frequency.sum() == pytest.approx(1)
    assert_allclose(frequency, probability, atol=4.5 * np.sqrt(0.25 / 4000))


@pytest.mark.parametrize("model", MODELS[:3], ids=lambda model: type(model).__name__)
@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
def test_a_density_over_codes_has_the_frequencies_of_the_categories(model):
    X = colors()
    pipeline = make_generative_pipeline(OneHotEncoder(), model).fit(X)
    names, counts = np.unique(X, return_counts=True)
    probability = np.exp(pipeline.score_samples(names[:, None]))
    assert_allclose(probability, counts / len(X), atol=1e-3)


def test_interactions_of_categories_are_the_models():
    X = strings(2000)[:, :2]
    pipeline = make_generative_pipeline(OneHotEncoder(), ProbabilisticPCA(3)).fit(X)
    states = np.array(list(product(*(np.unique(column) for column in X.T))))
    probability = np.exp(pipeline.score_samples(states))
    observed = (X[:, None] == states).all(axis=2).mean(axis=0)
    independent = [np.prod([(X[:, j] == s[j]).mean() for j in range(2)]) for s in states]
    assert np.abs(probability - observed).max() < 0.5 * np.abs(independent - observed).max()


@pytest.mark.parametrize("model", [ProbabilisticPCA(None), ProbabilisticPCA(3), FactorAnalysis(2)])
def test_columns_that_add_up_to_one_are_no_fault(model):
    """The density over codes grows without bound, but its ratios are probabilities."""
    X = strings(500)[:, :2]
    pipeline = make_generative_pipeline(OneHotEncoder(), model).fit(X)
    assert np.isfinite(pipeline.score(X))
    assert np.min(pipeline[-1].noise_variance_) < 1e-3


@pytest.mark.parametrize("model", [ProbabilisticPCA(6), FactorAnalysis(3)])
def test_columns_that_copy_others_beside_categories_warn(model):
    frame = table()
    frame["again"] = 2 * frame["length"]
    encoders = [
        ("numbers", StandardScaler(), ["length", "again"]),
        ("strings", OneHotEncoder(), ["color", "size"]),
    ]
    with pytest.warns(HeywoodWarning, match="wholly"):
        make_generative_pipeline(ColumnTransformer(encoders), model).fit(frame)


@pytest.mark.parametrize("model", [ProbabilisticPCA(4), FactorAnalysis(3)])
def test_a_category_that_another_tells_warns(model):
    X = strings(500)[:, [0, 0]]
    with pytest.warns(HeywoodWarning, match="wholly"):
        make_generative_pipeline(OneHotEncoder(), model).fit(X)


def test_raking_keeps_odds_ratios_and_gives_the_marginals():
    table = np.log(np.array([[4.0, 1.0], [1.0, 4.0]]))
    wanted = [np.array([0.9, 0.1]), np.array([0.3, 0.7])]
    raked = rake(table, wanted)
    raked -= np.log(np.exp(raked).sum())
    for axis in (0, 1):
        assert_allclose(np.exp(raked).sum(axis=1 - axis), wanted[axis])
    assert raked[0, 0] + raked[1, 1] - raked[0, 1] - raked[1, 0] == pytest.approx(np.log(16))


@pytest.mark.parametrize("model", [ProbabilisticPCA(5, random_state=0), FactorAnalysis(3)])
@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
def test_draws_of_a_mixed_table_have_its_distribution(model):
    frame = table()
    pipeline = make_generative_pipeline(mixed_steps(), model).set_output(transform="pandas")
    draws = pipeline.fit(frame).sample(4000, random_state=0)
    assert list(draws.columns) == list(frame.columns)
    assert list(draws.dtypes) == list(frame.dtypes)
    both = [pd.crosstab(f["color"], f["size"], normalize=True) for f in (draws, frame)]
    assert_allclose(*both, atol=0.06)
    means = [f.groupby("color")["length"].mean() for f in (draws, frame)]
    assert_allclose(*means, atol=0.4)
    assert draws["length"].corr(draws["width"]) > 0.7
    assert draws["age"].mean() == pytest.approx(frame["age"].mean(), abs=0.2)


def test_density_of_a_mixed_table_integrates_to_one():
    frame = table()[["length", "color"]]
    steps = make_column_transformer((OneHotEncoder(), ["color"]), (StandardScaler(), ["length"]))
    pipeline = make_generative_pipeline(steps, ProbabilisticPCA(2)).fit(frame)
    assert pipeline.measure_ == "mixed"
    grid = np.linspace(-30, 30, 4001)
    mass = {
        color: np.trapezoid(
            np.exp(pipeline.score_samples(pd.DataFrame({"length": grid, "color": color}))), grid
        )
        for color in SHARES
    }
    assert sum(mass.values()) == pytest.approx(1, abs=1e-4)
    for color, share in frame["color"].value_counts(normalize=True).items():
        assert mass[color] == pytest.approx(share, abs=2e-3)
    # Of the numbers given the category it is the model's own density.
    z = pipeline[:-1].transform(frame)
    alone = np.where(np.arange(z.shape[1]) < 3, z, np.nan)
    given = pipeline[-1].score_samples(z) - pipeline[-1].score_samples(alone)
    given -= np.log(frame["length"].std(ddof=0))
    shares = np.log(frame["color"].map(mass))
    assert_allclose(pipeline.score_samples(frame), given + shares, atol=1e-3)


def test_scores_of_a_mixed_table_do_not_depend_on_units():
    frame = table()
    pipeline = make_generative_pipeline(mixed_steps(), ProbabilisticPCA(3, random_state=0))
    other = frame.assign(length=1000 * frame["length"] + 7)
    expected = pipeline.fit(frame).score(frame)
    assert pipeline.fit(other).score(other) + np.log(1000) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "model",
    [
        GaussianMixture(6, random_state=0),
        KernelDensity(bandwidth=0.2),
        VAE(3, hidden_layer_sizes=(8,), max_iter=5, random_state=0),
        GAN(2, hidden_layer_sizes=(8,), max_iter=2, random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_models_that_only_sample_give_the_nearest_categories(model):
    frame = table(300)
    pipeline = make_generative_pipeline(mixed_steps(), model).set_output(transform="pandas")
    draws = pipeline.fit(frame).sample(200, random_state=0)
    assert set(draws["color"]) <= set(SHARES)
    assert set(draws["size"]) <= {"S", "L"}
    assert list(draws.dtypes) == list(frame.dtypes)
    if pipeline.measure_ is not None:
        with pytest.raises(ValueError, match="density over the codes .* takes NaN"):
            pipeline.score(frame)


def test_a_score_that_is_no_density_does_not_steer_the_draws():
    X = colors(200)
    gan = GAN(2, hidden_layer_sizes=(8,), max_iter=2, random_state=0)
    pipeline = make_generative_pipeline(OneHotEncoder(), gan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        pipeline.fit(X)
    draws = pipeline.sample(50, random_state=0)
    codes = pipeline[-1].sample(50, random_state=0)
    assert_array_equal(draws[:, 0], pipeline[0].categories_[0][codes.argmax(axis=1)])
    assert pipeline.measure_ is None


def test_bits_of_many_features_are_drawn_valid():
    rng = np.random.default_rng(0)
    X = rng.choice(list("abcd"), (200, 12))
    X[:, 1] = X[:, 0]
    pipeline = make_generative_pipeline(
        OneHotEncoder(), BernoulliRBM(8, max_iter=100, random_state=0)
    ).fit(X)
    draws = pipeline.sample(300, random_state=0)
    assert_array_equal(draws, pipeline.sample(300, random_state=0))
    assert set(draws.ravel()) <= set("abcd")
    raw = pipeline[-1].sample(300, random_state=0)
    valid = (raw.reshape(300, 12, 4).sum(axis=2) == 1).all(axis=1).mean()
    assert valid < 0.1
    assert (draws[:, 0] == draws[:, 1]).mean() > 0.6
    # States that are no rows of strings keep their probability.
    assert np.isfinite(pipeline.score(X))
    assert pipeline.score(X) == pytest.approx(pipeline[-1].score(pipeline[:-1].transform(X)))


def test_codes_that_no_model_can_take_for_probabilities_are_refused():
    X = np.random.default_rng(0).choice(list("abcdefgh"), (100, 8))
    pipeline = make_generative_pipeline(OneHotEncoder(), ProbabilisticPCA(2)).fit(X)
    assert set(pipeline.sample(50, random_state=0).ravel()) <= set("abcdefgh")
    with pytest.raises(ValueError, match="more than 8192 combinations"):
        pipeline.score(X)
    pipeline = make_generative_pipeline(
        OrdinalEncoder(), MinMaxScaler(), BernoulliRBM(2, max_iter=2)
    ).fit(X)
    with pytest.raises(ValueError, match="codes of categories are other numbers; use a OneHot"):
        pipeline.score(X)
    mixing = make_generative_pipeline(OneHotEncoder(), PCA(), ProbabilisticPCA(1)).fit(X[:, :2])
    assert set(mixing.sample(50, random_state=0).ravel()) <= set("abcdefgh")
    assert mixing.measure_ == "mixed"
    with pytest.raises(ValueError, match="Step 'pca', PCA.* mixes categories"):
        mixing.score(X[:, :2])
    rare = make_generative_pipeline(OneHotEncoder(min_frequency=15), ProbabilisticPCA(1)).fit(X)
    with pytest.raises(ValueError, match="several infrequent categories one code"):
        rare.score(X)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
def test_a_model_of_whole_rows_knows_no_categories_beside_numbers():
    """ICA is fitted to rows with NaN, and yet has no density of a part of a row."""
    encode = make_column_transformer((OneHotEncoder(), ["color"]), remainder="passthrough")
    pipeline = make_generative_pipeline(encode, ICA(2)).fit(table()[["color", "length"]])
    with pytest.raises(ValueError, match="ICA cannot tell the density of some columns alone"):
        pipeline.score(table()[["color", "length"]])


def test_unknown_and_unseen_categories():
    X = colors()
    pipeline = make_generative_pipeline(
        OneHotEncoder(handle_unknown="ignore"), ProbabilisticPCA(1)
    ).fit(X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert np.isneginf(pipeline.score_samples(np.array([["pink"]])))[0]
    announced = OneHotEncoder(categories=[[*sorted(SHARES), "violet"]])
    pipeline = make_generative_pipeline(announced, ProbabilisticPCA(1)).fit(X)
    probability = np.exp(pipeline.score_samples(np.array([["violet"]])))
    assert 0 < probability[0] < 1 / len(X)


@pytest.mark.parametrize(
    "encoder",
    [
        OneHotEncoder(),
        OneHotEncoder(drop="if_binary"),
        OneHotEncoder(drop="first"),
        OneHotEncoder(max_categories=2),
        OrdinalEncoder(),
    ],
    ids=str,
)
def test_groups_are_the_codes_of_the_rows(encoder):
    X = strings()
    codes = encoder.fit_transform(X)
    codes = codes.toarray() if hasattr(codes, "toarray") else codes
    groups = encoder_groups(encoder)
    assert_array_equal(np.concatenate([g.columns for g in groups]), np.arange(codes.shape[1]))
    for group in groups:
        seen = np.unique(codes[:, group.columns], axis=0)
        assert_array_equal(np.unique(group.corners, axis=0), seen)
        assert len(group.corners) == len(seen)


def test_missing_strings_and_numbers_are_filled():
    frame = table()
    holes = frame.astype({"age": float, "long": object}).iloc[:40].copy()
    holes["long"] = holes["long"].astype(float)
    holes.loc[:9, "color"] = None
    holes.loc[5:19, "length"] = np.nan
    holes.loc[20:25, "age"] = np.nan
    pipeline = make_generative_pipeline(mixed_steps(), ProbabilisticPCA(5, random_state=0))
    filled = pipeline.set_output(transform="pandas").fit(frame).impute(holes)
    assert list(filled.dtypes) == list(frame.dtypes)
    assert (filled["color"][:5] == frame["color"][:5]).mean() >= 0.6
    seen = holes.notna()
    for name in frame:
        assert_array_equal(filled.loc[seen[name], name], frame.loc[:39, name][seen[name]])
    assert_array_equal(filled["width"], frame["width"][:40])
    for draw in pipeline.sample_conditional(holes, n_draws=2, random_state=0):
        assert set(draw["color"]) <= set(SHARES)
        assert_array_equal(draw["color"][10:], frame["color"][10:40])


class TestColumnTransformer:
    """Parts that are not strings."""

    def test_scores_and_draws_are_those_of_the_steps_one_by_one(self):
        X = np.random.default_rng(0).gamma(2.0, size=(200, 4))
        steps = ColumnTransformer([
            ("log", FunctionTransformer(np.log, np.exp), [3]),
            ("two", make_pipeline(PCA(whiten=True), StandardScaler()), slice(0, 2)),
        ], remainder="passthrough")  # fmt: skip
        model = GaussianMixture(random_state=0)
        pipeline = make_generative_pipeline(steps, model).fit(X)
        changed = np.c_[np.log(X[:, 3]), X[:, [0, 1, 2]]]
        expected = GaussianMixture(reg_covar=0).fit(changed).score_samples(changed)
        expected -= np.log(X[:, 3])
        assert_allclose(pipeline.score_samples(X), expected, atol=1e-3)
        draws = pipeline.sample(4000, random_state=0)
        assert draws.dtype == np.float64
        assert_allclose(draws[:, :3].mean(axis=0), X[:, :3].mean(axis=0), atol=0.15)
        assert stats.ks_2samp(np.log(draws[:, 3]), np.log(X[:, 3])).statistic < 0.12
        z = pipeline[:-1].transform(X)
        assert_allclose(pipeline[0].transform(X), z)

    @pytest.mark.parametrize(
        ("parts", "remainder", "message"),
        [
            ([("s", StandardScaler(), ["a"])], "drop", "drops column 'b'"),
            (
                [("s", StandardScaler(), ["a", "b"]), ("m", MinMaxScaler(), ["b"])],
                "drop",
                "uses more than once column 'b'",
            ),
        ],
        ids=["dropped", "twice"],
    )
    def test_columns_without_one_part_are_refused(self, parts, remainder, message):
        frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 2)), columns=list("ab"))
        steps = ColumnTransformer(parts, remainder=remainder)
        pipeline = make_generative_pipeline(steps, GaussianMixture()).fit(frame)
        for call in (pipeline.sample, lambda: pipeline.score(frame)):
            with pytest.raises(ValueError, match=message):
                call()

    @pytest.mark.parametrize(
        "columns",
        ["b", ["b"], [1], 1, slice(1, 2), slice("b", "b"), [False, True, False],
         lambda frame: ["b"]],
        ids=lambda value: re.sub(r" at 0x\w+", "", str(value)),
    )  # fmt: skip
    def test_every_way_to_name_columns(self, columns):
        frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 3)), columns=list("abc"))
        if columns in ("b", 1):
            columns = [columns]
        steps = ColumnTransformer([("s", StandardScaler(), columns)], remainder=MinMaxScaler())
        pipeline = make_generative_pipeline(steps, GaussianMixture(reg_covar=0)).fit(frame)
        expected = GaussianMixture(reg_covar=0).fit(frame).score_samples(frame)
        assert_allclose(pipeline.score_samples(frame), expected, atol=1e-7)

    def test_sample_is_there_only_where_every_part_has_an_inverse(self):
        from sklearn.preprocessing import Normalizer

        steps = make_column_transformer((Normalizer(), [0, 1]), remainder="passthrough")
        assert not hasattr(make_generative_pipeline(steps, GaussianMixture()), "sample")
        assert hasattr(make_generative_pipeline(mixed_steps(), GaussianMixture()), "sample")


def test_mixed_density_is_the_same_by_quadrature_for_two_strings():
    frame = table()[["length", "color", "size"]]
    steps = make_column_transformer(
        (OneHotEncoder(drop="if_binary"), ["color", "size"]), remainder=StandardScaler()
    )
    pipeline = make_generative_pipeline(steps, ProbabilisticPCA(3)).fit(frame)

    def density(x, color, size):
        row = pd.DataFrame({"length": x, "color": color, "size": size})
        return np.exp(pipeline.score_samples(row))

    total = sum(
        integrate.fixed_quad(density, a, b, (color, size), n=40)[0]
        for color, size in product(SHARES, "SL")
        for a, b in ((-30, -3), (-3, 2), (2, 7), (7, 40))
    )
    assert total == pytest.approx(1, abs=1e-4)


def test_missing_categories_are_drawn_by_their_probabilities_given_the_row():
    frame = table()[["length", "color", "size"]]
    steps = make_column_transformer(
        (OneHotEncoder(), ["color", "size"]), remainder=StandardScaler()
    )
    pipeline = make_generative_pipeline(steps, ProbabilisticPCA(3, random_state=0)).fit(frame)
    pairs = pd.DataFrame(product(SHARES, "SL"), columns=["color", "size"])
    density = np.exp(pipeline.score_samples(pairs.assign(length=1.5)[frame.columns]))
    row = pd.DataFrame({"length": [1.5], "color": [None], "size": [np.nan]}, dtype=object)
    row["length"] = row["length"].astype(float)
    draws = pipeline.sample_conditional(row, n_draws=500, random_state=0)[:, 0]
    shares = (draws[:, None, 1:] == pairs.to_numpy()).all(axis=2).mean(axis=0)
    assert_allclose(shares, density / density.sum(), atol=4.5 * np.sqrt(0.25 / 500))
    assert tuple(pipeline.impute(row)[0, 1:]) == tuple(pairs.iloc[density.argmax()])
    assert set(draws[:, 0]) == {1.5}


def with_gaps(frame, missing):
    gaps = frame.copy()
    gaps.loc[::3, "color"] = missing
    gaps.loc[1::3, "size"] = missing
    gaps.loc[::6, "size"] = missing
    return gaps


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA], ids=str)
@pytest.mark.parametrize(
    "encoder",
    [
        OneHotEncoder(),
        OneHotEncoder(drop="first"),
        OneHotEncoder(categories=[list(SHARES), ["S", "L"]], handle_unknown="ignore"),
        OrdinalEncoder(),
        OrdinalEncoder(categories=[list(SHARES), ["S", "L"]]),
    ],
    ids=str,
)
@pytest.mark.parametrize("fitted_to_gaps", [False, True])
def test_a_missing_category_is_summed_out_and_filled(encoder, missing, fitted_to_gaps):
    frame = table()[["length", "color", "size"]].astype({"color": object, "size": object})
    gaps = with_gaps(frame, missing)
    steps = make_column_transformer((encoder, ["color", "size"]), remainder=StandardScaler())
    pipeline = make_generative_pipeline(steps, ProbabilisticPCA(1, random_state=0))
    pipeline.set_output(transform="pandas").fit(gaps if fitted_to_gaps else frame)
    rows = gaps.iloc[:12]
    scores = pipeline.score_samples(rows)
    for i, row in rows.iterrows():
        options = [
            {"length": [row.length], "color": [color], "size": [size]}
            for color, size in product(SHARES, "SL")
            if pd.isna(row.color) or row.color == color
            if pd.isna(row["size"]) or row["size"] == size
        ]
        each = [pipeline.score_samples(pd.DataFrame(option))[0] for option in options]
        assert scores[i] == pytest.approx(np.logaddexp.reduce(each), abs=1e-9)
    filled = pipeline.impute(gaps)
    assert not filled.isna().any().any()
    seen = gaps.notna()
    for name in frame:
        assert_array_equal(filled.loc[seen[name], name], frame.loc[seen[name], name])
    assert (filled["color"] == frame["color"])[::3].mean() > 0.7


def test_gaps_do_not_count_as_a_category_of_the_frequencies():
    X = colors().astype(object)
    X[::2][X[::2] == "red"] = None
    kept = X[X != None]  # noqa: E711
    names, counts = np.unique(kept.astype(str), return_counts=True)
    for encoder in (OneHotEncoder(), OrdinalEncoder()):
        pipeline = make_generative_pipeline(encoder, ProbabilisticPCA(1)).fit(X)
        probability = np.exp(pipeline.score_samples(names.astype(object)[:, None]))
        assert_allclose(probability, counts / counts.sum(), atol=2e-3)
        assert pipeline.score_samples(np.array([[None]]))[0] == pytest.approx(0, abs=1e-9)


def test_a_gap_is_a_category_where_the_encoder_names_it():
    X = colors().astype(object)
    X[::2] = np.nan
    encoder = OneHotEncoder(categories=[[*SHARES, np.nan]])
    pipeline = make_generative_pipeline(encoder, ProbabilisticPCA(1)).fit(X)
    assert np.exp(pipeline.score_samples(np.array([[np.nan]], dtype=object)))[0] == pytest.approx(
        0.5, abs=2e-3
    )
    assert pd.isna(pipeline.impute(X)[0, 0])


def test_a_feature_of_gaps_alone_is_named():
    X = strings().astype(object)
    X[:, 1] = None
    pipeline = make_generative_pipeline(OneHotEncoder(), ProbabilisticPCA(1))
    with pytest.raises(ValueError, match=r"Feature 1 has no value at all among 300 rows.*drop it"):
        pipeline.fit(X)


def test_an_unknown_category_is_named_by_the_encoder_itself():
    frame = table()[["length", "color"]]
    steps = make_column_transformer(
        (OneHotEncoder(categories=[["red", "blue"]]), ["color"]), remainder=StandardScaler()
    )
    with pytest.raises(ValueError, match=r"unknown categories \['green'\]"):
        make_generative_pipeline(steps, GaussianMixture()).fit(frame)


def test_missing_strings_of_a_model_of_bits_are_filled():
    X = strings().astype(object)
    pipeline = make_generative_pipeline(
        OneHotEncoder(), BernoulliRBM(6, max_iter=200, random_state=0)
    ).fit(X)
    holes = X[:200].copy()
    holes[:, 1] = None
    filled = pipeline.impute(holes)
    assert_array_equal(filled[:, [0, 2]], X[:200, [0, 2]])
    assert (filled[:, 1] == X[:200, 1]).mean() > 0.8


def test_columns_are_found_by_name_wherever_they_are():
    frame = table()
    part = frame[["length", "color", "width"]]
    steps = make_column_transformer(
        (make_pipeline(OneHotEncoder(drop="first"), StandardScaler(with_mean=False)), ["color"]),
        (StandardScaler(), ["width", "length"]),
    )
    pipeline = make_generative_pipeline(steps, ProbabilisticPCA(2)).fit(part)
    assert_allclose(pipeline.score_samples(frame), pipeline.score_samples(part))
