"""Leave members that scikit-learn defines out of the API pages: its documentation has them."""


def _skip(app, what, name, member, skip, options):
    function = getattr(member, "fget", member)
    module = getattr(function, "__module__", None) or ""
    inherited = module.startswith("sklearn.")
    # Routing methods are made by descriptors and carry no module of scikit-learn's.
    routing = name.startswith("set_") and name.endswith("_request")
    return True if inherited or routing else None


def setup(app):
    """Register with Sphinx."""
    app.connect("autodoc-skip-member", _skip)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
