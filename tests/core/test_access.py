"""How a person gets into an IDE: the URL, the password, and what is refused without them."""

from dataclasses import replace
from typing import get_args

import pytest

from manager.core.access import Access, Auth, access, has_kernels, kind_of
from manager.core.catalog import Launch

LAUNCH = Launch(8888, "/healthz", "/lab", "#main")


@pytest.mark.parametrize(("auth", "parameter"), [("token", "token"), ("access-token", "access_token")])
def test_a_token_stands_in_the_url(auth, parameter):
    """The URL is enough: it carries the credential, escaped, and no password is asked for."""
    way = access(replace(LAUNCH, auth=auth), "http://127.0.0.1:20001", "a&b c")
    assert way == Access(f"http://127.0.0.1:20001/lab?{parameter}=a%26b%20c")


def test_a_token_follows_what_the_page_asks_for_already():
    """A page with a query of its own keeps it."""
    way = access(replace(LAUNCH, page="/?file=a.py", auth="access-token"), "http://127.0.0.1:1", "x")
    assert way.url == "http://127.0.0.1:1/?file=a.py&access_token=x"


def test_a_password_stands_in_no_url():
    """What a page takes in a form only never reaches a URL, where histories and proxies would keep it."""
    way = access(replace(LAUNCH, auth="password"), "http://127.0.0.1:20001", "secret")
    assert way == Access("http://127.0.0.1:20001/lab", "secret")


@pytest.mark.parametrize("auth", get_args(Auth))
def test_every_kind_has_one_way_in_and_guards_no_probe_of_readiness(auth):
    """A credential goes by the URL or by a form, never by both or neither; whether it is ready everybody may ask."""
    launch = replace(LAUNCH, auth=auth)
    kind = kind_of(launch)
    assert bool(kind.parameter) != bool(kind.field)
    assert bool(kind.user) == bool(kind.user_field)
    assert launch.ready not in kind.guarded


def test_what_is_met_with_a_password_has_no_kernels():
    """Jupyter and marimo run cells in kernels; the others have sessions."""
    assert [one for one in get_args(Auth) if has_kernels(one)] == ["token", "access-token"]
