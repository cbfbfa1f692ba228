"""Draws of a proposal, thinned by an estimated density ratio (Azadi et al. 2019)."""

import numpy as np

N_PILOT = 16384
PERCENTILES = 99.9, 99.0  # of the log-ratios; draws above one of them are all kept
LEAST_RATE = 0.05
MOST_ROUNDS = 50  # of proposals for each condition


def log_ratio_cap(log_ratios):
    """Log-ratio from which a draw is kept for certain.

    The largest of many log-ratios would be an accident, and would reject nearly all draws. A
    high cap gives back a mode that is nearly lost; where it rejects too much, a lower one serves.
    """
    high, low = np.percentile(log_ratios, PERCENTILES)
    return float(high if acceptance_rate(log_ratios, high) >= LEAST_RATE else low)


def rejection_sample(propose, n_samples, cap, rate, rng):
    """``n_samples`` kept draws; ``propose(n) -> rows, log_ratios``; ``rate`` is about how many."""
    kept, n_kept = [], 0
    while n_kept < n_samples:
        rows, log_ratios = propose(int(1.1 * (n_samples - n_kept) / rate) + 16)
        keep = np.log(rng.uniform(size=len(rows))) < log_ratios - cap
        kept.append(rows[keep])
        n_kept += len(kept[-1])
    return np.concatenate(kept)[:n_samples]


def rejection_sample_given(propose, code, cap, rate, rng):
    """A kept draw under the conditions of each row of a code (n, width).

    ``propose(code) -> rows, log_ratios``. Conditions under which hardly a draw is kept get the best
    of the last proposals.
    """
    n_each = int(np.ceil(1 / rate))
    kept, pending = None, np.arange(len(code))
    for _ in range(MOST_ROUNDS):
        rows, log_ratios = propose(np.repeat(code[pending], n_each, axis=0))
        accepted = np.log(rng.uniform(size=len(rows))) < log_ratios - cap
        accepted, log_ratios = (part.reshape(-1, n_each) for part in (accepted, log_ratios))
        done = accepted.any(axis=1)
        first = np.where(done, accepted.argmax(axis=1), log_ratios.argmax(axis=1))
        kept = np.empty((len(code), rows.shape[1]), rows.dtype) if kept is None else kept
        kept[pending] = rows[np.arange(len(pending)) * n_each + first]
        pending = pending[~done]
        if not len(pending):
            break
    return kept


def acceptance_rate(log_ratios, cap):
    """Expected fraction of the draws that are kept."""
    return float(np.exp(np.minimum(log_ratios - cap, 0.0)).mean())
