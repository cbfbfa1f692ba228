"""Hamiltonian chains of rows of which a part is known."""

import torch

from skgen.nets.energy.hamiltonian import FIRST_STEP, run


def conditional_chain(state, x, n_moves, n_leapfrog_steps, generator):
    """Rows of standard columns whose NaN are sampled given the rest, move by move.

    What is known of a row fixes a flat in the space where columns are decorrelated, and chains
    move within it. They start where the flat is nearest to the origin, which is the conditional
    mean of the normal law with the covariance of the data.
    """
    net, known = state.averaged_net, ~x.isnan()
    coloring = state.coloring.double()
    # (n, d, d): what each known column is made of, and 0 for the others.
    made_of = coloring * known.unsqueeze(1)
    gram = made_of.mT @ made_of + torch.diag_embed((~known).double())
    across = torch.linalg.solve(gram, made_of.mT)
    start = (x.nan_to_num(0.0).double().unsqueeze(1) @ across).squeeze(1)
    within = torch.eye(x.shape[1], dtype=torch.float64, device=x.device) - made_of @ across
    within = within.to(x.dtype)

    def project(rows):
        return (rows.unsqueeze(1) @ within).squeeze(1)

    step = torch.full((), FIRST_STEP, device=x.device, dtype=x.dtype)
    how = n_moves, n_leapfrog_steps, generator, project
    for v in run(net.chain_slope(), start.to(x.dtype), step, *how):
        yield state.correlated(v)
