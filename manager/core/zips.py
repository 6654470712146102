"""What Python's readers raise for zip archives that cannot be read."""

from __future__ import annotations

import lzma
import zipfile
import zlib

# Damaged, cut, encrypted (RuntimeError), of an unknown compression (NotImplementedError, which is one), or with a name
# that is no text (ValueError). The decompressors have errors of their own.
BROKEN = (OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, ValueError)
