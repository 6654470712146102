"""The probes: one question each, by topic; :func:`asking.probe` puts them into the list."""
