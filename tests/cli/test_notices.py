"""Owners are told that a release ends: in their inbox, by file and webhook and mail, and inside their environments."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes.receivers import hook, mailbox
from tests.fakes.runtime import RuntimeEngine

if TYPE_CHECKING:
    from tests.cli.conftest import World

ENDING = "jupyterlab:4.4-py3.11"  # retires on 2027-01-03, 43 days after the day of the tests
TITLE = f"{ENDING} retires on 2027-01-03"


@pytest.fixture
def ending(solvent: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give a world with a running environment of a release that ends soon."""
    monkeypatch.setattr("manager.world.webhook.PAUSES", (0, 0))
    solvent.engine = RuntimeEngine(tmp_path / "run")
    solvent.build(ENDING)
    assert solvent("env", "launch", ENDING, "--name", "work").code == 0
    return solvent


def _settings(text: str) -> None:
    import os

    folder = Path(os.environ["SOLVENT_HOME"], "config")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(text)


def _kinds(steps: list[dict[str, str]], *kinds: str) -> list[str]:
    return [one["target"] for one in steps if one["kind"] in kinds]


def test_the_plan_of_the_day_tells_owners_once(ending: World) -> None:
    """First the plan says who will be told and why; applied it is empty; tomorrow as well."""
    planned = ending("lifecycle", "plan", "-o", "json").json["steps"]
    (step,) = [one for one in planned if one["kind"] == "send notices"]
    applied = ending("lifecycle", "apply", "--progress", "none", "-o", "json")
    again = ending("lifecycle", "plan", "-o", "json").json["steps"]

    assert (step["target"], step["needs"]) == (ENDING, [f"announce:{ENDING}"])
    assert step["cause"] == "43 days before its end on 2027-01-03: 1 environment of 1 owner are on it"
    assert applied.code == 0
    assert _kinds(applied.json["steps"], "send notices") == [ENDING]
    assert again == []


def test_status_is_the_inbox_until_the_environment_has_moved(ending: World) -> None:
    """One matter with the command that moves it, in the place of the one that the dates alone gave."""
    before = [one["kind"] for one in ending("status", "-o", "json").json["matters"]]
    ending("lifecycle", "apply", "--progress", "none")
    told = ending("status", "-o", "json").json["matters"]
    ending("env", "remove", "work", "--approve-destructive")
    after = [one["kind"] for one in ending("status", "-o", "json").json["matters"]]

    (matter,) = [one for one in told if one["kind"] == "notice"]
    assert matter["text"] == f"{TITLE}: work; you were told on 2026-11-21"
    assert matter["pay"] == "solvent env upgrade work --to jupyterlab:4.5-py3.11"
    assert ("deprecated" in before, "deprecated" in [one["kind"] for one in told]) == (True, False)
    assert "notice" not in before + after


