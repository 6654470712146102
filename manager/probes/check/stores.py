"""The words of engines that speak no SQL: how each is told where to connect, what it keeps, and its classes of errors.

They have what probes of every engine ask for; what only one of them can is in its own file of ``ask``.
"""

import ssl


class Store:
    """What a store is asked. ``types`` has a kind of value that it keeps, or None where it has no such thing."""

    name = ""
    types = {}
    # Whether the fresh place lies in the database that is connected to anyway.
    beside = False

    def greet(self, connection):
        """Ask the simplest thing there is; raises Wrong unless it has its answer."""
        raise NotImplementedError

    def errors(self, driver, of):
        """Give the classes of the driver's errors: of all, of a refused ``login``, of an ``unreachable`` server."""
        raise NotImplementedError

    def stored(self, subject, kind, values):
        """Keep values one after the other; give what comes back of each."""
        raise NotImplementedError

    def mistake(self, connection):
        """Ask for something that the server refuses."""
        raise NotImplementedError

    def cipher(self, connection):
        """Give the cipher of its connection, last; nothing where it is not encrypted."""
        raise NotImplementedError

    def parts(self, connection):  # noqa: ARG002
        """Give what a connection is made of, by name: what prints itself may print the password."""
        return []

    def make_database(self, subject):
        """Make the fresh place that the subject names."""

    def drop_database(self, subject):
        """Remove it with all that is in it."""
        raise NotImplementedError

    def drop_tables(self, subject, tables):  # noqa: ARG002
        """Remove what was made where no fresh place was."""
        self.drop_database(subject)

    def sweep(self, subject):
        """Remove what a killed probe left behind."""
        if "read-only" not in subject.source.get("capabilities", ()):
            self.drop_database(subject)

    def autocommit(self, connection):
        """Let each command stand for itself, as it does anyway."""


class Redis(Store):
    """Redis and Valkey: keys that begin with the subject's prefix are its fresh place."""

    name = "redis"
    beside = True
    types = {"text": "string", "bytes": "string", "bigint": "string"}

    def greet(self, connection):
        """PING."""
        from asking import wanted

        wanted("PING", connection.ping(), True)

    def errors(self, driver, of):
        """Being turned away is an error of the connection, below the class of all."""
        return {"login": driver.AuthenticationError, "unreachable": (driver.ConnectionError, driver.TimeoutError)}.get(
            of, driver.RedisError
        )

    def stored(self, subject, kind, values):
        """Set and get a key; text is asked for as text, and a number is added to on the server."""
        connection = subject.fresh() if kind != "text" else self.decoding(subject)
        key, found = subject.table("kept"), []
        for value in values:
            connection.delete(key)
            if value is not None:
                connection.set(key, value)
            found.append(connection.incrby(key, 0) if kind == "bigint" else connection.get(key))
        return found

    def decoding(self, subject):
        """Give a connection that gives texts."""
        subject.place()
        return subject.connect(more={"decode_responses": True})

    def mistake(self, connection):
        """Call a command that is none."""
        connection.execute_command("NOSUCHCOMMAND")

    def cipher(self, connection):
        """Ask the socket of a connection of its pool."""
        pool = connection.connection_pool
        one = pool.get_connection()
        try:
            sock = getattr(one, "_sock", None)
            return sock.cipher() if isinstance(sock, ssl.SSLSocket) else None
        finally:
            pool.release(one)

    def parts(self, connection):
        """A pool, and one of its connections."""
        pool = connection.connection_pool
        one = pool.get_connection()
        pool.release(one)
        return [("pool", pool), ("pool's connection", one)]

    def drop_database(self, subject):
        """Remove the keys, and the user of a killed probe; 1,000 at a time."""
        connection = subject.opened()
        try:
            found = list(connection.scan_iter(match=f"{subject.prefix}*", count=5000))
            for begin in range(0, len(found), 1000):
                connection.unlink(*found[begin : begin + 1000])
            if "fresh-database" in subject.source.get("capabilities", ()):
                self.drop_user(subject, connection)
        finally:
            connection.close()

    def may_make_users(self, subject, connection):  # noqa: ARG002
        """Say whether the source's own user may make others."""
        return connection.acl_dryrun(connection.acl_whoami(), "acl", "setuser", "x") in (b"OK", "OK")

    def make_user(self, subject, connection, password):
        """Make a user who may do everything to the subject's keys, and give the name; a name has no blanks here."""
        name = self._named(subject)
        words = ("on", f">{password}", f"~{subject.prefix}*", "+@all")
        connection.execute_command("ACL", "SETUSER", name, *words)
        return name

    def drop_user(self, subject, connection):
        """Drop the user again; nobody is one as well."""
        connection.execute_command("ACL", "DELUSER", self._named(subject))

    @staticmethod
    def _named(subject):
        return f'{subject.prefix}@:/?#%40+ü"'

    def whoami(self, connection):
        """Name the user who asks."""
        return connection.execute_command("ACL", "WHOAMI").decode()


def _redis(driver, words):
    """Make a client, and let it connect: it does so with its first command only."""
    tls, authority = words.pop("tls", None), words.pop("ca", None)
    secure = tls not in (None, "disable")
    told = {
        "host": words["host"],
        "port": words["port"],
        "username": words.get("user"),
        "password": words.get("password"),
    }
    told["db"] = int(words.get("database") or 0)
    if "timeout" in words:
        told |= {"socket_connect_timeout": words["timeout"], "socket_timeout": words["timeout"]}
    if secure:
        told["ssl"] = True
        if tls == "require":
            told |= {"ssl_cert_reqs": "none", "ssl_check_hostname": False}
        else:
            told["ssl_ca_certs"] = authority
    client = driver.Redis(**told, **words.get("more", {}))
    client.ping()
    return client


CONNECT = {"redis": _redis}
_WORDS = {"redis": Redis}


def known(engine):
    """Say whether the probes have words for a store."""
    return engine in _WORDS


def words(engine):
    """Give the words of a store."""
    return _WORDS[engine]()
