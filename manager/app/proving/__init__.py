"""Proves a build by looking into its running container: what it holds, what it lets happen, how a person meets it."""
