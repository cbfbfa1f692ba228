"""The earlier name of ``skgen.pretraining``, by which old pickles ask for their class.

A pickle names the module ``skgen.fine_tuning.classifier``. Python imports this file first, and
then takes from ``sys.modules`` what it puts there.
"""

import sys

from skgen.pretraining import FineTunedClassifier, classifier

__all__ = ["FineTunedClassifier"]

sys.modules[f"{__name__}.classifier"] = classifier
