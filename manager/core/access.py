"""How a person gets into an IDE, and how what proves that it is them reaches it: a row for each ``launch.auth``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from manager.core.delivery import PLACE

if TYPE_CHECKING:
    from manager.core.catalog import Launch

Auth = Literal["token", "access-token", "password", "user-password"]

# Where the credential lies in every container, whatever its kind: 43 characters, no newline, new at each start.
CREDENTIAL = f"{PLACE}/token"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of credential: what differs between IDEs.

    ``parameter`` is the query parameter by which the page's URL carries it, empty where the page only takes it in a
    form; ``field`` is the CSS selector of that form's field, empty where the URL is enough. ``guarded`` are paths,
    besides the page, that must be refused without it.

    ``login`` is the end of the path that who has no credential is sent to. A form that wants a name as well has the
    field ``user_field``, and takes ``user``. ``server`` is the probe that runs cells through the IDE's server, empty
    where an IDE has no kernels.
    """

    parameter: str
    field: str
    guarded: tuple[str, ...]
    login: str = "/login"
    user_field: str = ""
    user: str = ""
    server: str = ""


_KINDS: dict[Auth, Kind] = {
    "token": Kind(
        "token",
        "",
        ("/api/kernels", "/api/contents"),
        # Jupyter Server reads the file that JUPYTER_TOKEN_FILE names.
        server="kernels",
    ),
    "access-token": Kind(
        "access_token",
        "",
        ("/api/version",),
        # Marimo reads the file that --token-password-file names.
        server="marimo",
    ),
    "password": Kind(
        "",
        "input[type=password]",
        (),
        # The entry point writes it into a configuration beside it, in the same file system in memory.
    ),
    "user-password": Kind(
        "",
        "input[type=password]",
        (),
        # RStudio asks a program of the image, which reads the file.
        login="/auth-sign-in",
        user_field="input[name=username]",
        user="solvent",
    ),
}


@dataclass(frozen=True, slots=True)
class Access:
    """What a person needs to get into an environment: the URL to open, and what the page asks for after that.

    ``password`` is empty where the URL carries the credential; then the URL is a secret itself.
    """

    url: str
    password: str = ""


def kind_of(launch: Launch) -> Kind:
    """Give what is particular to the kind of a family's credential."""
    return _KINDS[launch.auth]


def has_kernels(auth: Auth) -> bool:
    """Say whether an IDE of this kind has kernels; where it has none, each language needs the command of a session."""
    return bool(_KINDS[auth].server)


def access(launch: Launch, address: str, credential: str) -> Access:
    """Say how a person gets in; ``address`` is such as ``http://127.0.0.1:20001``, without a slash at its end."""
    kind, page = kind_of(launch), f"{address}{launch.page}"
    if not kind.parameter:
        return Access(page, credential)
    return Access(f"{page}{'&' if '?' in page else '?'}{kind.parameter}={quote(credential, safe='')}")
