"""Modules under the names that they had in version 0.1, by which its pickles ask for them."""

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec

FORMER_NAMES = {
    "skgen.base.checkpoint": "skgen.callbacks.checkpoint",
    "skgen.base.monitor": "skgen.callbacks.monitor",
    "skgen.fine_tuning": "skgen.pretraining",
    "skgen.fine_tuning.classifier": "skgen.pretraining.classifier",
    "skgen.kernels.code_prior": "skgen.kernels.sparse.code_prior",
}


class FormerName:
    """Loader that gives a module which has moved, instead of a second copy of it."""

    def create_module(self, spec):
        """Return the module where it is now."""
        module = import_module(FORMER_NAMES[spec.name])
        self.spec = module.__spec__
        return module

    def exec_module(self, module):
        """Leave the module as it is; importing has put the former name into its spec."""
        module.__spec__ = self.spec


class FormerNames:
    """Finder of the modules that have moved."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """Return a spec for a former name, None for any other."""
        return ModuleSpec(name, FormerName()) if name in FORMER_NAMES else None


def install():
    """Let former names be imported."""
    # In front: the path of a package that has moved would give a second copy of its modules.
    if FormerNames not in sys.meta_path:
        sys.meta_path.insert(0, FormerNames)
