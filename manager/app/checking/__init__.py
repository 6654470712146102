"""Compatibility checks: which cells there are, the sandbox that asks one, and runs of many."""
