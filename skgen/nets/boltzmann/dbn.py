"""Deep belief networks: directed layers below a machine, and the way up to it."""

from skgen.nets.boltzmann import labeled
from skgen.nets.boltzmann.directed import DirectedNet


class DBN(DirectedNet):
    """p(x | h_1) ... p(h_L-2 | h_L-1) p_top(h_L-1, h_L), with q(h_l | h_l-1) for the way up.

    ``generative[l]`` and ``recognition[l]`` are machines of which the one lends its visible
    units and the other its hidden ones; they may be the same. ``top`` is an RBM, whose labels,
    if it has some, are summed out wherever they are not asked for.
    """

    def __init__(self, recognition, generative, top):
        super().__init__(recognition, generative)
        self.top = top

    def log_top(self, u):
        """Log p(h_L-1) + log Z of the top, labels summed out."""
        return -self.free_energy(u)

    def up_means(self, x):
        """Probabilities of the layer below the top, passed up layer by layer."""
        return self.passed_up(x)[-1]

    def layer_means(self, x):
        """Probabilities of each hidden layer given x passed up, the lowest first."""
        _, *means = layers = self.passed_up(x)
        return [*means, labeled.hidden_means(self.top, layers[-1])]

    def classify(self, x):
        """Probabilities of the labels given x passed up, shape (..., n_classes)."""
        return labeled.class_probabilities(self.top, self.up_means(x))

    def decode(self, z, number=-1):
        """Means of x given a hidden layer, passed down; ``number`` is -1 for the last."""
        if number == -1:
            z, number = self.without_labels(self.top.visible_mean(z)), -2
        return self.passed_down(z, len(self.generative) + number + 2)

    def draw_data(self, v, generator):
        """Draw x downwards from visible rows v of the top."""
        return self.draw_down(self.without_labels(v), generator)[0]

    def draw_means(self, v, generator):
        """Means of x given the layer above it, drawn downwards from visible rows v of the top."""
        return self.draw_mean(self.without_labels(v), generator)

    def free_energy(self, u):
        """Free energy of rows u under the top, labels summed out."""
        return labeled.free_energy(self.top, u)

    def class_free_energies(self, u):
        """Free energy of rows u (..., d) beside each label, shape (..., n_classes)."""
        return labeled.class_free_energies(self.top, u)

    def without_labels(self, v):
        """Visible rows of the top without their labels."""
        return labeled.without_labels(self.top, v)
