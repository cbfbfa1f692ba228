"""Networks that give the distribution of each column from others of its row."""