def test_every_sink_gets_the_same_notice(ending: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of lines, a webhook that fails twice, and mail to the owner's address, all with one identity."""
    with hook(503, 500, 202) as team, mailbox() as box:
        monkeypatch.setenv("TEAM", team.address)
        _settings(
            f'[notices]\nfile = "{tmp_path}/notices.jsonl"\n'
            '[notices.webhooks.team]\naddress = "env:TEAM"\nbody = "teams"\n'
            f'[notices.mail]\nhost = "127.0.0.1"\nport = {box.port}\nsecurity = "none"\nfrom = "solvent@example.org"\n'
            '[notices.mail.owners]\n"*" = "ana@example.org"\n'
        )
        ran = ending("lifecycle", "apply", "--progress", "none")
        again = ending("lifecycle", "apply", "--progress", "none")

    assert (ran.code, again.code) == (0, 0)
    (line,) = [json.loads(one) for one in (tmp_path / "notices.jsonl").read_text().splitlines()]
    assert (line["release"], line["milestone"], line["end_of_life"]) == (ENDING, 60, "2027-01-03")
    assert line["environments"] == ["work"]
    assert [headers["Idempotency-Key"] for headers, _ in team.came] == [line["id"]] * 3
    (card,) = {body for _, body in team.came}
    (attachment,) = json.loads(card)["attachments"]
    assert attachment["content"]["body"][0]["text"].startswith(TITLE)
    (mail,) = box.took
    assert (mail["To"], mail["X-Solvent-Notice"]) == ("ana@example.org", line["id"])
    assert "solvent env upgrade work --to jupyterlab:4.5-py3.11" in mail.get_content()


def test_an_unreachable_webhook_is_a_finding_and_is_tried_again(
    ending: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 3 with the reason, which does not hold the address; everything else is done; the next run delivers it."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("TEAM", f"http://127.0.0.1:{port}/SECRET")
    _settings(
        f'[notices]\nfile = "{tmp_path}/n.jsonl"\n[notices.webhooks.team]\naddress = "env:TEAM"\nbody = "slack"\n'
    )

    first = ending("lifecycle", "apply", "--progress", "none")
    planned = ending("lifecycle", "plan", "-o", "json").json["steps"]
    finding = [one for one in ending("doctor", "-o", "json").json["findings"] if one["part"] == "notices"]
    with hook() as there:
        monkeypatch.setenv("TEAM", there.address)
        second = ending("lifecycle", "apply", "--progress", "none")

    assert first.code == 3
    assert "1 notice waits for webhook:team: " in first.err
    assert "refused" in first.err
    assert "SECRET" not in first.out + first.err + json.dumps(planned)
    assert [(one["kind"], one["target"]) for one in planned] == [("send again", "webhook:team")]
    assert [one["outcome"] for one in finding] == ["warn"]
    assert second.code == 0
    assert TITLE in json.loads(there.came[0][1])["text"]
    assert len((tmp_path / "n.jsonl").read_text().splitlines()) == 1


def test_a_running_environment_shows_it_and_a_started_one_too(ending: World) -> None:
    """The message is there from the start; another one comes while it runs; both in memory."""
    assert isinstance(ending.engine, RuntimeEngine)
    (container,) = ending.engine.specs
    place = ending.engine.folder(container) / "notices"

    at_start = (place / "message").read_text()
    (place / "message").unlink()
    ending.store.ledger.keep_message(ending.engine.info().id, container, "another one")
    applied = ending("lifecycle", "apply", "--progress", "none", "-o", "json").json["steps"]

    assert at_start.splitlines()[0] == TITLE
    assert _kinds(applied, "show message") == [ENDING]
    assert (place / "message").read_text() == at_start
    shown = json.loads((place / "notice.json").read_text())
    assert shown["short"] == f"{TITLE}. Its successor is jupyterlab:4.5-py3.11."
    assert len(shown["short"]) <= 140, "JupyterLab cuts a longer one"


def test_a_release_that_goes_on_shows_nothing(solvent: World, tmp_path: Path) -> None:
    """No file, no step, no row."""
    solvent.engine = RuntimeEngine(tmp_path / "run")
    solvent.build()
    solvent("env", "launch", "jupyterlab", "--name", "work")
    (container,) = solvent.engine.specs

    steps = solvent("lifecycle", "plan", "-o", "json").json["steps"]

    assert not (solvent.engine.folder(container) / "notices").exists()  # type: ignore[attr-defined]
    assert _kinds(steps, "send notices", "show message", "take message away") == []
    assert solvent.store.ledger.shown == {}


def test_wrong_sinks_are_named_with_file_and_line(solvent: World) -> None:
    """As every other setting; what may be a secret is not repeated."""
    _settings('[notices]\nfile = 3\n\n[notices.webhooks.team]\naddress = "SECRET"\n')

    ran = solvent("status")

    assert ran.code == 4
    assert "config.toml:2" in ran.err
    assert "config.toml:5" in ran.err
    assert "SECRET" not in ran.err


def test_settings_show_sinks_without_what_is_secret(solvent: World) -> None:
    """References as they are written, addresses without their path."""
    _settings(
        '[notices.webhooks.team]\naddress = "https://hooks.example/services/SECRET"\n[notices.webhooks.ops]\n'
        'address = "env:OPS"\ntoken = "file:/x"\n'
    )

    ran = solvent("config", "show")

    assert "SECRET" not in ran.out
    assert "https://hooks.example/******** as plain" in ran.out
    assert "env:OPS as plain" in ran.out
