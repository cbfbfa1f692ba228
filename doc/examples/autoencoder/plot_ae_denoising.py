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

X = load_digits().data / 16
train, test = X[:1400], X[1400:]
rng = np.random.default_rng(0)
hit = rng.random(test.shape) < 0.3
noisy = np.where(hit, (rng.random(test.shape) < 0.5).astype(float), test)

model = DenoisingAE(
    n_components=64, corruption="salt_and_pepper", corruption_level=0.3, random_state=0
).fit(train)

# %%
# Peak signal-to-noise ratio on held-out digits; for comparison the best projection of the noisy
# pictures on principal components.


def psnr(pictures):
    return -10 * np.log10(np.mean((pictures - test) ** 2))


projections = {k: PCA(k).fit(train) for k in (5, 10, 15, 20, 30)}
pca = max((p.inverse_transform(p.transform(noisy)) for p in projections.values()), key=psnr)
clean = model.denoise(noisy)
for name, pictures in {"noisy": noisy, "best PCA": pca, "DenoisingAE": clean}.items():
    print(f"{name:12} {psnr(pictures):.1f} dB")

# %%
columns = {"true": test, "noisy": noisy, "PCA": pca, "denoised": clean}
fig, axes = plt.subplots(4, 10, figsize=(10, 4.2), layout="constrained")
for line, (name, pictures) in zip(axes, columns.items()):
    line[0].set_ylabel(name)
    for ax, picture in zip(line, pictures[10:20]):
        ax.imshow(picture.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
plt.show()
