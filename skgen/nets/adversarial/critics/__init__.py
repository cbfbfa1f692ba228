"""Critics, and what they hold beside a body and a head."""
