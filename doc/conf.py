"""Sphinx configuration; the build fetches nothing from the network."""

import sys
import warnings
from pathlib import Path

import matplotlib as mpl

import skgen

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]
mpl.use("agg")
warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")

project = "skgen"
author = "The skgen developers"
project_copyright = author
version = release = skgen.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "matplotlib.sphinxext.plot_directive",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "changes",
    "costs",
    "mathml",
    "members",
    "pictures",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_templates", "changes", "examples", "generated/unreleased.rst"]
# The pickled environment cannot hold the gallery's functions; a clone may lie anywhere.
suppress_warnings = ["config.cache", "sphinx_gallery.space_in_filename"]
default_role = "py:obj"
nitpicky = False

autosummary_generate = True
autodoc_typehints = "none"
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"plot_",
    "subsection_order": [
        f"examples/{section}"
        for section in (
            "tables",
            "choosing",
            "labels",
            "linear",
            "sparse",
            "autoencoder",
            "boltzmann",
            "autoregressive",
            "adversarial",
            "conditions",
            "own",
            "*",
        )
    ],
    "within_subsection_order": "FileNameSortKey",
    "backreferences_dir": "generated/backreferences",
    "doc_module": "skgen",
    "plot_gallery": True,
    # Examples of a section beside each other, one thread each: their networks are small.
    "parallel": 2,
    "download_all_examples": False,
    "show_memory": False,
    # Their tables would come from the network.
    "write_computation_times": False,
    "show_signature": False,
    "remove_config_comments": True,
    "ignore_repr_types": r"matplotlib|skgen\.inspection",
}

plot_formats = [("png", 150)]
plot_html_show_formats = False
plot_html_show_source_link = False

html_theme = "pydata_sphinx_theme"
html_title = "skgen"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["skgen.css"]
html_show_sourcelink = False
html_theme_options = {
    "show_prev_next": False,
    # Examples are code, which wants the whole width.
    "secondary_sidebar_items": {
        "*": ["page-toc"],
        "user_guide/**": ["page-toc"],
        "generated/**": ["page-toc"],
        "gallery/**": [],
    },
    "navigation_with_keys": False,
    "header_links_before_dropdown": 6,
}
# Pages without pages below them leave the room of the left bar to their tables.
html_sidebars = dict.fromkeys(
    (
        "installation",
        "lectures",
        "glossary",
        "benchmarks",
        "gpu",
        "compatibility",
        "developer",
        "changes",
    ),
    [],
)
