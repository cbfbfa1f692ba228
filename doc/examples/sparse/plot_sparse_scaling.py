"""
How the time of sparse coding grows
===================================

Codes take time in proportion to the rows, and a little more than in proportion to the atoms. A
second thread helps with many rows, where a second core is free. scikit-learn's ``lasso_cd``, which
reaches the same objective, is timed beside.
"""

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images
from sklearn.decomposition import sparse_encode
from sklearn.feature_extraction.image import extract_patches_2d
from threadpoolctl import threadpool_limits

from skgen import SparseCoder

images = [image.mean(axis=2) for image in load_sample_images().images]
X = np.vstack(
    [
        extract_patches_2d(
            i, (8, 8), max_patches=10_000, random_state=0
        )
        for i in images
    ]
).reshape(-1, 64)
X -= X.mean(axis=1, keepdims=True)
X = np.random.default_rng(0).permutation(X / X.std()).astype(np.float32)


def learned(n_atoms):
    return SparseCoder(n_atoms, max_iter=3, tol=0, random_state=0).fit(
        X[:5000]
    )


def seconds(function, repeats=3):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


# %%
# Rows, on one and two threads
# ----------------------------
coder = learned(256)
coder.transform(X[:10])
sizes = [100, 300, 1000, 3000, 10_000, 20_000]
by_threads = {}
for n_threads in (1, 2):
    with threadpool_limits(n_threads):
        by_threads[n_threads] = [
            seconds(lambda n=n: coder.transform(X[:n])) for n in sizes
        ]
D = coder.components_.astype(float)
their_sizes = sizes[:4]
theirs = [
    seconds(
        lambda n=n: sparse_encode(
            X[:n].astype(float), D, algorithm="lasso_cd", alpha=1
        ),
        1,
    )
    for n in their_sizes
]

# %%
# Atoms
# -----
counts = [32, 64, 128, 256, 512, 1024]
coders = [learned(k) for k in counts]
by_atoms = [seconds(lambda c=c: c.transform(X[:5000])) for c in coders]

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
for n_threads, times in by_threads.items():
    axes[0].loglog(
        sizes, times, "o-", label=f"SparseCoder, threads: {n_threads}"
    )
axes[0].loglog(their_sizes, theirs, "s--", label="lasso_cd")
axes[0].set(xlabel="rows", ylabel="seconds", title="256 atoms")
axes[1].loglog(counts, by_atoms, "o-")
axes[1].set(xlabel="atoms", ylabel="seconds", title="5000 rows")
fig.legend(loc="outside lower center", ncols=3)
plt.show()
