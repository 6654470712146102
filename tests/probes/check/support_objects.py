"""Made-up clients of a store of objects, under the names ``boto3`` and ``s3fs``, which keep everything in the process.

What a test adds to them changes what they do. A presigned URL leads to a server of this machine that has the objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.probes.check.support import PASSWORD, asked, listening

if TYPE_CHECKING:
    from pathlib import Path

EXCEPTIONS = """
class BotoCoreError(Exception): pass
class ClientError(Exception): pass
class ConnectionError(BotoCoreError): pass
class HTTPClientError(BotoCoreError): pass
class SSLError(ConnectionError): pass
"""
# What both stand on: a server.
STORE = """
import base64, hashlib, http.server, io, socket, sys, threading, urllib.parse
from pathlib import Path
sys.path.insert(0, str(Path(__file__).parent))
from botocore.exceptions import *
from botocore.exceptions import ConnectionError

PASSWORD = "pa55 word/of&the=tests"
BUCKETS = {}
class NoSuchKey(ClientError): pass
class NoSuchBucket(ClientError): pass

def sent(value): return value
def given(value): return value
def listed(names): return sorted(names)
def trusted(verify): return open(verify).read() == "the authority"
def named(host): return host == "localhost"
def entered(user, password, where, verify, timeout):
    found = urllib.parse.urlsplit(where)
    try:
        with socket.create_connection((found.hostname, found.port), timeout) as there:
            if timeout:
                there.recv(1)
    except OSError as error:
        raise ConnectionError(f"could not connect: {error}") from None
    if found.scheme == "https" and not (trusted(verify) and named(found.hostname)):
        raise SSLError("certificate verify failed")
    if password != PASSWORD:
        raise ClientError("SignatureDoesNotMatch")
def bucket(name):
    if name not in BUCKETS:
        raise NoSuchBucket("The specified bucket does not exist")
    return BUCKETS[name]
def thing(where, key):
    if key not in bucket(where):
        raise NoSuchKey("The specified key does not exist")
    return BUCKETS[where][key]
def write(where, key, value, **more):
    bucket(where)[key] = {"value": sent(bytes(value)), "Metadata": {}, "ContentType": "", **more}
def read(where, key): return given(thing(where, key)["value"])
def removed(where, key): bucket(where).pop(key, None)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        where, key = urllib.parse.unquote(self.path.partition("?")[0][1:]).split("/", 1)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(thing(where, key)["value"])
    def log_message(self, *words): pass
def signed(where, key):
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/{urllib.parse.quote(f'{where}/{key}')}?{signature()}"
def signature(): return "X-Amz-Signature=0"
"""
BOTO = """
class Body(io.BytesIO):
    def iter_chunks(self, size): return iter(lambda: self.read(size), b"")
class Meta:
    config = "Config"
    def __init__(self, where): self.endpoint_url = where
class Exceptions:
    NoSuchKey, NoSuchBucket = NoSuchKey, NoSuchBucket
PARTS = "-2"
KNOWN = set()

class Client:
    exceptions = Exceptions
    def __init__(self, words):
        self.words, self.meta = words, Meta(words["endpoint_url"])
    def close(self): pass
    def list_buckets(self):
        words = self.words
        entered(words["aws_access_key_id"], words["aws_secret_access_key"], words["endpoint_url"], words["verify"],
            getattr(words.get("config"), "connect_timeout", None))
    def create_bucket(self, Bucket): BUCKETS[Bucket] = {}
    def delete_bucket(self, Bucket): BUCKETS.pop(Bucket)
    def put_object(self, Bucket, Key, Body, Metadata={}, ContentType="", ChecksumAlgorithm=None):
        for value in Metadata.values():
            if not latin(value):
                raise BotoCoreError("Non ascii characters found in S3 metadata")
        write(Bucket, Key, Body, Metadata=dict(Metadata), ContentType=ContentType)
    def upload_fileobj(self, file, where, key): write(where, key, file.read(), parts=PARTS)
    def download_fileobj(self, where, key, file): file.write(read(where, key))
    def head_object(self, Bucket, Key):
        found = thing(Bucket, Key)
        return {**found, "ETag": f'"x{found.get("parts", "")}"'}
    def get_object(self, Bucket, Key, Range=None, ChecksumMode=None):
        value = read(Bucket, Key)
        if Range:
            first, last = Range.partition("=")[2].split("-")
            value = value[int(first) : int(last) + 1]
        return {"Body": Body(value), "ETag": f'"{hashlib.md5(value).hexdigest()}"',
            "ChecksumSHA256": base64.b64encode(digest(value)).decode()}
    def copy_object(self, Bucket, Key, CopySource):
        BUCKETS[Bucket][Key] = copied(thing(CopySource["Bucket"], CopySource["Key"]))
    def delete_object(self, Bucket, Key): removed(Bucket, Key)
    def get_paginator(self, name): return Pages()
    def generate_presigned_url(self, name, Params, ExpiresIn): return signed(Params["Bucket"], Params["Key"])

