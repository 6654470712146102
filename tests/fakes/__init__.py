"""Stateful stand-ins for the outside world: the same ports, in memory."""
