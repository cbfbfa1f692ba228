"""Networks that give the distribution of each pixel of an image from those before it."""
