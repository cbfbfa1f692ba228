"""What the cases of tables share: the network, its contenders, and held-out nats."""

import numpy as np

from benchmarks.core import Contender


def fit_network(data, seed):
    """The fully visible belief network with defaults; every column is continuous, or binary."""
    from skgen import FullyVisibleBeliefNetwork

    return [
        FullyVisibleBeliefNetwork(grid_features=grid, random_state=seed).fit(train)
        for (train, _), grid in zip(data["folds"], data["grids"])
    ]


def fit_factors(data, seed):
    from skgen import FactorAnalysis

    return [FactorAnalysis("auto", random_state=seed).fit(train) for train, _ in data["folds"]]


def fit_vae(data, seed):
    from skgen import VAE

    return [VAE(random_state=seed).fit(train) for train, _ in data["folds"]]


def fit_mixture(data, seed):
    """scikit-learn's mixture of Gaussians, the number of components by cross-validation."""
    from sklearn.mixture import GaussianMixture
    from sklearn.model_selection import GridSearchCV

    grid = {"n_components": [1, 2, 3, 5, 8, 12, 20], "covariance_type": ["full", "diag"]}
    model = GaussianMixture(reg_covar=1e-4, n_init=2, random_state=seed)
    return [GridSearchCV(model, grid, error_score=-1e9).fit(train) for train, _ in data["folds"]]


def fit_flow(data, seed):
    """Neural spline flow of zuko, (64, 64) x 3, Adam, stopped by held-out rows."""
    import torch
    import zuko

    flows = []
    for train, _ in data["folds"]:
        torch.manual_seed(seed)
        X = torch.from_numpy(train).float()
        X = X[torch.randperm(len(X))]
        held_out, X = X[: len(X) // 10], X[len(X) // 10 :]
        flow = zuko.flows.NSF(X.shape[1], transforms=3, hidden_features=(64, 64))
        optimizer = torch.optim.AdamW(flow.parameters(), lr=1e-3, weight_decay=1e-3)
        best, wait, state = np.inf, 0, None
        for _ in range(300):
            for index in torch.randperm(len(X)).split(128):
                optimizer.zero_grad()
                (-flow().log_prob(X[index]).mean()).backward()
                optimizer.step()
            with torch.no_grad():
                loss = -flow().log_prob(held_out).mean().item()
            if loss < best:
                best, wait = loss, 0
                state = {name: value.clone() for name, value in flow.state_dict().items()}
            wait += 1
            if wait > 20:
                break
        flow.load_state_dict(state)
        flows.append(flow)
    return flows


def held_out_nats(models, data):
    """Mean nats of the test rows over the folds."""
    import torch

    scores = []
    for model, (_, test) in zip(models, data["folds"]):
        if hasattr(model, "score"):
            scores.append(model.score(test))
        else:
            with torch.no_grad():
                scores.append(model().log_prob(torch.from_numpy(test).float()).mean().item())
    return {"held-out nats": float(np.mean(scores))}


def standardized_folds(X, n_folds=3):
    """The first folds of five, of the standardized table."""
    from sklearn.model_selection import KFold

    X = (X - X.mean(axis=0)) / X.std(axis=0)
    splits = list(KFold(5, shuffle=True, random_state=0).split(X))[:n_folds]
    return {"folds": [(X[a], X[b]) for a, b in splits], "grids": [None] * n_folds}


CONTENDERS = [
    Contender("skgen", fit_network, note="defaults", repeats=1, warm_up=False),
    Contender("FactorAnalysis", fit_factors, repeats=1, warm_up=False),
    Contender("VAE", fit_vae, note="defaults", repeats=1, warm_up=False),
    Contender(
        "GaussianMixture",
        fit_mixture,
        package="scikit-learn",
        module="sklearn",
        note="components by cross-validation",
        repeats=1,
        warm_up=False,
    ),
    Contender("zuko NSF", fit_flow, package="zuko", note="3 x (64, 64)", repeats=1, warm_up=False),
]
