"""What checks run inside a sandbox: the parent ``run``, the child ``child``, and the probes in ``ask``.

Stand-alone: standard library and the set under test only; the folder is mounted read-only, never imported by Solvent.
"""
