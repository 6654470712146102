"""The words of document stores: MongoDB by PyMongo, Elasticsearch by its own client."""

import importlib

from keeping import Store


class Mongo(Store):
    """MongoDB: a database is the fresh place, which is there once something is written into it.

    Of a source of which one database is allowed (its ``schema``), collections that begin with the prefix are.
    """

    name = "mongodb"
    beside = True
    types = {"text": "string", "bytes": "binary", "bigint": "long"}

    def greet(self, connection):
        """Send ``ping``."""
        from asking import wanted

        wanted("ping", connection.admin.command("ping")["ok"], 1.0)

    def errors(self, driver, of):  # noqa: ARG002
        """PyMongo's; what a server refuses is OperationFailure."""
        found = importlib.import_module("pymongo.errors")
        return {"login": found.OperationFailure, "unreachable": found.ConnectionFailure}.get(of, found.PyMongoError)

    def here(self, subject, connection):
        """Give the database in which collections may be made."""
        return connection[self._place(subject)]

    @staticmethod
    def _place(subject):
        if "fresh-database" in subject.source.get("capabilities", ()):
            return subject.prefix
        return subject.source.get("schema") or subject.source["database"]

    def stored(self, subject, kind, values):
        """Put a document in the place of the one before, and find it; a number of 64 bits has a class of its own."""
        collection, found = self.here(subject, subject.fresh())[subject.table("kept")], []
        for value in values:
            sent = importlib.import_module("bson").Int64(value) if kind == "bigint" else value
            collection.replace_one({"_id": 1}, {"v": sent}, upsert=True)
            got = collection.find_one({"_id": 1})["v"]
            found.append(int(got) if type(got).__name__ == "Int64" else got)
        return found

    def mistake(self, connection):
        """Send a command that is none."""
        connection.admin.command("noSuchCommand")

    def cipher(self, connection):
        """PyMongo shows no socket: it is whether its pool was given what sockets are encrypted by."""
        options = connection.options.pool_options
        return ("TLS",) if getattr(options, "_ssl_context", None) is not None else None

    def parts(self, connection):
        """What a client says of itself."""
        return [("options", connection.options), ("topology", connection.topology_description),
                ("database", connection.admin)]  # fmt: skip

    def drop_database(self, subject):
        """Drop it, and the user of a killed probe; else the collections."""
        connection = subject.opened()
        try:
            if self._place(subject) == subject.prefix:
                connection.drop_database(subject.prefix)
                self.drop_user(subject, connection)
                return
            here = self.here(subject, connection)
            for name in here.list_collection_names():
                if name.startswith(subject.prefix):
                    here.drop_collection(name)
        finally:
            connection.close()

    def may_make_users(self, subject, connection):  # noqa: ARG002
        """It takes one of the roles that hold ``createUser`` in ``admin``."""
        roles = connection.admin.command("connectionStatus")["authInfo"]["authenticatedUserRoles"]
        able = {"root", "userAdminAnyDatabase", "userAdmin", "__system"}
        return any(one["role"] in able and one["db"] == "admin" for one in roles)

    def make_user(self, subject, connection, password):
        """Make a user who may read and write in the fresh place, and give the name."""
        name, roles = self._named(subject), [{"role": "readWrite", "db": self._place(subject)}]
        connection.admin.command("createUser", name, pwd=password, roles=roles)
        return name

    def drop_user(self, subject, connection):
        """Drop the user again; nobody is one as well."""
        try:
            connection.admin.command("dropUser", self._named(subject))
        except self.errors(None, "login") as error:
            # 11 is UserNotFound; whoever may not drop users could make none either (13).
            if error.code not in (11, 13):
                raise

    @staticmethod
    def _named(subject):
        return f'{subject.prefix} @:/?#%40+ü"'

    def whoami(self, connection):
        """Name the user who asks."""
        (user,) = connection.admin.command("connectionStatus")["authInfo"]["authenticatedUsers"]
        return user["user"]


