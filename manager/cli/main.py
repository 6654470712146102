"""The console entry: runs the command tree and turns whatever ends it into an exit code.

Nothing is imported before it is known to be needed, so ``solvent --version`` costs hardly more than the bare
interpreter, and completion pays for click alone.
"""

from __future__ import annotations

import gc
import os
import sys

# The name that click gives the variable through which a shell asks for completions.
COMPLETE = "_SOLVENT_COMPLETE"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from manager.cli.session import Opener


def run(arguments: Sequence[str] | None = None, opener: Opener | None = None) -> int:
    """Run one command line and give its exit code; ``opener`` makes the Manager (tests bring their own)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == ["--version"]:
        from manager import __version__

        sys.stdout.write(f"solvent {__version__}\n")
        return 0
    if instruction := os.environ.get(COMPLETE):
        from click.shell_completion import shell_complete

        from manager.cli.tree import root

        return shell_complete(root, {}, "solvent", COMPLETE, instruction)
    from manager.cli.ending import ended

    if arguments is None:
        # Looking for circles among ten thousand rows over and over would take a tenth of a command's time.
        gc.set_threshold(100_000, 50, 1000)
    return ended(given, opener)
