"""Contracts: what is hollow, what changed, and the file that holds one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager.core.catalog import Place
from manager.core.connections import Connection
from manager.core.connectors import Connector, Driver, Introspection, Parameter
from manager.core.contract_changes import counts, difference, is_security, touched
from manager.core.contract_reading import curated, judged, read
from manager.core.contracts import DISPOSITIONS, Contract, ParameterFact, Tried, from_json, hollow, is_secret, to_json

ASKED = Introspection("signature", ("stub:connect",), ("host", "user"), 3)
_NAMES = st.sampled_from(["host", "user", "port", "ssl_ca", "_token", "token", "Timeout", "timeout", "region"])
_TEXTS = st.sampled_from([None, "None", "5", "'x'", "True"])
_FACTS = st.builds(
    ParameterFact, _NAMES, _TEXTS, _TEXTS, st.sampled_from(["", "int", "str | None"]), st.booleans(),
    st.lists(_NAMES, max_size=2, unique=True).map(tuple), st.sampled_from(DISPOSITIONS), st.sampled_from(["", "note"]),
)  # fmt: skip


def made(*facts: ParameterFact, version: str = "1.0", **more: Any) -> Contract:
    """Give a contract of these parameters."""
    return Contract("stub", version, "signature", tuple(sorted(facts, key=lambda one: one.name)), **more)


def _unique(facts: list[ParameterFact]) -> Contract:
    return made(*{one.name: one for one in facts}.values())


_CONTRACTS = st.lists(_FACTS, max_size=6).map(_unique)
CONNECTOR = Connector(
    "stub", "Stub", "database", "community", ("platform",),
    (Driver("stub", "stub", main=True, contract=ASKED),),
    (Parameter("host", "host"), Parameter("region", "region"), Parameter("timeout", "timeout"),
     Parameter("port", "port", "integer", default="1"), Parameter("password", "pw", secret=True, aliases=("passwd",))),
    (), "", Place("connectors/stub/connector.toml", 1),
)  # fmt: skip


def kinds(before: Contract, after: Contract) -> list[tuple[str, str, str]]:
    """Give kind, name and severity of each change."""
    return [(one.kind, one.name, one.severity) for one in difference(before, after)]


@pytest.mark.parametrize(
    ("names", "previous", "why"),
    [
        ((), 0, "it lacks host, user"),
        (("host", "a", "b"), 0, "it lacks user"),
        (("host", "user"), 0, "2 parameters, and every version has at least 3"),
        (("host", "user", "port"), 7, "less than half of the 7"),
    ],
)
def test_an_answer_that_is_none_is_hollow(names: tuple[str, ...], previous: int, why: str) -> None:
    """Empty, without what every version has, short, or shrunk to less than half."""
    assert why in hollow(made(*map(ParameterFact, names)), ASKED, previous)


def test_a_whole_answer_is_not_hollow() -> None:
    """The negative control, at both limits."""
    assert hollow(made(*map(ParameterFact, ("host", "user", "port"))), ASKED, 6) == ""


def test_without_any_rule_nothing_is_still_nothing() -> None:
    """An introspection that forgot its floor does not let an empty answer pass."""
    assert hollow(made(), Introspection("mapping", floor=0)) != ""


def test_a_removed_parameter_that_is_swallowed_is_told_twice_and_worst() -> None:
    """It is removed, and besides it is ignored from now on."""
    before = made(ParameterFact("host"), ParameterFact("region", "None"))
    after = made(ParameterFact("host"), tried=(Tried("region", "ignored"),))

    assert kinds(before, after) == [("removed", "region", "high"), ("disposition", "region", "high")]
    assert difference(before, after)[1].after == "ignored"
    assert counts(difference(before, after)) == {"added": 0, "removed": 1, "changed": 1}


def test_a_removed_parameter_that_was_never_tried_is_only_removed() -> None:
    """The negative control: nothing is said that was not seen."""
    assert kinds(made(ParameterFact("region")), made()) == [("removed", "region", "medium")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (ParameterFact("_username"), ParameterFact("username"), [("renamed", "_username", "medium")]),
        (ParameterFact("Timeout"), ParameterFact("timeout"), [("renamed", "Timeout", "medium")]),
        (ParameterFact("db"), ParameterFact("database", aliases=("db",)), [("renamed", "db", "medium")]),
        (ParameterFact("db", aliases=("database",)), ParameterFact("database"), [("renamed", "db", "medium")]),
        # Nothing declares it, so the two have nothing to do with each other.
        (ParameterFact("db"), ParameterFact("database"), [("removed", "db", "medium"), ("added", "database", "low")]),
    ],
)
def test_a_renaming_is_one_only_where_something_says_so(
    old: ParameterFact, new: ParameterFact, expected: list[tuple[str, str, str]]
) -> None:
    """A declared alias, or names of which only case and a leading underscore differ."""
    assert kinds(made(old), made(new)) == expected


def test_a_name_that_could_have_become_two_is_no_renaming() -> None:
    """Only a unique partner is one."""
    found = kinds(made(ParameterFact("_token")), made(ParameterFact("token"), ParameterFact("TOKEN")))

    assert ("removed", "_token", "medium") in found
    assert all(kind != "renamed" for kind, _, _ in found)


def test_what_is_renamed_may_have_another_default_as_well() -> None:
    """The default is told under the new name."""
    found = difference(made(ParameterFact("_wait", "5")), made(ParameterFact("wait", "7")))

    assert [(one.kind, one.before, one.after) for one in found] == [
        ("renamed", "_wait", "wait"), ("default", "5", "7"),
    ]  # fmt: skip


def test_a_number_under_another_name_may_count_in_another_unit() -> None:
    """Hours became seconds; words and switches are what they are under any name."""
    before = made(ParameterFact("cache_hours", "24"), ParameterFact("check_mode", "'off'"))
    after = made(
        ParameterFact("validity", "86400", aliases=("cache_hours",)),
        ParameterFact("mode", "'on'", aliases=("check_mode",)),
    )
    found = [(one.kind, one.name) for one in difference(before, after)]

    assert sorted(found) == [("default", "mode"), ("renamed", "cache_hours"), ("renamed", "check_mode")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # A declared None leaves it to the driver, and what that makes of it is not known.
        ({"default": "None"}, {"default": "5"}, ""),
        ({"default": "5"}, {"default": "None"}, ""),
        ({"default": "None", "effective_default": "None"}, {"default": "5"}, "default"),
        ({"default": "'443'"}, {"default": "443"}, ""),
        # A switch that became a choice is another type, and the same value for all that is known.
        ({"default": "True", "type": "bool"}, {"default": "'keep'", "type": "str"}, "type"),
        ({"default": "1", "effective_default": "5"}, {"default": "2", "effective_default": "5"}, ""),
        ({"default": "1", "effective_default": "5"}, {"default": "1", "effective_default": "6"}, "default"),
        ({"default": "1", "effective_default": "5"}, {"default": "1"}, ""),
        ({"default": "60"}, {"default": "None", "effective_default": "60"}, ""),
        ({"default": "60"}, {"default": "<object object>"}, ""),
        ({"default": "60"}, {"default": "<varies>"}, ""),
        ({"default": "60"}, {"default": "None", "effective_default": "20"}, "default"),
        ({"default": None}, {"default": "5"}, ""),
        ({"type": "int"}, {"type": "str"}, "type"),
        ({"type": ""}, {"type": "str"}, ""),
        ({"secret": False}, {"secret": True}, "secret"),
        ({"disposition": "accepted"}, {"disposition": "warned"}, "disposition"),
        ({"disposition": "unknown"}, {"disposition": "ignored"}, ""),
    ],
)
def test_only_what_is_known_of_both_is_compared(old: dict[str, Any], new: dict[str, Any], expected: str) -> None:
    """And like with like: defaults in effect where both are known, else those that are declared."""
    found = difference(made(ParameterFact("timeout", **old)), made(ParameterFact("timeout", **new)))

    assert [one.kind for one in found] == ([expected] if expected else [])


def test_security_comes_first() -> None:
    """A turned default of a check is worse than any other."""
    before = made(ParameterFact("a", "1"), ParameterFact("ssl_check_hostname", "False"))
    after = made(ParameterFact("a", "2"), ParameterFact("ssl_check_hostname", "True"))

    assert kinds(before, after) == [("default", "ssl_check_hostname", "high"), ("default", "a", "medium")]


@pytest.mark.parametrize("name", ["sslmode", "ssl_verify_cert", "ocsp_fail_open", "insecure_mode",
                                  "_tls_no_verify", "verify", "gssencmode", "local_infile", "Encrypt",
                                  "useSSL", "SSLCA", "enableTLS", "OCSPFailOpen"])  # fmt: skip
def test_names_about_security_are_known(name: str) -> None:
    """In every way of writing them."""
    assert is_security(name)


@pytest.mark.parametrize("name", ["host", "port", "timeout", "certainty", "autocommit", "application_name"])
def test_other_names_are_not_about_security(name: str) -> None:
    """The negative control."""
    assert not is_security(name)


@pytest.mark.parametrize(
    ("name", "secret"),
    [("password", True), ("passwd", True), ("access_token", True), ("private_key_passphrase", True),
     ("sslpassword", True), ("aws_secret_access_key", True), ("client_secret", True), ("token", True),
     ("token_file_path", False), ("password_timeout", False), ("primary_keys", False), ("user", False)],
)  # fmt: skip
def test_secrets_are_known_by_their_names(name: str, *, secret: bool) -> None:
    """What is only about a secret is none."""
    assert is_secret(name) is secret


@given(_CONTRACTS)
def test_nothing_differs_from_itself(one: Contract) -> None:
    """No contract has changes against itself."""
    assert difference(one, one) == ()


@given(_CONTRACTS, _CONTRACTS)
def test_every_parameter_that_came_or_went_is_told_once(before: Contract, after: Contract) -> None:
    """As removed or renamed, as added or what something was renamed to; and the order is always the same."""
    found = difference(before, after)
    lost = [one.name for one in found if one.kind in ("removed", "renamed")]
    came = [one.name for one in found if one.kind == "added"] + [
        str(one.after) for one in found if one.kind == "renamed" and one.after not in before.by_name
    ]

    assert sorted(lost) == sorted(set(before.by_name) - set(after.by_name))
    assert sorted(came) == sorted(set(after.by_name) - set(before.by_name))
    assert found == difference(before, after)
    assert sum(counts(found).values()) == len(found)


@given(
    _CONTRACTS,
    st.lists(st.builds(Tried, _NAMES, st.sampled_from(DISPOSITIONS)), max_size=3, unique_by=lambda t: t.name),
)
def test_a_file_gives_the_same_contract_back(one: Contract, tried: list[Tried]) -> None:
    """Through JSON text, and the same one gives the same text."""
    whole = replace(one, tried=tuple(sorted(tried, key=lambda each: each.name)), native=(("libpq", "180001"),))

    assert from_json(json.loads(json.dumps(to_json(whole)))) == whole


@pytest.mark.parametrize(
    "change",
    [{"schema": 2}, {"parameters": []}, {"unheard_of": "lost"}, {"native": 3}, {"tried": {"a": {}}},
     {"parameters": {"host": {"default": 5}}}],
)  # fmt: skip
def test_what_is_no_contract_is_refused(change: dict[str, Any]) -> None:
    """Another schema, another shape, another word."""
    with pytest.raises(ValueError, match=r"contract|disposition"):
        from_json(to_json(made(ParameterFact("host"))) | change)


PLAIN = [{"asked": False}, {"ended": "reached"}]


@pytest.mark.parametrize(
    ("known", "events", "disposition"),
    [
        (False, [{"asked": False}, {"ended": "reached"}], "ignored"),
        (False, [{"ended": "waits"}], "ignored"),
        (False, [{"asked": True}, {"ended": "reached"}], "accepted"),
        (True, [{"asked": False}, {"ended": "reached"}], "accepted"),
        (False, [{"raised": "TypeError", "text": "connect() got an unexpected keyword argument 'region'"}], "rejected"),
        (False, [{"raised": "ProgrammingError", "text": 'invalid connection option "region"'}], "rejected"),
        (False, [{"raised": "ValueError", "text": "the port is wrong"}, {"ended": "returned"}], "unknown"),
        (True, [{"raised": "ValueError", "text": "invalid value for region"}, {"ended": "returned"}], "accepted"),
        (True, [{"warned": "region is deprecated"}, {"ended": "reached"}], "warned"),
        (False, [{"warned": "Unknown parameter 'region'"}, {"asked": False}, {"ended": "reached"}], "ignored"),
        (False, [{"warned": "the weather is bad"}, {"ended": "reached"}], "ignored"),
        (False, [{"forwarded": "urllib3"}, {"ended": "reached"}], "forwarded"),
        (False, [], "unknown"),
        (False, ["no event", 3, {"ended": ["x"]}], "unknown"),
    ],
)
def test_what_happened_says_what_becomes_of_a_parameter(known: bool, events: list[Any], disposition: str) -> None:
    """Against what happens without it."""
    assert judged("region", events, PLAIN, known=known).disposition == disposition


def test_a_plain_connection_that_does_not_fit_tells_nothing() -> None:
    """The negative control: then everything would seem to be ignored."""
    broken = [{"raised": "TypeError", "text": "incompatible arguments"}, {"asked": False}, {"ended": "returned"}]

    assert judged("region", broken, broken, known=False).disposition == "unknown"


def test_what_every_connection_is_told_says_nothing_about_a_parameter() -> None:
    """A warning that comes without the parameter as well is not about it, although it names it."""
    noise = [{"warned": "region was not set"}, *PLAIN]

    assert judged("region", noise, noise, known=True).disposition == "accepted"


def answer(**more: Any) -> dict[str, Any]:
    """Give what the probe prints of a small driver."""
    rows = [
        {"name": name, "default": "None", "effective": None, "type": "", "secret": None, "aliases": [], "varies": []}
        for name in ("host", "user", "pw")
    ]
    tries = {"": PLAIN, "region": PLAIN, "solvent_no_such_parameter": PLAIN}
    return {
        "parameters": rows,
        "environment": {},
        "native": [["libpq", "180001"]],
        "tries": tries,
        "python": "3.13",
    } | more


def test_an_answer_becomes_a_contract() -> None:
    """With the connector's own word on secrets, and what became of foreign parameters."""
    found = read(answer(), CONNECTOR, CONNECTOR.main_driver, "1.0")

    assert [one.name for one in found.parameters] == ["host", "pw", "user"]
    assert found.by_name["pw"].secret
    assert not found.by_name["user"].secret
    assert (found.unheard_of, found.treats("region").disposition) == ("ignored", "ignored")
    assert found.treats("never").disposition == "unknown"


