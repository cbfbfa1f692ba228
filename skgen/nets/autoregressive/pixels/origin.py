"""Where copies of images come from, so that what they have in common is kept once."""


class Origin:
    """Numbers of the images of which those of today are copies; at first each is its own."""

    def __init__(self):
        self.rows = None

    def of(self, values):
        """Values (n, ...) of the first images, for those of today."""
        return values if self.rows is None else values[self.rows]

    def take(self, rows):
        """Let copies of some of today's images take their place."""
        self.rows = rows if self.rows is None else self.rows[rows]
