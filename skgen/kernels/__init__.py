"""Pure numerics: arrays and numbers in, arrays and a convergence measure out."""
