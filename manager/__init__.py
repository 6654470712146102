"""Solvent: versioned IDE images and curated data-source drivers, kept out of debt.

The public Python API is :class:`manager.app.manager.Manager`.
"""

__version__ = "0.1.0"
