"""Installed package trees: one fixed form for the same lock, stored by the digest of every byte.

A tree is the content of a venv-shaped prefix such as ``/opt/solvent/kernel``: ``bin`` with an interpreter link,
``pyvenv.cfg``, ``lib/pythonX.Y/site-packages``, ``share``, ``etc``. It is checked, and shipped, as it is.
"""
