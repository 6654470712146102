"""Objects: what a store that speaks S3 is used for, by boto3 and s3fs."""

import contextlib
import hashlib
import io
import time

from ask.hygiene import clean, secret_of
from ask.pools import THREADS, together
from asking import Wrong, probe, raised, wanted

# Two parts of 8 MiB, and a little more than one block of s3fs (50 MiB) is a while; the last part is short.
_LARGE = 12 * 2**20 + 1
_KEYS = ("a b+c", "percent %2F %", "ü中😀", "a/b/c.txt", "q?x=1&y=2#z", "tilde~'()*!", "dots..and.", 'quo"te')
_TIMES = 10


def large():
    """Give bytes of which no two parts are alike."""
    return b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(_LARGE // 32 + 1))[:_LARGE]


def same(what, got, value):
    """Raise Wrong unless these are the bytes; they are too long to be shown."""
    if got != value:
        raise Wrong(f"{what}: wanted {len(value)} bytes, got {len(got)}, others", sign=what)


def place(subject):
    """Give a connection, and a bucket where objects may be made."""
    connection = subject.fresh()
    # Objects are removed with the bucket, or by their prefix.
    subject.table("")
    return connection, subject.sql.bucket(subject)


def boto(connection):
    """Say whether it is a client of boto3."""
    return hasattr(connection, "put_object")


@probe("objects.large", needs=("write",), engines=("s3",), seconds=60)
def multipart(subject):
    """12 MiB that are sent in parts come back whole."""
    connection, bucket = place(subject)
    value, key = large(), subject.table("large")
    began = time.monotonic()
    if boto(connection):
        connection.upload_fileobj(io.BytesIO(value), bucket, key)
        if "-" not in connection.head_object(Bucket=bucket, Key=key)["ETag"]:
            raise Wrong("it was not sent in parts", sign="parts")
        back = io.BytesIO()
        connection.download_fileobj(bucket, key, back)
        got = back.getvalue()
    else:
        with connection.open(f"{bucket}/{key}", "wb", block_size=5 * 2**20) as file:
            file.write(value)
        got = connection.cat_file(f"{bucket}/{key}")
    same("large", got, value)
    return {"seconds": round(time.monotonic() - began, 3)}


@probe("objects.stream", needs=("write",), engines=("s3",), seconds=60)
def stream(subject):
    """12 MiB are read piece by piece, each of them once and in order; a range is those bytes and no other."""
    connection, bucket = place(subject)
    value, key = large(), subject.table("large")
    subject.sql.write(connection, bucket, key, value)
    if boto(connection):
        body = connection.get_object(Bucket=bucket, Key=key)["Body"]
        got = b"".join(body.iter_chunks(65536))
        part = connection.get_object(Bucket=bucket, Key=key, Range="bytes=70000-70999")["Body"].read()
    else:
        with connection.open(f"{bucket}/{key}", "rb", block_size=2**20) as file:
            got = b"".join(iter(lambda: file.read(65536), b""))
            file.seek(70000)
            part = file.read(1000)
    same("stream", got, value)
    same("range", part, value[70000:71000])


@probe("objects.keys", needs=("write",), engines=("s3",))
def keys(subject):
    """Keys with blanks, signs of URLs and letters beyond ASCII are written, listed and read as they are."""
    connection, bucket = place(subject)
    names = [f"{subject.prefix} {one}" for one in _KEYS]
    for name in names:
        subject.sql.write(connection, bucket, name, name.encode())
    listed = [one for one in subject.sql.keys(connection, bucket) if one.startswith(subject.prefix)]
    wanted("listed", sorted(listed), sorted(names))
    for name in names:
        wanted(name, subject.sql.read(connection, bucket, name), name.encode())


@probe("objects.paging", needs=("write",), engines=("s3",), drivers=("boto3",), seconds=60)
def paging(subject):
    """A listing that comes in pages has every key once and in order."""
    connection, bucket = place(subject)
    names = [f"{subject.prefix}{number:03d}" for number in range(25)]
    for name in names:
        connection.put_object(Bucket=bucket, Key=name, Body=b"")
    pages = connection.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=subject.prefix, PaginationConfig={"PageSize": 10}
    )
    found = [[one["Key"] for one in page.get("Contents", ())] for page in pages]
    wanted("keys", [key for page in found for key in page], names)
    wanted("pages", [len(page) for page in found], [10, 10, 5])


