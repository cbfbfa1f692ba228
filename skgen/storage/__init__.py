"""Files of fitted models that execute nothing when they are opened."""

from skgen.storage.files import load_model, save_model

__all__ = ["load_model", "save_model"]
