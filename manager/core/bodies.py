"""What a notice looks like to a sink: a JSON object, a message for a chat, a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.core import night_notices
from manager.core.endings import headline, sentences, take_over, way_out
from manager.core.night_notices import NightNotice

if TYPE_CHECKING:
    from manager.core.notices import Notice
    from manager.core.sinks import Body


def body(notice: Notice | NightNotice, form: Body) -> dict[str, Any]:
    """Give what a webhook is sent as JSON."""
    return {"plain": plain, "slack": slack, "teams": teams}[form](notice)


def plain(notice: Notice | NightNotice) -> dict[str, Any]:
    """Give schema 1 of a notice: a line of the file, and the body for programs."""
    if isinstance(notice, NightNotice):
        return night_notices.plain(notice)
    ending = notice.ending
    return {
        "schema": 1,
        "id": notice.id,
        "release": notice.release,
        "owner": notice.owner,
        "milestone": notice.milestone,
        "revision": notice.revision,
        "day": notice.day.isoformat(),
        "end_of_life": ending.ends.isoformat(),
        "create_block": ending.launches.isoformat(),
        "restart_block": ending.starts.isoformat(),
        "successor": ending.successor or None,
        "message": ending.message or None,
        "frozen_until": ending.frozen.isoformat() if ending.frozen else None,
        "environments": list(notice.environments),
        "unmanaged": list(notice.strangers),
        "title": title(notice),
        "text": text(notice),
    }


def slack(notice: Notice | NightNotice) -> dict[str, Any]:
    """Give a message of blocks; ``text`` is for notifications, and a fallback (Slack's guide "Incoming webhooks")."""
    return {
        "text": title(notice),
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": title(notice)[:150]}},
            {"type": "section", "text": {"type": "plain_text", "text": text(notice)[:3000]}},
            {"type": "context", "elements": [{"type": "plain_text", "text": f"notice {notice.id}"}]},
        ],
    }


def teams(notice: Notice | NightNotice) -> dict[str, Any]:
    """Give an adaptive card as Teams' workflows take it: a message with the card as its one attachment."""
    blocks: list[dict[str, Any]] = [{"type": "TextBlock", "text": title(notice), "weight": "Bolder", "wrap": True}]
    blocks += [{"type": "TextBlock", "text": line, "wrap": True} for line in lines(notice)]
    blocks.append({"type": "TextBlock", "text": f"notice {notice.id}", "isSubtle": True, "size": "Small"})
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def title(notice: Notice | NightNotice) -> str:
    """Give the headline, with whom it is for."""
    if isinstance(notice, NightNotice):
        return night_notices.title(notice)
    return f"{headline(notice.ending, notice.day)} ({notice.owner})"


def text(notice: Notice | NightNotice) -> str:
    """Give everything, a line each."""
    return "\n".join(lines(notice))


def lines(notice: Notice | NightNotice) -> tuple[str, ...]:
    """Give the sentences of a notice, and the command that moves each environment."""
    if isinstance(notice, NightNotice):
        return night_notices.lines(notice)
    names = ", ".join(notice.environments)
    said = [f"{notice.owner} has {names} on {notice.release}."] if names else []
    if notice.strangers:
        said.append(f"{notice.owner} has containers of it that nobody manages: {', '.join(notice.strangers)}.")
    said += sentences(notice.ending, notice.day)
    said += [f"Take over:  {take_over(name, notice.owner)}" for name in notice.strangers]
    if notice.ending.successor:
        said += [f"Move:  {way_out(notice.ending, name)}" for name in notice.environments]
    return tuple(said)