def test_a_warning_that_names_what_to_use_instead_declares_an_alias() -> None:
    """So that a later removal is seen as a renaming."""
    rows = [*answer()["parameters"], {**answer()["parameters"][0], "name": "login"}]
    events = [{"warned": "'login' is deprecated, use 'user'"}, *PLAIN]
    found = read(answer(parameters=rows, tries={"": PLAIN, "login": events}), CONNECTOR, CONNECTOR.main_driver, "1.0")

    assert found.by_name["user"].aliases == ("login",)
    assert found.by_name["login"].disposition == "warned"


@settings(max_examples=40)
@given(st.recursive(st.none() | st.booleans() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)))
def test_an_answer_that_is_none_is_a_value_error(value: object) -> None:
    """Whatever a driver makes the probe say."""
    for key in answer():
        try:
            found = read(answer(**{key: value}), CONNECTOR, CONNECTOR.main_driver, "1.0")
        except ValueError:
            continue
        assert isinstance(found, Contract)


def test_what_people_keep_is_a_contract_too() -> None:
    """The connector's own parameters, under the driver's names."""
    found = curated(CONNECTOR, CONNECTOR.main_driver, "")

    assert found.by_name["pw"].aliases == ("passwd", "password")
    assert found.by_name["pw"].secret
    assert {one.disposition for one in found.parameters} == {"unknown"}


