"""Brings notices to their sinks, and notes in the ledger what got there and what did not."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING

from manager.app import mirrors
from manager.core import bodies
from manager.core.reach import login_of
from manager.core.sinks import LINES, MAIL
from manager.errors import Failed, ManagerError, Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from manager.app.world import World
    from manager.core.night_notices import NightNotice
    from manager.core.notices import Notice
    from manager.core.sinks import Mail, Webhook

    Send = Callable[[Notice | NightNotice], None]

# The steps of one process take turns at a sink.
_TURNS: dict[str, threading.Lock] = defaultdict(threading.Lock)


def deliver(world: World, sink: str, notices: Iterable[Notice | NightNotice]) -> int:
    """Bring notices to one sink, each noted as it gets there or fails; gives how many got there.

    One that is refused does not keep the others from going; those that were tried least go first. When the sink itself
    cannot be reached, the first one bears the reason, and all wait for the next time. What somebody else brings there
    meanwhile, on another machine with the same database, is left to them.
    """
    waiting, there, ledger = list(notices), 0, world.store.ledger
    try:
        with _turn(world, sink), _opened(world, sink) as send:
            tried = {one.notice: one.attempts for one in ledger.waiting() if one.sink == sink}
            waiting = sorted((one for one in waiting if one.id in tried), key=lambda one: tried[one.id])
            while waiting:
                if ledger.begin(waiting[0].id, sink, tried[waiting[0].id]):
                    error = _tried(send, waiting[0])
                    ledger.note(waiting[0].id, sink, world.clock.now(), error)
                    there += not error
                waiting.pop(0)
    except Refused:
        pass
    except ManagerError as error:
        if waiting:
            ledger.note(waiting[0].id, sink, world.clock.now(), reason(error))
    return there


def _tried(send: Send, notice: Notice | NightNotice) -> str:
    """Send one notice; give why it was refused, "" when it was not. Raises what the sink itself has."""
    try:
        send(notice)
    except Failed as error:
        return reason(error)
    return ""


def reason(error: ManagerError) -> str:
    """Give an error on one line."""
    return ": ".join(filter(None, (error.message, error.why)))[:500]


@contextmanager
def _turn(world: World, sink: str) -> Iterator[None]:
    """Keep two commands from sending the same; raises Refused while another one has the sink."""
    with _TURNS[sink]:
        if not world.claims.take_new(f"sink-{sink}"):
            raise Refused(f"another command sends to {sink}")
        try:
            yield
        finally:
            world.claims.release(f"sink-{sink}")


@contextmanager
def _opened(world: World, sink: str) -> Iterator[Send]:
    """Give what sends one notice; raises UsageError for a sink that the settings do not have."""
    sinks = world.settings.notices
    webhook = sinks.webhook(sink)
    if sink == LINES and sinks.file:
        from manager.world import lines

        yield lambda notice: lines.append(sinks.file, json.dumps(bodies.plain(notice), ensure_ascii=False))
    elif webhook is not None:
        yield _poster(world, webhook)
    elif sink == MAIL and sinks.mail is not None:
        with _mailer(world, sinks.mail) as send:
            yield send
    else:
        raise UsageError(f"the settings have no sink {sink}")


def _poster(world: World, webhook: Webhook) -> Send:
    from manager.world import secrets
    from manager.world.webhook import post

    reach = mirrors.reach(world)
    address = webhook.address
    if not address.startswith(("http://", "https://")):
        address = secrets.resolve(address).reveal()
    headers = {"Content-Type": "application/json"}
    if webhook.token:
        token = secrets.resolve(webhook.token).reveal()
        if not (token.isascii() and token.isprintable()):
            raise UsageError(f"the token of {webhook.sink} holds a character that no header takes")
        headers["Authorization"] = f"Bearer {token}"

    def send(notice: Notice | NightNotice) -> None:
        # By this name servers tell a repeated request from a new one.
        known = {"Idempotency-Key": notice.id}
        post(address, json.dumps(bodies.body(notice, webhook.body)).encode(), headers | known, reach)

    return send


@contextmanager
def _mailer(world: World, mail: Mail) -> Iterator[Send]:
    from manager.world import secrets
    from manager.world.mail import sending, written

    login = login_of("credentials", secrets.resolve(mail.credentials), "notices.mail.") if mail.credentials else None
    with sending(mail, login, mirrors.reach(world).bundle) as send:

        def one(notice: Notice | NightNotice) -> None:
            to = mail.address(notice.owner)
            if not to:
                raise Failed(f"notices.mail.owners has no address for {notice.owner}")
            send(written(mail.sender, to, bodies.title(notice), bodies.text(notice) + "\n", notice.id))

        yield one