def latin(value): return value.isascii()
def digest(value): return hashlib.sha256(value).digest()
def copied(found): return dict(found)
def paged(names, size): return [names[at : at + size] for at in range(0, len(names), size)]

class Pages:
    def paginate(self, Bucket, Prefix="", PaginationConfig={}):
        names = listed(one for one in bucket(Bucket) if one.startswith(Prefix))
        pages = paged(names, PaginationConfig.get("PageSize", 99))
        return [{"Contents": [{"Key": one} for one in page]} for page in pages]

def client(service, config=None, **words):
    for name in words:
        if name not in {"endpoint_url", "verify", "region_name", "aws_access_key_id", "aws_secret_access_key"} | KNOWN:
            raise TypeError(f"client() got an unexpected keyword argument {name!r}")
    return Client({**words, "config": config})
"""
FILES = """
KEPT = {}
def fresh(where): KEPT.pop(where, None)
class S3FileSystem:
    def __init__(self, key, secret, endpoint_url, client_kwargs, skip_instance_cache, config_kwargs=None):
        self.words, self.endpoint_url = (key, secret, endpoint_url, client_kwargs["verify"]), endpoint_url
        self.timeout = (config_kwargs or {}).get("connect_timeout")
    def ls(self, where, refresh=False):
        if not where:
            try:
                return entered(*self.words, self.timeout)
            except ClientError as error:
                raise PermissionError(str(error)) from error
        if where not in KEPT or refresh:
            KEPT[where] = [f"{where}/{one}" for one in listed(bucket(where))]
        return KEPT[where]
    def find(self, where, refresh): return self.ls(where, refresh)
    def mkdir(self, where): BUCKETS[where] = {}
    def rmdir(self, where): BUCKETS.pop(where)
    def pipe(self, path, value):
        write(*path.split("/", 1), value)
        fresh(path.split("/")[0])
    def cat_file(self, path):
        try:
            return read(*path.split("/", 1))
        except (NoSuchKey, NoSuchBucket) as error:
            raise FileNotFoundError(path) from error
    def rm_file(self, path):
        removed(*path.split("/", 1))
        fresh(path.split("/")[0])
    rm = rm_file
    def info(self, path): return {"size": len(self.cat_file(path))}
    def sign(self, path, expiration): return signed(*path.split("/", 1))
    def open(self, path, mode, block_size): return File(self, path, mode)

class File(io.BytesIO):
    def __init__(self, system, path, mode):
        super().__init__(system.cat_file(path) if mode == "rb" else b"")
        self.system, self.path, self.writes = system, path, mode == "wb"
    def __exit__(self, *error):
        if self.writes:
            self.system.pipe(self.path, self.getvalue())
"""


def of_objects(
    folder: Path, wrong: str, probes: list[str], *, driver: str = "boto3", **source: Any
) -> dict[str, dict[str, Any]]:
    """Ask of a made-up client, changed by code; give the lines by id."""
    package = folder / "botocore"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").touch()
    (package / "exceptions.py").write_text(EXCEPTIONS, encoding="utf-8")
    (package / "config.py").write_text(
        "class Config:\n    def __init__(self, **words):\n        self.__dict__ = words\n", encoding="utf-8"
    )
    with listening() as port:
        told = {
            "engine": "s3", "version": "", "host": "localhost", "port": port, "user": "solvent", "password": PASSWORD,
            "capabilities": ["fresh-database"],
        }  # fmt: skip
        code = STORE + (BOTO if driver == "boto3" else FILES) + wrong
        return asked(folder, driver, code, probes, told | source)
