"""The words of engines that speak no SQL: how each is told where to connect, what it keeps, and its classes of errors.

They have what probes of every engine ask for; what only one of them can is in its own file of ``ask``.
"""

import contextlib
import importlib
import ssl

import document_stores
from keeping import Store


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


class S3(Store):
    """Stores that speak S3, by a client of boto3 or a file system of s3fs; a bucket is the fresh place.

    Of a source of which one bucket is allowed (its ``schema``), objects that begin with the prefix are.
    """

    name = "s3"
    beside = True
    types = {"text": None, "bytes": "object", "bigint": None}

    def greet(self, connection):
        """List the buckets."""
        if hasattr(connection, "list_buckets"):
            connection.list_buckets()
        else:
            connection.ls("", refresh=True)

    def errors(self, driver, of):
        """Botocore's; s3fs turns what the server says into errors of the operating system."""
        found = importlib.import_module("botocore.exceptions")
        if of == "unreachable":
            return (found.ConnectionError, found.HTTPClientError)
        if driver.__name__ == "s3fs":
            return PermissionError if of == "login" else (OSError, found.ClientError, found.BotoCoreError)
        return found.ClientError if of == "login" else (found.ClientError, found.BotoCoreError)

    def bucket(self, subject):
        """Name the bucket; a name of one has no underscore."""
        return subject.source.get("schema") or subject.prefix.replace("_", "-")

    def stored(self, subject, kind, values):  # noqa: ARG002
        """Write and read an object."""
        connection, key = subject.fresh(), subject.table("kept")
        bucket, found = self.bucket(subject), []
        for value in values:
            self.write(connection, bucket, key, value)
            found.append(self.read(connection, bucket, key))
        return found

    def write(self, connection, bucket, key, value):
        """Write an object."""
        if hasattr(connection, "put_object"):
            connection.put_object(Bucket=bucket, Key=key, Body=value)
        else:
            connection.pipe(f"{bucket}/{key}", value)

    def read(self, connection, bucket, key):
        """Read an object."""
        if hasattr(connection, "get_object"):
            return connection.get_object(Bucket=bucket, Key=key)["Body"].read()
        return connection.cat_file(f"{bucket}/{key}")

    def keys(self, connection, bucket):
        """List all keys of a bucket."""
        if hasattr(connection, "get_paginator"):
            pages = connection.get_paginator("list_objects_v2").paginate(Bucket=bucket)
            return [one["Key"] for page in pages for one in page.get("Contents", ())]
        return [one.partition("/")[2] for one in connection.find(bucket, refresh=True)]

    def mistake(self, connection):
        """Ask for a bucket that is not there."""
        self.read(connection, "no-such-bucket-of-a-probe", "none")

    def cipher(self, connection):
        """HTTP says nothing of it: the address has to be one of TLS."""
        where = connection.meta.endpoint_url if hasattr(connection, "meta") else connection.endpoint_url
        return ("TLS",) if where.startswith("https://") else None

    def parts(self, connection):
        """What a client says of itself."""
        meta = getattr(connection, "meta", None)
        return [("meta", meta), ("config", meta.config)] if meta else []

    def make_database(self, subject):
        """Make the bucket."""
        connection = subject.opened()
        if hasattr(connection, "create_bucket"):
            connection.create_bucket(Bucket=self.bucket(subject))
        else:
            connection.mkdir(self.bucket(subject))

    def drop_database(self, subject):
        """Remove the objects, and the bucket where it is ours; a killed probe may not have come to make it."""
        connection, bucket = subject.opened(), self.bucket(subject)
        mine = "" if bucket == subject.prefix.replace("_", "-") else subject.prefix
        with contextlib.suppress(FileNotFoundError, *self._none(connection)):
            for key in self.keys(connection, bucket):
                if key.startswith(mine):
                    self.remove(connection, bucket, key)
            if not mine:
                self._drop(connection, bucket)

    def remove(self, connection, bucket, key):
        """Remove an object."""
        if hasattr(connection, "delete_object"):
            connection.delete_object(Bucket=bucket, Key=key)
        else:
            connection.rm_file(f"{bucket}/{key}")

    @staticmethod
    def _none(connection):
        return (connection.exceptions.NoSuchBucket,) if hasattr(connection, "exceptions") else ()

    @staticmethod
    def _drop(connection, bucket):
        if hasattr(connection, "delete_bucket"):
            connection.delete_bucket(Bucket=bucket)
        else:
            connection.rmdir(bucket)


def _address(words):
    """Give where an S3 store is, and how its certificate is checked: True by the system's, False not at all."""
    tls = words.get("tls")
    scheme = "http" if tls in (None, "disable") else "https"
    return f"{scheme}://{words['host']}:{words['port']}", False if tls == "require" else words.get("ca") or True


def _boto3(driver, words):
    """Make a client, and ask it for the first time: it connects then only."""
    where, verify = _address(words)
    told = {"endpoint_url": where, "verify": verify, "region_name": words.get("region") or "us-east-1"}
    told |= {"aws_access_key_id": words.get("user"), "aws_secret_access_key": words.get("password")}
    if "timeout" in words:
        config = importlib.import_module("botocore.config").Config
        told["config"] = config(connect_timeout=words["timeout"], read_timeout=words["timeout"])
    client = driver.client("s3", **told, **words.get("more", {}))
    client.list_buckets()
    return client


def _s3fs(driver, words):
    where, verify = _address(words)
    told = {"key": words.get("user"), "secret": words.get("password"), "endpoint_url": where}
    # With the region us-east-1 it asks for buckets there by a name that S3 does not take.
    told["client_kwargs"] = {"verify": verify, **({"region_name": words["region"]} if words.get("region") else {})}
    if "timeout" in words:
        told["config_kwargs"] = {"connect_timeout": words["timeout"], "read_timeout": words["timeout"]}
    # It gives the same object again for the same words.
    made = driver.S3FileSystem(**told, skip_instance_cache=True, **words.get("more", {}))
    made.ls("", refresh=True)
    return made


CONNECT = {"redis": _redis, "boto3": _boto3, "s3fs": _s3fs, **document_stores.CONNECT}
_WORDS = {"redis": Redis, "s3": S3, **document_stores.WORDS}


def known(engine):
    """Say whether the probes have words for a store."""
    return engine in _WORDS


def words(engine, version=""):  # noqa: ARG001
    """Give the words of a store."""
    return _WORDS[engine]()