def _pymongo(driver, words):
    """Make a client, and let it connect: it does so with its first command only. A user is one of ``admin``."""
    tls = words.get("tls")
    told = {"host": words["host"], "port": words["port"]}
    told |= {name: words[key] for name, key in (("username", "user"), ("password", "password")) if key in words}
    if "timeout" in words:
        limits = ("serverSelectionTimeoutMS", "connectTimeoutMS", "socketTimeoutMS")
        told |= dict.fromkeys(limits, int(1000 * words["timeout"]))
    if tls not in (None, "disable"):
        told["tls"] = True
        told |= {"tlsAllowInvalidCertificates": True} if tls == "require" else {"tlsCAFile": words.get("ca")}
    client = driver.MongoClient(**told, **words.get("more", {}))
    try:
        client.admin.command("ping")
    except BaseException:
        client.close()
        raise
    return client


class Elastic(Store):
    """Elasticsearch: indices that begin with the subject's prefix are its fresh place."""

    name = "elasticsearch"
    beside = True
    # JSON has no bytes.
    types = {"text": "text", "bytes": None, "bigint": "long"}

    def greet(self, connection):
        """Ask what it is."""
        from asking import wanted

        wanted("version", type(connection.info()["version"]["number"]), str)

    def errors(self, driver, of):
        """What a server answers is ApiError; that it does not answer is TransportError, which is no kind of it."""
        return {"login": driver.AuthenticationException,
                "unreachable": (driver.ConnectionError, driver.ConnectionTimeout)}.get(
                    of, (driver.ApiError, driver.TransportError))  # fmt: skip

    def stored(self, subject, kind, values):  # noqa: ARG002
        """Put a document in the place of the one before, and get it; what it holds is not indexed."""
        connection, name, found = subject.fresh(), subject.table("kept"), []
        connection.indices.create(index=name, mappings={"enabled": False}, settings=self.small)
        for value in values:
            connection.index(index=name, id="1", document={"v": value})
            found.append(connection.get(index=name, id="1")["_source"]["v"])
        return found

    # One server has nowhere to put a second copy, and would wait for it.
    small = {"number_of_shards": 1, "number_of_replicas": 0}

    def mistake(self, connection):
        """Search where there is nothing."""
        connection.search(index="no-such-index-of-a-probe")

    def cipher(self, connection):
        """HTTP says nothing of it: the address has to be one of TLS."""
        return ("TLS",) if all(one.config.scheme == "https" for one in self._nodes(connection)) else None

    def parts(self, connection):
        """What sends its requests, and where it sends them."""
        return [("transport", connection.transport), ("nodes", self._nodes(connection))]

    @staticmethod
    def _nodes(connection):
        return list(connection.transport.node_pool.all())

    def drop_database(self, subject):
        """Delete the indices, each by its name: a server takes no pattern for that unless it is told to."""
        connection = subject.opened()
        try:
            for name in list(connection.indices.get(index=f"{subject.prefix}*")):
                connection.indices.delete(index=name)
        finally:
            connection.close()


def _elasticsearch(driver, words):
    """Make a client, and ask what is there: it connects then only."""
    tls = words.get("tls")
    secure = tls not in (None, "disable")
    told = {"hosts": [f"{'https' if secure else 'http'}://{words['host']}:{words['port']}"]}
    if words.get("user"):
        told["basic_auth"] = (words["user"], words.get("password") or "")
    if secure:
        told |= {"verify_certs": False, "ssl_show_warn": False} if tls == "require" else {"ca_certs": words.get("ca")}
    if "timeout" in words:
        told["request_timeout"] = words["timeout"]
    client = driver.Elasticsearch(**told, **words.get("more", {}))
    try:
        client.info()
    except BaseException:
        client.close()
        raise
    return client


CONNECT = {"pymongo": _pymongo, "elasticsearch": _elasticsearch}
WORDS = {"mongodb": Mongo, "elasticsearch": Elastic}
