"""The golden tables: what an engine's own SQL makes, and what SQLAlchemy's inspector has to say of it.

``{p}`` in a statement begins each name that is made; what is wanted has names without that beginning. For each engine:

    make      what becomes of the columns that all have, and the columns of its own: a name to its definition
    columns   a name to its type, as the dialect itself writes it, and whether it may be NULL
    defaults  a name to the default's text without brackets, casts, blanks and capitals, for those that have one
    comments  how the engine is told comments: "statements", "clauses", or "" for one that keeps none
    cascade   what becomes of a row whose parent is deleted; "" for an engine without that
    backed    whether the dialect lists the index of a unique constraint among the indexes
"""

NOTE, PRICE = "What's in here: größe", "in €"
# The columns of the key and of the constraints are not in the order of the table: who sorts them is found.
_PARENT = """create table {p}_parent (
    b varchar(10) not null, a integer not null, title varchar(40), primary key (a, b))"""
_CHILD = """create table {p}_child (
    id bigint not null primary key, parent_a integer, parent_b varchar(10), code varchar(20) not null,
    price MONEY(12, 3) default 1.5 not null, ratio double precision, small smallint, COLUMNS,
    constraint {p}_code unique (code, parent_a),
    constraint {p}_over foreign key (parent_a, parent_b) references {p}_parent (a, b)CASCADE,
    constraint {p}_dear check (price >= 0))"""
