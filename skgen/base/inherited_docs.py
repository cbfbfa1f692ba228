"""Docstrings of estimators, completed by what their bases say of inherited parameters."""

import inspect
import re
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
        parameters = inspect.signature(cls.__init__).parameters
        by_name = {p.name: p.kind == p.KEYWORD_ONLY for p in parameters.values()}
        head = "Parameters\n----------\n"
        first = [head, *(entry + "\n" for names, entry in entries.items() if not by_name[names[0]])]
        rest = [entry for names, entry in entries.items() if by_name[names[0]]]
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
    parameters = inspect.signature(cls.__init__).parameters
    order = list(parameters)
    known = sorted((n for n in entries if n[0] in order), key=lambda names: order.index(names[0]))
    return {names: _with_default(entries[names], parameters[names[0]].default) for names in known}


def _entries(doc, section):
    """Entries of a section of a numpydoc docstring, by the names that they describe."""
    _, *parts = _SECTION.split(inspect.cleandoc(doc))
    body = dict(zip(parts[::2], parts[1::2])).get(section, "")
    starts = [match.start() for match in _ENTRY.finditer(body)]
    texts = [body[start:end].rstrip() for start, end in pairwise([*starts, len(body)])]
    return {tuple(_ENTRY.match(text)[1].split(", ")): text for text in texts}


def _with_default(entry, default):
    """An entry that states this default, if there is one."""
    shown = f'"{default}"' if isinstance(default, str) else repr(default)
    header, _, rest = entry.partition("\n")
    kind = header.rpartition(", default=")[0] or header
    stated = "" if default is inspect.Parameter.empty else f", default={shown}"
    return f"{kind}{stated}\n{rest}"