def test_a_connection_feels_what_it_gives_and_defaults_that_it_leaves_open() -> None:
    """What the connector gives by itself counts as given."""
    before = made(ParameterFact("region"), ParameterFact("timeout", "1"), ParameterFact("port", "1"))
    after = made(ParameterFact("timeout", "2"), ParameterFact("port", "2"), ParameterFact("new"))
    changes = difference(before, after)

    def felt(**parameters: str) -> set[tuple[str, str]]:
        one = Connection("warehouse", "stub", tuple(parameters.items()))
        return {(change.kind, change.name) for change in touched(CONNECTOR, one, changes)}

    assert felt(region="eu") == {("removed", "region"), ("default", "timeout")}
    assert felt(timeout="9") == set()


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [("numpy", "False", "None", False), ("password", "''", "None", False), ("timeout", "0", "None", False),
     ("numpy", "True", "None", False), ("config", "{}", "''", True),
     ("ssl", "False", "None", True), ("verify", "None", "False", True)],
)  # fmt: skip
def test_spellings_of_nothing_given_are_one_but_for_security(name: str, before: str, after: str, *, told: bool) -> None:
    """A driver that asks ``if value`` sees no difference; one that checks certificates might."""
    assert bool(difference(made(ParameterFact(name, before)), made(ParameterFact(name, after)))) is told


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("bool", "bool | None", True), ("dict", "dict[str, int]", True), ("int | str", "str", False), ("int", "", True),
     ("dict[str, int]", "dict[str, str]", False), ("dict | None", "list", False), ("None", "int", True)],
)  # fmt: skip
def test_types_differ_only_where_both_say_so(one: str, other: str, *, same: bool) -> None:
    """None belongs to the default, and a bare generic type leaves its arguments open."""
    assert (difference(made(ParameterFact("a", type=one)), made(ParameterFact("a", type=other))) == ()) is same
