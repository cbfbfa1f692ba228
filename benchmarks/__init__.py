"""Benchmarks of skgen: objective x dataset x contender, with asserted ratios."""
