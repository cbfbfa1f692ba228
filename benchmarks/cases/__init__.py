"""One benchmark case per file; a file whose name starts with an underscore holds shared code."""
