"""Sends archives to the engine and reads its answers, which are JSON lines: what the SDK has no call for."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import APIClient
    from requests import Response


def post(client: APIClient, path: str, data: Any, params: dict[str, Any]) -> Response:
    """Post a body of the type tar, however long it is; raises what the SDK raises for a refusal."""
    response = client.post(
        f"{client.base_url}/v{client.api_version}{path}",
        data=data,
        params=params,
        headers={"Content-Type": "application/tar"},
        stream=True,
        # However long the engine takes: a person can interrupt.
        timeout=None,
    )
    return checked(response)


def checked(response: Response) -> Response:
    """Give an answer back, or raise what the SDK raises for a refusal."""
    from docker.errors import create_api_error_from_http_exception
    from requests import HTTPError

    try:
        response.raise_for_status()
    except HTTPError as error:
        create_api_error_from_http_exception(error)
    return response


def events(response: Response) -> Iterator[dict[str, Any]]:
    """Give the JSON lines of an answer as they come."""
    # Closing the connection is also what makes the engine give up a build.
    with closing(response):
        for line in response.iter_lines():
            if line:
                yield json.loads(line)
