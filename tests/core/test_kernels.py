"""The kernels of a family's languages, and what their cells have to answer."""

from __future__ import annotations

import pytest

from manager.core.kernels import Kernel, kernels, undescribed

SAS = Kernel("sas", "sas", needs="a SAS server")


def test_python_and_r_have_kernels_that_nobody_describes() -> None:
    """One that is described stands for the usual one of its language."""
    mine = Kernel("python-gpu", "python")

    assert [one.name for one in kernels(("python", "r"), ())] == ["python3", "ir"]
    assert [one.name for one in kernels(("python", "r"), (mine,))] == ["ir", "python-gpu"]


def test_a_language_without_a_kernel_is_seen() -> None:
    """Unless it is described."""
    assert undescribed(("python", "sas"), ()) == ("sas",)
    assert undescribed(("python", "sas"), (SAS,)) == ()


@pytest.mark.parametrize(
    ("printed", "shown", "wrong"),
    [
        ("", ("[1] 2",), ""),
        ("[1] 2\n", (), ""),
        ("", ("[1] 3",), "1+1 gave [1] 3, not [1] 2"),
        ("12", (), "1+1 gave 12, not [1] 2"),
        ("", (), "1+1 gave nothing, not [1] 2"),
    ],
)
def test_a_cell_has_to_give_what_is_expected(printed: str, shown: tuple[str, ...], wrong: str) -> None:
    """Printed or shown, and whole: a 12 is no 2."""
    assert Kernel("ir", "r", expects="[1] 2").wrong(printed, shown) == wrong
