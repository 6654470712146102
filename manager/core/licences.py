"""Licences as SPDX expressions, out of the words that packages of each ecosystem use for them."""

from __future__ import annotations

import re
from functools import cache

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

# Words that mean one licence and no other. Debian's are of its copyright format, R's of "Writing R Extensions"; of the
# classifiers only those that name a version. "BSD License" alone could be any of five.
_MEANT = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "bsd 2-clause": "BSD-2-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "bsd_3_clause": "BSD-3-Clause",
    "expat": "MIT",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
    "gnu lesser general public license v2 or later (lgplv2+)": "LGPL-2.1-or-later",
    "gnu general public license v2 (gplv2)": "GPL-2.0-only",
    "gnu general public license v3 (gplv3)": "GPL-3.0-only",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psf": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
}
_GNU = re.compile(r"(?P<name>[AL]?GPL)-?v?(?P<number>\d(?:\.\d)?)(?P<later>\+?)", re.IGNORECASE)
_R = re.compile(r"(?P<name>[AL]?GPL) \((?P<how>>=|==) (?P<number>\d(?:\.\d)?)\)", re.IGNORECASE)


@cache
def spdx(text: str) -> str:
    """Give a licence's SPDX expression; "" where its words are not known to mean one."""
    joined = re.sub(r"\s*\|\s*", " OR ", re.sub(r"\s*\+ file LICEN[CS]E\b", "", text)).strip()
    if not joined:
        return ""
    words = re.split(r"( AND | OR )", joined)
    meant = "".join(word if number % 2 else _meant(word.strip()) for number, word in enumerate(words))
    # AND binds more tightly than OR, so a text of both is taken only as it was written.
    for candidate in (joined, meant if not (" AND " in meant and " OR " in meant) else ""):
        try:
            return str(canonicalize_license_expression(candidate)) if candidate else ""
        except InvalidLicenseExpression:
            continue
    return ""


def _meant(word: str) -> str:
    if known := _MEANT.get(word.lower()):
        return known
    if found := _GNU.fullmatch(word):
        return _gnu(found["name"], found["number"], bool(found["later"]))
    if found := _R.fullmatch(word):
        return _gnu(found["name"], found["number"], found["how"] == ">=")
    return word


def _gnu(name: str, number: str, later: bool) -> str:
    whole = number if "." in number else f"{number}.0"
    return f"{name.upper()}-{whole}-{'or-later' if later else 'only'}"
