"""Docstrings of estimators, completed by what their bases say of inherited parameters."""

import inspect
import re
from dataclasses import fields
from itertools import pairwise

_SECTION = re.compile(r"^(\w[\w ]*)\n-+\n", re.MULTILINE)
_ENTRY = re.compile(r"^(\w+(?:, \w+)*) : ", re.MULTILINE)


def document(cls):
    """Write the entries of the bases into the docstring of a class."""
    # python -OO strips docstrings.
    if not vars(cls).get("__doc__"):
        return
    text = inspect.cleandoc(cls.__doc__)
    if "%(shared_parameters)s" in text:
        entries = _inherited_entries(cls, "Parameters", own=_entries(text, "Parameters"))
        named = {f.name: f.kw_only for f in fields(cls)}
        head = "Parameters\n----------\n"
        first = [head, *(entry + "\n" for names, entry in entries.items() if not named[names[0]])]
        rest = [entry for names, entry in entries.items() if named[names[0]]]
        text = text.replace(head, "".join(first)).replace("%(shared_parameters)s", "\n".join(rest))
    if "%(shared_attributes)s" in text:
        entries = _inherited_entries(cls, "Attributes", own=_entries(text, "Attributes"))
        text = text.replace("%(shared_attributes)s", "\n".join(entries.values()))
    cls.__doc__ = text


def _inherited_entries(cls, section, own):
    """Entries of the bases' docstrings that a class has not itself, by name and in order."""
    entries = {}
    for base in cls.__mro__[1:]:
        for names, entry in _entries(vars(base).get("__doc__") or "", section).items():
            if names not in own:
                entries.setdefault(names, entry)
    if section == "Attributes":
        return entries
    order = list(inspect.signature(cls.__init__).parameters)
    known = sorted((n for n in entries if n[0] in order), key=lambda names: order.index(names[0]))
    defaults = {f.name: f.default for f in fields(cls)}
    return {names: _with_default(entries[names], defaults[names[0]]) for names in known}


def _entries(doc, section):
    """Entries of a section of a numpydoc docstring, by the names that they describe."""
    _, *parts = _SECTION.split(inspect.cleandoc(doc))
    body = dict(zip(parts[::2], parts[1::2])).get(section, "")
    starts = [match.start() for match in _ENTRY.finditer(body)]
    texts = [body[start:end].rstrip() for start, end in pairwise([*starts, len(body)])]
    return {tuple(_ENTRY.match(text)[1].split(", ")): text for text in texts}


def _with_default(entry, default):
    """An entry that states this default."""
    shown = f'"{default}"' if isinstance(default, str) else repr(default)
    header, _, rest = entry.partition("\n")
    kind = header.rpartition(", default=")[0] or header
    return f"{kind}, default={shown}\n{rest}"
