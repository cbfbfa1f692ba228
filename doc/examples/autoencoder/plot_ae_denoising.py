"""
Denoising autoencoder
=====================

Trained to rebuild digits from copies with a third of their pixels blotted out, the network learns
what digits look like, and removes noise from pictures that it has not seen. Corrupting and
rebuilding in turn is a Markov chain that draws new digits.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from skgen import DenoisingAE
from skgen.inspection import ReconstructionDisplay

X = load_digits().data / 16
train, test = X[:1400], X[1400:]
rng = np.random.default_rng(0)
hit = rng.random(test.shape) < 0.3
noisy = np.where(
    hit,
    (rng.random(test.shape) < 0.5).astype(float),
    test,
)

model = DenoisingAE(
    n_components=64,
    corruption="salt_and_pepper",
    corruption_level=0.3,
    random_state=0,
).fit(train)

# %%
# Peak signal-to-noise ratio on held-out digits; for comparison the best projection of the noisy
# pictures on principal components.


def psnr(pictures):
    return -10 * np.log10(np.mean((pictures - test) ** 2))


pcas = [PCA(k).fit(train) for k in (5, 10, 15, 20, 30)]
projected = [p.inverse_transform(p.transform(noisy)) for p in pcas]
lines = {
    "noisy": noisy,
    "best PCA": max(projected, key=psnr),
    "DenoisingAE": model.denoise(noisy),
}
for name, pictures in lines.items():
    print(f"{name:12} {psnr(pictures):.1f} dB")

# %%
ReconstructionDisplay.from_predictions(
    test[10:20],
    {name: pictures[10:20] for name, pictures in lines.items()},
    image_shape=(8, 8),
    cmap="gray_r",
)
plt.show()
