"""How large the filters are that fit into an image."""

# Of a side of the image that filter_size="auto" takes, and the fewest and the most pixels: three of
# a small image hold no more than a blob.
AUTO_FRACTION, LEAST_AUTO, MOST_AUTO = 0.35, 4, 12


def filter_of(filter_size, image_shape):
    """``(height, width)`` of the filters for an image ``(channels, height, width)``."""
    sides = image_shape[1:]
    if filter_size == "auto":
        wanted = (min(MOST_AUTO, max(LEAST_AUTO, round(AUTO_FRACTION * side))) for side in sides)
        return tuple(min(size, side // 2 + 1) for size, side in zip(wanted, sides))
    # Along a side of one pixel there is nothing to choose.
    shape = tuple(min(filter_size, side) if side == 1 else filter_size for side in sides)
    if any(size > side for size, side in zip(shape, sides)):
        raise ValueError(
            f"filter_size={filter_size} is more than an image of {sides[0]} x {sides[1]} pixels "
            f'has; use at most {min(s for s in sides if s > 1)}, or "auto".'
        )
    return shape
