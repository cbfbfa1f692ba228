"""Networks that translate rows of one domain to those of another."""
