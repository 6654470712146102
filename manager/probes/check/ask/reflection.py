"""Reflection: what SQLAlchemy's inspector says of tables that the engine's own SQL has made."""

import re

from asking import Unsupported, Wrong, probe, shown, wanted
from golden import GOLDEN, NOTE, PRICE, VIEW, statements

# What is wanted of MySQL's was seen with MariaDB alone.
_ENGINES = tuple(GOLDEN)
_NEEDS = ("alchemy", "write", "database")


def made(subject, *more):
    """Make the golden tables in a fresh database, and give an inspector of it with what is wanted of them."""
    import sqlalchemy

    connection = subject.fresh()
    for statement in (*statements(subject.sql.name), *more):
        subject.run(connection, statement.replace("{p}", subject.prefix)).close()
    connection.commit()
    connection.close()
    return sqlalchemy.inspect(subject.engine()), GOLDEN[subject.sql.name]


def asked(call, what):
    """Ask the inspector; raises Unsupported where the dialect says by NotImplementedError that it does not do it."""
    try:
        return call()
    except NotImplementedError as error:
        raise Unsupported(f"the dialect does not reflect {what}") from error


def plain(subject, name):
    """Take the drawn beginning off a name; one that the engine has drawn itself is None."""
    begins = f"{subject.prefix}_"
    return name[len(begins) :] if name and name.startswith(begins) else None


def squeezed(text):
    """Write an expression without brackets, casts, blanks and capitals, which each server adds in its own way."""
    text = re.sub(r"::[a-z ]+|^default\b", "", text.strip(), flags=re.IGNORECASE)
    return re.sub(r"[\s()`\"]", "", text).lower()


def kind(dialect, column):
    """Write a column's type without the width that MariaDB shows whole numbers in, which says nothing of their size."""
    return re.sub(r"^(\w*INT(?:EGER)?)\(\d+\)", r"\1", column["type"].compile(dialect))


def same(what, got, want):
    """Raise Wrong with the entries that differ of two dicts, and name these alone in the signature."""
    different = [name for name in {**want, **got} if got.get(name) != want.get(name)]
    if different:
        said = "; ".join(f"{name}: wanted {want.get(name)!r}, got {got.get(name)!r}" for name in different)
        raise Wrong(f"{what}: {said}", sign=f"{what} {' '.join(sorted(different))}")


@probe("reflect.names", needs=_NEEDS, engines=_ENGINES)
def names(subject):
    """The tables of a schema are listed, and neither views nor anything else among them."""
    inspector, _ = made(subject, VIEW)
    wanted("tables", sorted(str(plain(subject, one)) for one in inspector.get_table_names()), ["child", "parent"])
    wanted("child is there", inspector.has_table(f"{subject.prefix}_child"), True)
    wanted("another is there", inspector.has_table(f"{subject.prefix}_other"), False)


@probe("reflect.columns", needs=_NEEDS, engines=_ENGINES)
def columns(subject):
    """Each column has its type, with length, precision, scale and zone, and whether it may be NULL, in order."""
    inspector, golden = made(subject)
    dialect = inspector.bind.dialect
    rows = inspector.get_columns(f"{subject.prefix}_child")
    got = {one["name"]: (kind(dialect, one), one["nullable"]) for one in rows}
    same("columns", got, golden["columns"] | subject.sql.reflected)
    wanted("order", [one["name"] for one in rows], list(golden["columns"]))
    return {"columns": len(rows)}


@probe("reflect.defaults", needs=_NEEDS, engines=_ENGINES)
def defaults(subject):
    """The defaults of the server are there, and no others."""
    inspector, golden = made(subject)
    rows = inspector.get_columns(f"{subject.prefix}_child")
    # What MariaDB writes for none.
    got = {one["name"]: squeezed(one["default"]) for one in rows if one["default"] not in (None, "NULL")}
    same("defaults", got, golden["defaults"])


@probe("reflect.keys", needs=_NEEDS, engines=_ENGINES)
def keys(subject):
    """Primary and foreign keys of two columns have these in their order, and what happens to orphans."""
    inspector, golden = made(subject)
    child, parent = f"{subject.prefix}_child", f"{subject.prefix}_parent"
    primary = [inspector.get_pk_constraint(table)["constrained_columns"] for table in (child, parent)]
    wanted("primary keys", primary, [["id"], ["a", "b"]])
    wanted("keys of the parent", inspector.get_foreign_keys(parent), [])
    found = inspector.get_foreign_keys(child)
    wanted("foreign keys", [plain(subject, one["name"]) for one in found], ["over"])
    (one,) = found
    wanted("columns", one["constrained_columns"], ["parent_a", "parent_b"])
    wanted("table", (one["referred_schema"], one["referred_table"]), (None, parent))
    wanted("columns there", one["referred_columns"], ["a", "b"])
    wanted("on delete", one["options"].get("ondelete") or "", golden["cascade"])


