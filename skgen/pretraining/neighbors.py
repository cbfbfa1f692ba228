"""What nearest neighbors say: the labels of rows without one, and how far rows are apart."""

import numpy as np
import torch
from scipy.sparse import csr_array
from sklearn.neighbors import NearestNeighbors
from sklearn.semi_supervised import LabelSpreading
from torch.nn import functional as F

from skgen.kernels.two_sample.distances import evenly_spaced
from skgen.pretraining.virtual_adversarial import N_ROWS

STAY = 0.99  # how far labels go: the part of a row's label that comes from its neighbors
BLOCK = 4096  # rows at once


class Teacher:
    """Rows, most of them without a label, and the probabilities that their neighbors give them.

    Parameters
    ----------
    rows : Tensor of shape (n, d)
        As the network sees them.
    known : ndarray of shape (n, n_classes)
        Probabilities of the labels; NaN in rows without one.
    n_neighbors : int
        Neighbors from which a row takes labels.
    """

    def __init__(self, rows, known, n_neighbors):
        self.rows, self.known, self.n_neighbors = rows, known, n_neighbors
        labels = spread_labels(rows.cpu().numpy(), known, n_neighbors)
        self.labels = torch.as_tensor(labels).to(rows)

    def draw(self, generator):
        """Some rows and the probabilities of their labels, drawn with replacement."""
        shape = (N_ROWS,)
        index = torch.randint(len(self.rows), shape, generator=generator, device=self.rows.device)
        return self.rows.index_select(0, index), self.labels.index_select(0, index)

    @torch.no_grad()
    def learn_from(self, encoder):
        """Multiply the probabilities by those among the neighbors in the codes of an encoder."""
        encoder.eval()
        codes = torch.cat([F.normalize(encoder(x)) for x in self.rows.split(BLOCK)])
        encoder.train()
        labels = spread_labels(codes.cpu().numpy(), self.known, self.n_neighbors)
        labels = self.labels * torch.as_tensor(labels).to(self.labels)
        self.labels.copy_(labels / labels.sum(1, keepdim=True))


def spread_labels(Z, known, n_neighbors):
    """Probabilities (n, n_classes) of labels that spread to the nearest neighbors, float64.

    They spread with a weight that falls with the distance, on the scale on which the rows on both
    sides have their neighbors (Zhou et al. 2003, Zelnik-Manor & Perona 2004); the classes keep
    the shares that they have among the known labels.
    """
    is_known = ~np.isnan(known[:, 0])
    y = np.where(is_known, np.nan_to_num(known).argmax(axis=1), -1)
    graph = neighbor_graph(Z, n_neighbors)
    model = LabelSpreading(kernel=lambda *_: graph, alpha=STAY, max_iter=1000)
    spread = np.full(known.shape, np.finfo(np.float32).tiny)
    found = model.fit(np.arange(len(y))[:, np.newaxis], y)
    spread[:, found.classes_] += found.label_distributions_
    spread /= spread.sum(axis=1, keepdims=True)
    spread *= known[is_known].mean(axis=0) / spread.mean(axis=0)
    spread /= spread.sum(axis=1, keepdims=True)
    spread[is_known] = known[is_known]
    return spread


def neighbor_graph(Z, n_neighbors):
    """Sparse symmetric weights (n, n) in [0, 1] of each row's neighbors."""
    n, k = len(Z), min(n_neighbors, len(Z) - 1)
    distances, neighbors = NearestNeighbors(n_neighbors=k).fit(Z).kneighbors()
    scale = np.maximum(distances[:, -1], np.finfo(np.float32).tiny)
    weights = np.exp(-(distances**2) / (scale[:, np.newaxis] * scale[neighbors]))
    rows = np.repeat(np.arange(n), k)
    graph = csr_array((weights.ravel(), (rows, neighbors.ravel())), shape=(n, n))
    return graph.maximum(graph.T)


def half_gap(X):
    """Half the median distance of rows to the nearest other one; 0 where all are alike."""
    some = evenly_spaced(np.arange(len(X)))
    distances, _ = NearestNeighbors(n_neighbors=2).fit(X).kneighbors(X[some])
    apart = distances[:, 1][distances[:, 1] > 0]
    return 0.5 * float(np.median(apart)) if len(apart) else 0.0
