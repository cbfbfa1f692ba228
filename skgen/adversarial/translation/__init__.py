"""Translation of rows from one domain to another by adversarial training."""

from skgen.adversarial.translation.translation_gan import TranslationGAN

__all__ = ["TranslationGAN"]
