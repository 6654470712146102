"""What notebooks of every team begin with."""

import locale
import os
import sqlite3
import ssl
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

for folder in (Path.cwd(), Path.home()):
    note = folder / ".solvent-test"
    note.write_text("geschrieben: ä ✓", encoding="utf-8")
    assert note.read_text(encoding="utf-8").endswith("ä ✓")
    note.unlink()
assert Path.cwd() == Path("/workspace")
assert locale.getpreferredencoding().upper() == "UTF-8"
assert ZoneInfo("Europe/Berlin")
assert sqlite3.connect(":memory:").execute("select 1 + 1").fetchone() == (2,)
assert ssl.create_default_context().get_ca_certs()
assert subprocess.run(["git", "--version"], check=True, capture_output=True)

# What pip installs goes into the workspace, is found before the locked packages, and is the release's own.
overlay = Path(os.environ["SOLVENT_OVERLAY"])
first = next(Path(one) for one in sys.path if one.endswith("site-packages"))
assert overlay in first.parents, sys.path
done = subprocess.run([f"{sys.prefix}/bin/pip", "list", "--format=freeze"], check=True, capture_output=True, text=True)
assert "ipykernel==" in done.stdout
