"""A catalog with one release as small as can be that goes the whole way."""

from __future__ import annotations

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
RELEASE = "jupyterlab:1-py3.13"
# The shipped family's files, and one pure wheel as the IDE.
FAMILY = """
id = "jupyterlab"
title = "Tiny"
owner = "platform"
languages = ["python"]
size_budget = "600 MB"

[launch]
port = 8888
ready = "/api"
page = "/lab"
selector = "body"

[[release]]
line = "1-py3.13"
ide = "iniconfig==2.*"
python = "3.13"
system = "trixie"
released = 2026-06-18
"""
SOLVENT = """
schema = 1
name = "tiny"

[base]
origin = "bootstrap"

[systems.trixie]
suite = "trixie"
python = "3.13"
packages = ["python3"]

[systems.browser]
suite = "trixie"
python = "3.13"
packages = ["python3"]

"""


def small_catalog(root: Path, table: str = "") -> Path:
    """Write the catalog, with more tables where they are given."""
    family = root / "images/jupyterlab"
    family.mkdir(parents=True)
    (root / "connectors").mkdir()
    (root / "solvent.toml").write_text(SOLVENT + table)
    (family / "family.toml").write_text(FAMILY)
    shutil.copyfile(REPOSITORY / "images/upstream.toml", root / "images/upstream.toml")
    shutil.copyfile(REPOSITORY / "images/jupyterlab/Dockerfile", family / "Dockerfile")
    shutil.copytree(REPOSITORY / "images/jupyterlab/files", family / "files")
    shutil.copytree(REPOSITORY / "images/common", root / "images/common")
    return root
