"""Adapters: one file, one outside thing; none knows another."""