@probe("objects.listing", needs=("write",), engines=("s3",), drivers=("s3fs",))
def listing(subject):
    """What was written and removed since the last listing is so in the next one, though listings are kept."""
    connection, bucket = place(subject)
    one, two = f"{bucket}/{subject.table('one')}", f"{bucket}/{subject.table('two')}"
    connection.pipe(one, b"1")
    wanted("after one", [name for name in connection.ls(bucket) if name in (one, two)], [one])
    connection.pipe(two, b"22")
    wanted("after two", [name for name in connection.ls(bucket) if name in (one, two)], [one, two])
    connection.rm(one)
    wanted("after one went", [name for name in connection.ls(bucket) if name in (one, two)], [two])
    wanted("size", connection.info(two)["size"], 2)


@probe("objects.metadata", needs=("write",), engines=("s3",), drivers=("boto3",))
def metadata(subject):
    """Metadata and the type of an object come back, after a copy as well; letters that HTTP has not are refused."""
    connection, bucket = place(subject)
    key, told = subject.table("kept"), {"colour": "red; blue", "number": "1"}
    connection.put_object(Bucket=bucket, Key=key, Body=b"v", Metadata=told, ContentType="text/x-probe")
    connection.copy_object(Bucket=bucket, Key=f"{key}-copy", CopySource={"Bucket": bucket, "Key": key})
    for name in (key, f"{key}-copy"):
        head = connection.head_object(Bucket=bucket, Key=name)
        wanted("metadata", (head["Metadata"], head["ContentType"]), (told, "text/x-probe"))
    call = lambda: connection.put_object(Bucket=bucket, Key=key, Body=b"", Metadata={"k": "ключ"})  # noqa: E731
    raised(subject.errors(), call, "metadata beyond ASCII")


@probe("objects.checksums", needs=("write",), engines=("s3",), drivers=("boto3",))
def checksums(subject):
    """The checksum that is asked for is that of the bytes, on the way there and back."""
    import base64

    connection, bucket = place(subject)
    key, value = subject.table("kept"), bytes(range(256)) * 64
    connection.put_object(Bucket=bucket, Key=key, Body=value, ChecksumAlgorithm="SHA256")
    answer = connection.get_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    same("body", answer["Body"].read(), value)
    wanted("SHA-256", answer.get("ChecksumSHA256"), base64.b64encode(hashlib.sha256(value).digest()).decode())
    wanted("ETag", answer["ETag"], f'"{hashlib.md5(value, usedforsecurity=False).hexdigest()}"')


@probe("objects.missing", needs=("write",), engines=("s3",))
def missing(subject):
    """A key and a bucket that are not there are NoSuchKey and NoSuchBucket, or FileNotFoundError of a file system."""
    connection, bucket = place(subject)
    found = getattr(connection, "exceptions", None)
    no_key = found.NoSuchKey if found else FileNotFoundError
    raised(no_key, lambda: subject.sql.read(connection, bucket, "none"), "what is not there")
    other = subject.prefix.replace("_", "-") + "-none"
    no_bucket = found.NoSuchBucket if found else FileNotFoundError
    raised(no_bucket, lambda: subject.sql.read(connection, other, "none"), "what is not there")
    subject.greet(connection)


@probe("objects.removed", needs=("write",), engines=("s3",))
def removed(subject):
    """What is written again is the new one, and what was removed is not there any more."""
    connection, bucket = place(subject)
    key = subject.table("kept")
    for value in (b"one", b"another"):
        subject.sql.write(connection, bucket, key, value)
        wanted("value", subject.sql.read(connection, bucket, key), value)
    subject.sql.remove(connection, bucket, key)
    wanted("listed", [one for one in subject.sql.keys(connection, bucket) if one == key], [])
    raised(subject.errors(), lambda: subject.sql.read(connection, bucket, key), "what was removed")


@probe("objects.presigned", needs=("write",), engines=("s3",))
def presigned(subject):
    """A presigned URL gives the object to whoever has it, and has no secret in it."""
    connection, bucket = place(subject)
    key = subject.table("kept")
    subject.sql.write(connection, bucket, key, b"value")
    import urllib.request

    if boto(connection):
        url = connection.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=60)
    else:
        url = connection.sign(f"{bucket}/{key}", expiration=60)
    clean(url, secret_of(subject), "a presigned URL")
    with contextlib.closing(urllib.request.urlopen(url, timeout=10)) as answer:  # noqa: S310 - the driver's own URL
        wanted("by its URL", answer.read(), b"value")


@probe("objects.threads", needs=("write",), engines=("s3",), seconds=60)
def threads(subject):
    """20 threads share a client, and each reads its own object."""
    connection, bucket = place(subject)
    names = [subject.table(str(number)) for number in range(THREADS)]
    for name in names:
        subject.sql.write(connection, bucket, name, name.encode())

    def work(number):
        for _ in range(_TIMES):
            wanted("answer", subject.sql.read(connection, bucket, names[number]), names[number].encode())

    began = time.monotonic()
    together(work)
    return {"objects_per_second": round(THREADS * _TIMES / (time.monotonic() - began))}
