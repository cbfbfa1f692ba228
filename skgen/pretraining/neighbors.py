"""What nearest neighbors say: the labels of rows without one, and how far rows are apart."""

import numpy as np
import torch
from scipy.sparse import csr_array
from sklearn.semi_supervised import LabelSpreading
from torch.nn import functional as F

from skgen.kernels.two_sample.distances import evenly_spaced
from skgen.pretraining.virtual_adversarial import N_ROWS
from skgen.training.inference import rows_at_once

STAY = 0.99  # how far labels go: the part of a row's label that comes from its neighbors
N_DISTANCES = 2**24  # distances at once
CERTAINTY = 0.3  # weight of the entropy of the predictions beside the neighbors' labels


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
        self.labels = torch.as_tensor(spread_labels(rows, known, n_neighbors)).to(rows)
        self.certainty = torch.full((), CERTAINTY).to(rows)

    def draw(self, generator):
        """Some rows and the probabilities of their labels, drawn with replacement."""
        shape = (N_ROWS,)
        index = torch.randint(len(self.rows), shape, generator=generator, device=self.rows.device)
        return self.rows.index_select(0, index), self.labels.index_select(0, index)

    def loss(self, logits, labels):
        """Mean cross-entropy of the labels and predictions, and entropy of the latter, nats."""
        logs = torch.log_softmax(logits, -1)
        return -((labels + self.certainty * logs.exp()) * logs).sum(-1).mean()

    def state_dict(self):
        """What changes in the course of a training."""
        return {"labels": self.labels, "certainty": self.certainty}

    def load_state_dict(self, state):
        """Take it back."""
        self.labels.copy_(state["labels"])
        self.certainty.copy_(state["certainty"])

    def retire(self):
        """Teach nothing any more: what is left of the loss is the entropy."""
        self.labels.zero_()
        self.certainty.fill_(1.0)

    @torch.no_grad()
    def learn_from(self, encoder):
        """Multiply the probabilities by those among the neighbors in the codes of an encoder."""
        encoder.eval()
        blocks = self.rows.split(rows_at_once(encoder, self.rows.shape[1]))
        codes = torch.cat([F.normalize(encoder(x)) for x in blocks])
        encoder.train()
        labels = spread_labels(codes, self.known, self.n_neighbors)
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
    distances, neighbors = (found.cpu().numpy() for found in nearest(Z, k))
    scale = np.maximum(distances[:, -1], np.finfo(np.float32).tiny)
    weights = np.exp(-(distances**2) / (scale[:, np.newaxis] * scale[neighbors]))
    rows = np.repeat(np.arange(n), k)
    graph = csr_array((weights.ravel(), (rows, neighbors.ravel())), shape=(n, n))
    return graph.maximum(graph.T)


def nearest(Z, k, some=None):
    """Distances of rows of a tensor to the k nearest others, and which these are, (n, k) each.

    Of ``some`` rows by their indices, or of all; on the device of the rows.
    """
    some = torch.arange(len(Z), device=Z.device) if some is None else some
    squares, found = (Z * Z).sum(1), []
    for rows in some.split(max(1, N_DISTANCES // len(Z))):
        products = torch.addmm(squares, Z[rows], Z.T, alpha=-2)
        products.scatter_(1, rows.unsqueeze(1), torch.inf)
        neighbors = products.topk(k, largest=False).indices
        # The squares of large rows cancel; the differences of a few rows do not.
        gaps = Z[neighbors] - Z[rows].unsqueeze(1)
        distances, order = gaps.norm(dim=2).sort(dim=1)
        found.append((distances, neighbors.gather(1, order)))
    return tuple(torch.cat(parts) for parts in zip(*found))


def quarter_gap(X):
    """A quarter of the median distance of rows to the nearest other one; 0 where all are alike."""
    some = torch.from_numpy(evenly_spaced(np.arange(len(X))))
    distances = nearest(torch.as_tensor(X), 1, some)[0]
    apart = distances[distances > 0]
    return 0.25 * float(apart.median()) if len(apart) else 0.0
