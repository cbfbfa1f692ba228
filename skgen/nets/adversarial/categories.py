"""Categories of latent rows, drawn for each batch and seen by the generator as a condition is."""

import torch

from skgen.nets.conditions import ConditionColumns


class CategoryColumns(ConditionColumns):
    """Where the code of a latent category stands: behind rows, of which data have none.

    Parameters
    ----------
    n_features : int
        Number of features before the code.
    n_categories : int
        Number of categories, all equally frequent.
    """

    def __init__(self, n_features, n_categories):
        super().__init__(n_features, [n_categories + 1])
        self.register_buffer("numbers", torch.arange(n_categories + 1))

    def drawn(self, n, generator):
        """The code of n draws, (n, n_categories + 1)."""
        shape, device = (n, 1), self.numbers.device
        number = torch.randint(self.width - 1, shape, generator=generator, device=device)
        return (number == self.numbers).to(self.unknown.dtype)
