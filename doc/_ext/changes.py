"""Collect the changelog fragments of ``doc/changes`` into one list before the build."""

from pathlib import Path

KINDS = {
    "added": "Added",
    "changed": "Changed",
    "fixed": "Fixed",
}


def collect(folder):
    """Return the fragments of a folder as one reStructuredText text."""
    blocks = []
    fragments = sorted(Path(folder).glob("*.rst"))
    odd = [
        path.name for path in fragments if path.suffixes[-2:-1] not in [[f".{k}"] for k in KINDS]
    ]
    if odd:
        raise ValueError(
            f"{odd} in doc/changes: a fragment is named TOPIC.KIND.rst, {list(KINDS)}."
        )
    for kind, title in KINDS.items():
        texts = [path.read_text().strip() for path in fragments if path.suffixes[-2] == f".{kind}"]
        if texts:
            items = ["- " + text.replace("\n", "\n  ") for text in texts]
            blocks += [f"{title}\n{'~' * len(title)}", "\n".join(items)]
    return "\n\n".join(blocks or ["Nothing yet."]) + "\n"


def _write(app):
    target = Path(app.srcdir) / "generated" / "unreleased.rst"
    target.parent.mkdir(exist_ok=True)
    text = collect(Path(app.srcdir) / "changes")
    if not target.exists() or target.read_text() != text:
        target.write_text(text)


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
