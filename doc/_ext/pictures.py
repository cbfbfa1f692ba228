"""Show a figure of the gallery on another page, with a link to its example."""

import re
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOGGER = logging.getLogger(__name__)


class Picture(SphinxDirective):
    """``.. picture:: linear/plot_cocktail_party 2``, with the caption as content.

    A build that does not run the example has no such figure; the caption then stands alone.
    """

    required_arguments = 2
    has_content = True

    def run(self):
        """Return the figure."""
        example, number = self.arguments
        section, _, name = example.rpartition("/")
        if not Path(self.env.srcdir, "examples", f"{example}.py").exists():
            raise ExtensionError(f"{self.env.docname}: there is no example {example!r}.")
        caption = nodes.caption()
        self.state.nested_parse(self.content, self.content_offset, caption)
        caption.children = caption.children[0].children if caption.children else []
        figure = nodes.figure("", classes=["gallery-picture"])
        path = f"gallery/{section}/images/sphx_glr_{name}_{int(number):03d}.png"
        if Path(self.env.srcdir, path).exists():
            figure += nodes.image(uri=f"/{path}", alt=caption.astext())
        elif self._is_run(example):
            where = self.get_location()
            LOGGER.warning("there is no figure %s of %s", number, example, location=where)
        label = f"sphx_glr_gallery_{example.replace('/', '_')}.py"
        caption += nodes.Text(" ")
        caption += self.parse_inline(f":ref:`{label}`")[0]
        figure += caption
        return [figure]

    def _is_run(self, example):
        settings = self.config.sphinx_gallery_conf
        return settings["plot_gallery"] and re.search(settings["filename_pattern"], f"{example}.py")


def setup(app):
    """Register with Sphinx."""
    app.add_directive("picture", Picture)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
