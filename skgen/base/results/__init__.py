"""What verbs return: scores under a measure, and rows in a container."""
