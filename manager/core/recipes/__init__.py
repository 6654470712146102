"""Recipes: files that say how a team makes its environment today, read for what a catalog can say as well.

A recipe is a Dockerfile, a requirements.txt, an environment.yml, an renv.lock or a pyproject.toml. Each has a module
that reads it and writes what it found into :class:`.notes.Notes`: what is taken, and what is left and why.
"""
