"""Which wheel a Python gets, by names as the index has them."""

from __future__ import annotations

import pytest

from manager.core.wheels import best

NATIVE = "sqlalchemy-2.1.9-cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl"
PURE = "sqlalchemy-2.1.9-py3-none-any.whl"
ABI3 = "psutil-7.2.2-cp36-abi3-manylinux2010_x86_64.manylinux_2_12_x86_64.manylinux_2_28_x86_64.whl"


@pytest.mark.parametrize(
    ("names", "python", "expected"),
    [
        ([PURE, NATIVE], "3.13", NATIVE),
        ([PURE, NATIVE], "3.11", PURE),
        ([ABI3], "3.9", ABI3),
        ([ABI3, "psutil-7.2.2-cp313-cp313-manylinux_2_28_x86_64.whl"], "3.13",
         "psutil-7.2.2-cp313-cp313-manylinux_2_28_x86_64.whl"),
        (["x-1-cp313-cp313-manylinux_2_17_x86_64.whl", "x-1-cp313-cp313-manylinux_2_28_x86_64.whl"], "3.13",
         "x-1-cp313-cp313-manylinux_2_28_x86_64.whl"),
        (["x-1-1-py3-none-any.whl", "x-1-2-py3-none-any.whl"], "3.13", "x-1-2-py3-none-any.whl"),
        (["x-1-cp313-cp313-manylinux_2_34_x86_64.whl"], "3.13", ""),
        (["x-1-cp313-cp313-musllinux_1_2_x86_64.whl", "x-1-cp313-cp313-macosx_11_0_arm64.whl"], "3.13", ""),
        (["x-1-cp314-cp314t-manylinux_2_28_x86_64.whl", "x-1.tar.gz"], "3.14", ""),
    ],
)  # fmt: skip
def test_the_most_specific_wheel_that_fits_is_chosen(names: list[str], python: str, expected: str) -> None:
    """In whatever order they come."""
    assert best(names, python, "x86_64") == expected
    assert best(reversed(names), python, "x86_64") == expected
