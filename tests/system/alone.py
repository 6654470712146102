"""Runs a command in a network namespace that has a loopback and nothing else, and makes sure of that first.

unshare --net python alone.py COMMAND...
"""

from __future__ import annotations

import os
import sys

from tests.system.mirror_server import loopback

if __name__ == "__main__":
    loopback()
    os.execvp(sys.argv[1], sys.argv[1:])