_INDEXES = (
    "create index {p}_by_small on {p}_child (small, code)",
    "create unique index {p}_once on {p}_child (ratio)",
)
VIEW = "create view {p}_seen as select id, price from {p}_child where price > 7"
_COMMENTS = (
    "comment on table {p}_child is 'What''s in here: größe'",
    "comment on column {p}_child.price is 'in €'",
)
_COLUMNS = {
    "id": ("BIGINT", False),
    "parent_a": ("INTEGER", True),
    "parent_b": ("VARCHAR(10)", True),
    "code": ("VARCHAR(20)", False),
    "price": ("NUMERIC(12, 3)", False),
    "ratio": ("DOUBLE PRECISION", True),
    "small": ("SMALLINT", True),
}
_WORD = "char(3) default 'it'''"
GOLDEN = {
    "postgresql": {
        "make": {
            "MONEY": "numeric",
            "day": "date default current_date",
            "clock": "time",
            "stamp": "timestamp(3)",
            "moment": "timestamptz",
            "note": "text",
            "word": _WORD,
            "flag": "boolean default true",
            "raw": "bytea",
            "document": "jsonb",
            "ident": "uuid",
            "numbers": "integer[]",
            "span": "interval",
        },
        "columns": {
            **_COLUMNS,
            "day": ("DATE", True),
            "clock": ("TIME WITHOUT TIME ZONE", True),
            "stamp": ("TIMESTAMP(3) WITHOUT TIME ZONE", True),
            "moment": ("TIMESTAMP WITH TIME ZONE", True),
            "note": ("TEXT", True),
            "word": ("CHAR(3)", True),
            "flag": ("BOOLEAN", True),
            "raw": ("BYTEA", True),
            "document": ("JSONB", True),
            "ident": ("UUID", True),
            "numbers": ("INTEGER[]", True),
            "span": ("INTERVAL", True),
        },
        "defaults": {"price": "1.5", "day": "current_date", "word": "'it'''", "flag": "true"},
        "comments": "statements",
        "cascade": "CASCADE",
        "backed": True,
    },
    "mysql": {
        "make": {
            "MONEY": "decimal",
            "day": "date default (current_date)",
            "clock": "time(3)",
            "stamp": "datetime(6)",
            "moment": "timestamp(3) null",
            "note": "longtext",
            "word": _WORD,
            "flag": "boolean default true",
            "raw": "varbinary(16)",
            "tiny": "tinyint unsigned",
            "colour": "enum('red', 'it''s blue')",
        },
        "columns": {
            **_COLUMNS,
            "price": ("DECIMAL(12, 3)", False),
            "ratio": ("DOUBLE", True),
            "day": ("DATE", True),
            "clock": ("TIME(3)", True),
            "stamp": ("DATETIME(6)", True),
            "moment": ("TIMESTAMP(3)", True),
            "note": ("LONGTEXT", True),
            "word": ("CHAR(3)", True),
            "flag": ("TINYINT", True),
            "raw": ("VARBINARY(16)", True),
            "tiny": ("TINYINT UNSIGNED", True),
            "colour": ("ENUM('red','it''s blue')", True),
        },
        "defaults": {"price": "1.500", "day": "curdate", "word": "'it'''", "flag": "1"},
        "comments": "clauses",
        "cascade": "CASCADE",
        "backed": True,
    },
    "sqlite": {
        "make": {
            "MONEY": "numeric",
            "day": "date default current_date",
            "clock": "time",
            "stamp": "timestamp",
            "note": "text",
            "word": _WORD,
            "flag": "boolean default 1",
            "raw": "blob",
        },
        "columns": {
            **_COLUMNS,
            # Any name with DOUB in it is that of a floating-point column (https://www.sqlite.org/datatype3.html).
            "ratio": ("REAL", True),
            "day": ("DATE", True),
            "clock": ("TIME", True),
            "stamp": ("TIMESTAMP", True),
            "note": ("TEXT", True),
            "word": ("CHAR(3)", True),
            "flag": ("BOOLEAN", True),
            "raw": ("BLOB", True),
        },
        "defaults": {"price": "1.5", "day": "current_date", "word": "'it'''", "flag": "1"},
        "comments": "",
        "cascade": "CASCADE",
        "backed": False,
    },
    "duckdb": {
        "make": {
            "MONEY": "decimal",
            "day": "date default current_date",
            "clock": "time",
            "stamp": "timestamp",
            "moment": "timestamptz",
            "note": "varchar",
            "word": "varchar default 'it'''",
            "flag": "boolean default true",
            "raw": "blob",
        },
        "columns": {
            **_COLUMNS,
            # DuckDB keeps no lengths (https://duckdb.org/docs/stable/sql/data_types/text).
            "parent_b": ("VARCHAR", True),
            "code": ("VARCHAR", False),
            "day": ("DATE", True),
            "clock": ("TIME", True),
            "stamp": ("TIMESTAMP", True),
            "moment": ("TIMESTAMP WITH TIME ZONE", True),
            "note": ("VARCHAR", True),
            "word": ("VARCHAR", True),
            "flag": ("BOOLEAN", True),
            "raw": ("BLOB", True),
        },
        "defaults": {"price": "1.5", "day": "current_date", "word": "'it'''", "flag": "true"},
        "comments": "statements",
        "cascade": "",
        "backed": False,
    },
    "firebird": {
        "make": {
            "MONEY": "numeric",
            "born": "date default current_date",
            "clock": "time",
            "stamp": "timestamp",
            "note": "blob sub_type text",
            "word": _WORD,
            "flag": "boolean default true",
            "raw": "blob sub_type binary",
        },
        "columns": {
            **_COLUMNS,
            "parent_b": ("VARCHAR(10) CHARACTER SET UTF8", True),
            "code": ("VARCHAR(20) CHARACTER SET UTF8", False),
            "born": ("DATE", True),
            "clock": ("TIME WITHOUT TIME ZONE", True),
            "stamp": ("TIMESTAMP WITHOUT TIME ZONE", True),
            "note": ("BLOB SUB_TYPE TEXT SEGMENT SIZE 80 CHARACTER SET UTF8", True),
            "word": ("CHAR(3) CHARACTER SET UTF8", True),
            "flag": ("BOOLEAN", True),
            "raw": ("BLOB SUB_TYPE BINARY SEGMENT SIZE 80", True),
        },
        "defaults": {"price": "1.5", "born": "current_date", "word": "'it'''", "flag": "true"},
        "comments": "statements",
        "cascade": "CASCADE",
        "backed": True,
    },
}


def statements(engine):
    """Give what makes an engine's tables and indexes, with their comments, in order."""
    golden = GOLDEN[engine]
    own = ", ".join(f"{name} {kind}" for name, kind in golden["make"].items() if name != "MONEY")
    cascade = " on delete cascade" if golden["cascade"] else ""
    child = _CHILD.replace("COLUMNS", own).replace("CASCADE", cascade).replace("MONEY", golden["make"]["MONEY"])
    if golden["comments"] == "clauses":
        quoted, price = NOTE.replace("'", "''"), "default 1.5 not null"
        child = child.replace(price, f"{price} comment '{PRICE}'") + f" comment '{quoted}'"
    return [_PARENT, child, *_INDEXES, *(_COMMENTS if golden["comments"] == "statements" else ())]
