"""First fits that find out what serves the fit of an estimator."""
