"""The list of a bundle: written and read back the same, and refused where it says what no bundle may."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from manager.core.bundles import Bundle, Carried, Entry, check_machine, counts, read, render, summary
from manager.errors import Failed, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

A, B, C = "a" * 64, "b" * 64, "c" * 64
BUNDLE = Bundle(
    made=datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
    by="ana",
    solvent="0.1.0",
    machine="x86_64",
    realm="solvent",
    catalog="tiny",
    content="d" * 64,
    releases=("jupyterlab:1-py3.13",),
    entries=(
        Entry("catalog", "images/jupyterlab/family.toml", C, 3),
        Entry("image", f"sha256:{B}", B, 2),
        Entry("layer", f"sha256:{A}", A, 4),
        Entry("metadata", f"{A}/alpha-1.0-py3-none-any.whl", C, 3),
        Entry("package", "alpha-1.0-py3-none-any.whl", A, 4),
        Entry("package", "libc6_2.41-12+deb13u2_amd64.deb", B, 2),
    ),
    choices={"0" * 32: ("alpha-1.0-py3-none-any.whl", A)},
    lists={f"base-{C}": (("libc6_2.41-12+deb13u2_amd64.deb", B),)},
    bases={"e" * 64: C},
    images=(Carried("base", f"sha256:{B}", "trixie", "", "e" * 64, (f"sha256:{A}",)),),
)


def test_a_list_is_read_back_as_it_was_written() -> None:
    """The order of what it was made from does not matter to the text."""
    shuffled = replace(BUNDLE, entries=tuple(reversed(BUNDLE.entries)))

    assert read(render(BUNDLE), "x.bundle") == BUNDLE
    assert render(shuffled) == render(BUNDLE)


def test_what_is_in_it_is_counted_by_kind_and_shared_blobs_once() -> None:
    """The sum is that of the file."""
    assert counts(BUNDLE.entries)["package"] == {"count": 2, "bytes": 6}
    assert summary(BUNDLE.entries) == (
        "1 catalog file, 1 image configuration, 1 layer, 1 wheel description, 2 packages, 9 B"
    )


def test_two_packages_of_one_name_are_told_apart_by_their_hash() -> None:
    """As two indexes may have them; of anything else there is one."""
    twice = replace(
        BUNDLE, entries=tuple(sorted((*BUNDLE.entries, Entry("package", "alpha-1.0-py3-none-any.whl", C, 3))))
    )

    assert read(render(twice), "x.bundle") == twice


def _entry(**more: Any) -> Callable[[Any], None]:
    return lambda document: document["entries"].append({"kind": "npm", "name": "x", "sha256": A, "size": 4} | more)


@pytest.mark.parametrize("name", ["solvent.toml", "upstream.lock", "images/a b/ä.toml", "compose/x", "connectors/.x"])
def test_what_a_catalog_has_may_be_carried(name: str) -> None:
    """The control of those that may not."""
    document = json.loads(render(BUNDLE))
    document["entries"].append({"kind": "catalog", "name": name, "sha256": A, "size": 4})

    assert name in [one.name for one in read(json.dumps(document), "x.bundle").entries]


MADE = {"spec_hash": A, "inputs": [["a", "b"]], "layers": [], "created": "2026-11-22T12:00:00+00:00", "size": 5}


def _build(**more: Any) -> Callable[[Any], None]:
    return lambda document: document["images"][0].update(role="build", made=MADE | more)


def test_a_build_may_be_carried() -> None:
    """The control of those of which something odd is said."""
    document = json.loads(render(BUNDLE))
    _build()(document)

    assert read(json.dumps(document), "x.bundle").images[0].role == "build"


BAD: dict[str, Callable[[Any], None]] = {
    "a path that leads out": _entry(kind="catalog", name="images/../../etc/passwd"),
    "a file of git's": _entry(kind="catalog", name=".git/config"),
    "a folder of git's within": _entry(kind="catalog", name="images/x/.git/config"),
    "a folder of git's in capitals": _entry(kind="catalog", name="images/.GIT/config"),
    "a setting of git's": _entry(kind="catalog", name="images/.gitattributes"),
    "a file that no catalog has": _entry(kind="catalog", name=".envrc"),
    "a folder that no catalog has": _entry(kind="catalog", name="imagesx/run"),
    "an absolute path": _entry(kind="catalog", name="/etc/passwd"),
    "a path that leads out of npm's cache": _entry(name="_cacache/../../x"),
    "a package with a folder": _entry(kind="package", name="../alpha-1.0-py3-none-any.whl"),
    "a hidden package": _entry(kind="package", name=".alpha-1.0-py3-none-any.whl"),
    "an answer that leads out": _entry(kind="answer", name="python/../x"),
    "an unknown kind": _entry(kind="program", name="x"),
    "a name of another hash": _entry(kind="layer", name=f"sha256:{C}"),
    "no hash": _entry(name="_cacache/x", sha256="x"),
    "a negative size": _entry(name="_cacache/x", size=-1),
    "a size that is true": _entry(name="_cacache/x", size=True),
    "two sizes of one blob": _entry(name="_cacache/x", size=5),
    "the same entry twice": lambda document: document["entries"].append(document["entries"][0]),
    "a choice that is not there": lambda document: document["choices"].update({"1" * 32: ["beta.whl", A]}),
    "a choice that is a path": lambda document: document["choices"].update({"../x": ["alpha-1.0-py3-none-any.whl", A]}),
    "a list that is a path": lambda document: document["lists"].update({"../x": []}),
    "a base that is no digest": lambda document: document["bases"].update({"e" * 64: "../x"}),
    "an image whose layer is missing": lambda document: document["images"][0].update(layers=[f"sha256:{C}"]),
    "an image of no role": lambda document: document["images"][0].update(role="thing"),
    "a control character": lambda document: document.update(by="ana\x1b[2J"),
    "a file in a file": lambda document: (
        _entry(name="_cacache/a")(document),
        _entry(name="_cacache/a/b")(document),
    ),
    "a name that no disk takes": _entry(name=f"_cacache/{'a' * 250}"),
    "a day without a zone": lambda document: document.update(made="2026-11-22T12:00:00"),
    "a build of no time": _build(created="x"),
    "a build of no size": _build(size=-5),
    "a build of odd inputs": _build(inputs=["x"]),
    "a build of no digest": _build(spec_hash="x"),
    "no entries": lambda document: document.pop("entries"),
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
def test_a_list_that_says_what_no_bundle_may_is_refused(change: Callable[[Any], None]) -> None:
    """The control is the list as it was written."""
    document = json.loads(render(BUNDLE))
    change(document)

    with pytest.raises(Failed, match="no bundle that can be loaded"):
        read(json.dumps(document), "x.bundle")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": 1}', "[" * 100_000])
def test_what_is_no_list_is_an_error(text: str) -> None:
    """Nesting without end as well."""
    with pytest.raises(Failed, match="no bundle that can be loaded"):
        read(text, "x.bundle")


def test_a_newer_schema_and_another_machine_are_refused() -> None:
    """Both are whole bundles, for somebody else."""
    newer = json.dumps(json.loads(render(BUNDLE)) | {"schema": 2})

    with pytest.raises(Refused, match="made by another Solvent"):
        read(newer, "x.bundle")
    with pytest.raises(Refused, match="is for x86_64, and this machine is aarch64"):
        check_machine(BUNDLE, "aarch64", "x.bundle")
    check_machine(BUNDLE, "x86_64", "x.bundle")
