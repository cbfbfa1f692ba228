"""What a fit tells of itself while it runs: lines of a log, and tasks for callbacks."""