@probe("reflect.constraints", needs=_NEEDS, engines=_ENGINES)
def constraints(subject):
    """A unique constraint of two columns and a check are there by name, as far as the dialect has them."""
    inspector, _ = made(subject)
    table = f"{subject.prefix}_child"
    found = asked(lambda: inspector.get_unique_constraints(table), "unique constraints")
    unique = {plain(subject, one["name"]): list(one["column_names"]) for one in found}
    # A unique index is one to MariaDB.
    unique.pop("once", None)
    same("unique", unique, {"code": ["code", "parent_a"]})
    found = asked(lambda: inspector.get_check_constraints(table), "checks")
    same("checks", {plain(subject, one["name"]): squeezed(one["sqltext"]) for one in found}, {"dear": "price>=0"})


@probe("reflect.indexes", needs=_NEEDS, engines=_ENGINES)
def indexes(subject):
    """Indexes have their columns in order, and whether they are unique."""
    inspector, golden = made(subject)
    found = inspector.get_indexes(f"{subject.prefix}_child")
    got = {plain(subject, one["name"]): (list(one["column_names"]), bool(one["unique"])) for one in found}
    want = {"by_small": (["small", "code"], False), "once": (["ratio"], True)}
    if golden["backed"]:
        want["code"] = (["code", "parent_a"], True)
    # Of a foreign key MariaDB keeps an index under its name.
    got.pop("over", None)
    same("indexes", got, want)


@probe("reflect.views", needs=_NEEDS, engines=_ENGINES)
def views(subject):
    """A view is listed, with its text and the types of its columns."""
    inspector, golden = made(subject, VIEW)
    view = f"{subject.prefix}_seen"
    wanted("views", inspector.get_view_names(), [view])
    text = asked(lambda: inspector.get_view_definition(view), "the text of a view")
    # The drawn names have digits as well.
    if f"{subject.prefix}_child" not in str(text) or "price>7" not in squeezed(str(text)):
        raise Wrong(f"the text of a view: {shown(text)}", sign="text of a view")
    dialect = inspector.bind.dialect
    got = {one["name"]: kind(dialect, one) for one in inspector.get_columns(view)}
    same("columns of the view", got, {name: golden["columns"][name][0] for name in ("id", "price")})


@probe("reflect.comments", needs=_NEEDS, engines=_ENGINES)
def comments(subject):
    """The comment of a table and of a column come back, beyond ASCII, and a column without one has none."""
    if not GOLDEN[subject.sql.name]["comments"]:
        raise Unsupported(f"{subject.sql.name} keeps no comments")
    inspector, _ = made(subject)
    table = f"{subject.prefix}_child"
    found = asked(lambda: inspector.get_table_comment(table), "comments")
    wanted("comment of the table", found["text"], NOTE)
    got = {one["name"]: one.get("comment") for one in inspector.get_columns(table) if one.get("comment")}
    same("comments", got, {"price": PRICE})


@probe("reflect.again", needs=_NEEDS, engines=_ENGINES)
def again(subject):
    """What was reflected as a whole can be dropped and made again, and is reflected as before."""
    import sqlalchemy

    inspector, _ = made(subject)
    engine = inspector.bind
    first = sqlalchemy.MetaData()
    first.reflect(engine)
    before = described(first, engine.dialect)
    wanted("tables", len(before), 2)
    first.drop_all(engine)
    wanted("tables after dropping", sqlalchemy.inspect(engine).get_table_names(), [])
    first.create_all(engine)
    second = sqlalchemy.MetaData()
    second.reflect(engine)
    same("tables", described(second, engine.dialect), before)


def described(metadata, dialect):
    """Write tables as values that can be compared: columns with types, keys, and the columns of each index."""
    found = {}
    for name, table in metadata.tables.items():
        rows = [(one.name, one.type.compile(dialect), one.nullable, one.primary_key) for one in table.columns]
        keys = sorted((key.parent.name, key.target_fullname) for key in table.foreign_keys)
        listed = sorted((one.name, bool(one.unique), *(column.name for column in one.columns)) for one in table.indexes)
        found[re.sub(r"^check_[0-9a-f]+_", "", name)] = (rows, keys, listed)
    return found
