"""The table of sinks: what it says, what is wrong with it, and to whom a notice goes."""

from __future__ import annotations

from manager.core.sink_table import faults, read
from manager.core.sinks import LINES, MAIL, Mail, Sinks, Webhook

WHOLE = {
    "file": "notices.jsonl",
    "webhooks": {"team": {"address": "env:TEAM", "body": "teams"}, "ops": {"address": "https://ops.example/hook"}},
    "mail": {"host": "smtp.example", "from": "solvent@example.org", "owners": {"ana": "ana@example.org"}},
}


def test_a_table_is_read_whole() -> None:
    """The file lies beside the settings; bodies, ports and security have defaults."""
    found = read(WHOLE, "/etc/solvent", lambda key: f"config.toml:{key}")

    assert found == Sinks(
        "/etc/solvent/notices.jsonl",
        (Webhook("ops", "https://ops.example/hook"), Webhook("team", "env:TEAM", "teams")),
        Mail("smtp.example", "solvent@example.org", owners=(("ana", "ana@example.org"),)),
        (
            ("file", "config.toml:file"),
            ("webhooks.ops", "config.toml:webhooks.ops"),
            ("webhooks.team", "config.toml:webhooks.team"),
            ("mail", "config.toml:mail"),
        ),
    )
    assert list(faults(WHOLE)) == []


def test_mail_goes_to_owners_that_have_an_address() -> None:
    """Another one has no such delivery, unless there is an address for everybody."""
    sinks = read(WHOLE, "/", lambda _: "")

    assert sinks.of("ana") == (LINES, "webhook:ops", "webhook:team", MAIL)
    assert sinks.of("ben") == (LINES, "webhook:ops", "webhook:team")
    assert Mail("h", "s@e", owners=(("*", "all@e"), ("ana", "ana@e"))).address("ben") == "all@e"
    assert Sinks().of("ana") == ()


def test_everything_wrong_is_named_at_once() -> None:
    """Each fault has its keys; an address that may be a secret is not repeated."""
    wrong = {
        "fil": "x",
        "file": 3,
        "webhooks": {
            "team": {"address": "hooks.example/SECRET", "body": "mattermost", "token": "SECRET"},
            "Not a name": {},
            "flat": "https://x",
        },
        "mail": {
            "host": "smtp.example:25", "from": "nobody", "port": 0, "security": "none", "credentials": "file:/x",
            "owners": {"ana": "ana"}, "user": "SECRET",
        },
    }  # fmt: skip

    found = list(faults(wrong))

    assert [one.keys for one in found] == [
        ("fil",), ("file",), ("webhooks", "team", "address"), ("webhooks", "team", "body"),
        ("webhooks", "team", "token"), ("webhooks", "Not a name"), ("webhooks", "flat"), ("mail", "user"),
        ("mail", "host"), ("mail", "from"), ("mail", "port"), ("mail", "credentials"), ("mail", "owners", "ana"),
    ]  # fmt: skip
    assert "SECRET" not in repr(found)
    assert [one.keys for one in faults({"webhooks": [], "mail": "x"})] == [("webhooks",), ("mail",)]
    assert [one.keys for one in faults({"mail": {"host": "h", "from": "a@b", "owners": []}})] == [("mail", "owners")]
