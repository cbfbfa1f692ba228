"""What the sparse-coding cases share: data, dictionaries, contenders, objectives."""

import warnings
from typing import NamedTuple

import numpy as np
from scipy import sparse

from benchmarks import datasets
from benchmarks.core import Case, Compare, Contender, Speedup

FAMILY = "Sparse coding"


class Coding(NamedTuple):
    """Rows to code, a dictionary of unit-norm rows, and the penalty."""

    X: np.ndarray
    D: np.ndarray
    alpha: float


class Learning(NamedTuple):
    """Rows to learn from, fresh rows, atoms, penalty, steps and batch."""

    X: np.ndarray
    fresh: np.ndarray
    n_atoms: int
    alpha: float
    n_steps: int
    batch: int


def photo_patches(n, dtype=np.float32):
    """Return shuffled 8 x 8 patches of two photographs: means removed, then one common scale."""
    from sklearn.datasets import load_sample_images
    from sklearn.feature_extraction.image import extract_patches_2d

    images = [image.mean(axis=2) for image in load_sample_images().images]
    drawn = [extract_patches_2d(i, (8, 8), max_patches=n // 2, random_state=0) for i in images]
    X = np.vstack([rows.reshape(len(rows), -1) for rows in drawn])
    X -= X.mean(axis=1, keepdims=True)
    X /= X.std()
    return np.random.default_rng(0).permutation(X).astype(dtype)


def kodak_patches(n, dtype=np.float32):
    """Return patches of the Kodak photographs, each of unit standard deviation."""
    return datasets.patches(datasets.kodak(), n, dtype=dtype)


def digits(n, dtype=np.float32):
    """Return standardized digits."""
    return datasets.standardized_digits()[:n].astype(dtype)


def dictionary(X, n_atoms):
    """Learn a dictionary for a coding case, in a few epochs."""
    from skgen import SparseCoder

    coder = SparseCoder(n_atoms, batch_size=512, max_iter=10, tol=0, random_state=0)
    return np.asarray(coder.fit(X).components_)


def coding_task(rows, n_atoms, alpha):
    """Return the ``load`` of a coding case."""

    def load(setup):
        X = rows(1000 if setup.quick else 10_000)
        return Coding(X, dictionary(X, n_atoms), alpha)

    return load


def code_skgen(data, seed):
    from skgen import SparseCoder

    # One row fits the prior of the codes and nothing else; the dictionary is given.
    coder = SparseCoder(dictionary=data.D, alpha=data.alpha).fit(data.X[:1])
    return coder.transform(data.X)


def code_spams(data, seed):
    import spams

    X, D = np.asfortranarray(data.X.T), np.asfortranarray(data.D.T)
    return spams.lasso(X, D=D, lambda1=data.alpha, mode=2, numThreads=2)


def _sklearn_codes(data, algorithm):
    from sklearn.decomposition import sparse_encode

    X, D = data.X.astype(np.float64), data.D.astype(np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sparse_encode(X, D, algorithm=algorithm, alpha=data.alpha)


def code_lasso_cd(data, seed):
    # In float64 and one process, where it is fastest: float32 misses its tolerance and takes four
    # times as long, and so do two processes.
    return _sklearn_codes(data, "lasso_cd")


def code_lasso_lars(data, seed):
    return _sklearn_codes(data, "lasso_lars")


def evaluate_codes(codes, data):
    """Objective a row and the largest relative violation of optimality, in float64."""
    codes = codes.toarray().T if sparse.issparse(codes) else codes
    X, D, A = (np.asarray(a, dtype=np.float64) for a in (data.X, data.D, codes))
    residual = X - A @ D
    c = residual @ D.T
    off = np.where(
        A != 0, np.abs(c - data.alpha * np.sign(A)), np.maximum(np.abs(c) - data.alpha, 0)
    )
    return {
        "objective": 0.5 * np.mean(np.sum(residual**2, axis=1))
        + data.alpha * np.mean(np.abs(A).sum(axis=1)),
        "violation": off.max() / data.alpha,
        "non-zeros": np.mean((A != 0).sum(axis=1)),
    }


def coding_case(
    title, rows, n_atoms, alpha, *, over_spams=3.0, over_sklearn=30.0, lars=False, headline=None
):
    """Return a case that codes rows with a fixed dictionary."""
    contenders = [
        Contender("skgen", code_skgen),
        Contender("SPAMS lasso", code_spams, package="spams-bin", module="spams"),
        Contender(
            "scikit-learn lasso_cd",
            code_lasso_cd,
            package="scikit-learn",
            module="sklearn",
            repeats=1,
            warm_up=False,
            note="float64, where it is fastest",
        ),
    ]
    if lars:
        contenders.append(
            Contender(
                "scikit-learn lasso_lars",
                code_lasso_lars,
                package="scikit-learn",
                module="sklearn",
                repeats=1,
                warm_up=False,
                slow=True,
            )
        )
    return Case(
        title=title,
        family=FAMILY,
        description="Time to code the rows in float32 on two threads; the lasso objective a row.",
        load=coding_task(rows, n_atoms, alpha),
        evaluate=evaluate_codes,
        contenders=contenders,
        objective="objective",
        digits=6,
        repeats=11,
        headline=headline,
        assertions=[
            Speedup("skgen", over="SPAMS lasso", at_least=over_spams),
            Speedup("skgen", over="scikit-learn lasso_cd", at_least=over_sklearn),
            Compare("skgen", "SPAMS lasso", on="objective", better="lower", relative=1e-7),
            Compare(
                "skgen", "scikit-learn lasso_cd", on="objective", better="lower", relative=1e-7
            ),
        ],
    )


def learning_task(rows, n_atoms, n_steps, batch):
    """Return the ``load`` of a dictionary case; fresh rows are those beyond the first half."""

    def load(setup):
        n = 1000 if setup.quick else 10_000
        X = rows(2 * n)
        return Learning(X[:n], X[n:], n_atoms, 1.0, n_steps if n > 1000 else 20, batch)

    return load


def _epochs(data):
    return max(1, round(data.n_steps * data.batch / len(data.X)))


def learn_skgen(data, seed):
    from skgen import SparseCoder

    coder = SparseCoder(
        data.n_atoms,
        alpha=data.alpha,
        batch_size=data.batch,
        max_iter=_epochs(data),
        tol=0,
        random_state=seed,
    )
    return coder.fit(data.X).components_


def learn_spams(data, seed):
    import spams

    return spams.trainDL(
        np.asfortranarray(data.X.T),
        K=data.n_atoms,
        lambda1=data.alpha,
        numThreads=2,
        batchsize=data.batch,
        iter=data.n_steps,
        verbose=False,
    ).T


def learn_sklearn(data, seed):
    from sklearn.decomposition import MiniBatchDictionaryLearning

    model = MiniBatchDictionaryLearning(
        data.n_atoms,
        alpha=data.alpha,
        batch_size=data.batch,
        max_iter=_epochs(data),
        fit_algorithm="cd",
        tol=0,
        max_no_improvement=None,
        random_state=seed,
    )
    return model.fit(data.X.astype(np.float64)).components_


def learn_sklearn_batch(data, seed):
    from sklearn.decomposition import DictionaryLearning

    model = DictionaryLearning(
        data.n_atoms, alpha=data.alpha, max_iter=100, fit_algorithm="cd", random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(data.X.astype(np.float64)).components_


def evaluate_dictionary(D, data):
    """Objective a row of exact codes, on training and fresh rows; atoms that no row uses."""
    from skgen import SparseCoder

    D = np.asarray(D, dtype=np.float64)
    D = D / np.maximum(np.linalg.norm(D, axis=1, keepdims=True), 1e-12)
    coder = SparseCoder(dictionary=D, alpha=data.alpha).fit(data.X.astype(np.float64))
    return {
        "objective": -coder.score(data.fresh.astype(np.float64)),
        "training objective": -coder.score(data.X.astype(np.float64)),
        "dead atoms": int(np.sum(coder.usage_ == 0)),
    }


LEARNERS = [
    Contender("skgen", learn_skgen),
    Contender("SPAMS trainDL", learn_spams, package="spams-bin", module="spams"),
    Contender(
        "scikit-learn MiniBatch",
        learn_sklearn,
        package="scikit-learn",
        module="sklearn",
        repeats=1,
        warm_up=False,
        note="float64",
    ),
]
