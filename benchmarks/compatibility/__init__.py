"""scikit-learn's own tests, run against skgen: ``python -m benchmarks.compatibility``.

The test modules ship inside the installed scikit-learn and are imported from there. While one is
imported, the estimators that it asks for are replaced by *adapters*: skgen's estimators behind
scikit-learn's signatures and names (``suites.py`` says which). An adapter renames and rescales; a
parameter without a counterpart raises ``NotOfferedError``. Tests that make no adapter are not
counted, for they say nothing about skgen.

``differences.toml`` lists every counted test that does not pass, with the reason and one of three
kinds: "on purpose" (we want the difference), "not offered" (a parameter or attribute that skgen
does not have) and "wrong" (a fault of skgen). A failure that is not in the list counts as wrong.
"""
