"""How far two sets of rows are apart."""
