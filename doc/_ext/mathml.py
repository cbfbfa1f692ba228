"""Set formulas as MathML, which browsers show by themselves: no script, no fonts, no network."""

from docutils.nodes import SkipNode
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
SYNONYMS = {r"\dots": r"\ldots", r"\operatorname*": r"\operatorname"}


def to_mathml(tex, as_block=False):
    """Return the MathML of a LaTeX formula; in a block ``\\\\`` breaks the line."""
    for name, known in SYNONYMS.items():
        tex = tex.replace(name, known)
    if as_block and r"\\" in tex and r"\begin{" not in tex:
        tex = rf"\begin{{aligned}} {tex} \end{{aligned}}"
    return tex2mathml(tex, as_block=as_block)


def _write(self, node, as_block):
    try:
        text = to_mathml(node.astext(), as_block)
    except MathError as error:
        LOGGER.warning("%s in the formula %r", error, node.astext(), location=node)
        text = f"<code>{self.encode(node.astext())}</code>"
    self.body.append(f'<div class="formula">{text}</div>' if as_block else text)


def _visit_math(self, node):
    _write(self, node, as_block=False)
    raise SkipNode


def _visit_math_block(self, node):
    _write(self, node, as_block=True)
    raise SkipNode


def setup(app):
    """Register with Sphinx."""
    app.add_html_math_renderer("mathml", (_visit_math, None), (_visit_math_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
