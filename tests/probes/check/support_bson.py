"""What a made-up client of MongoDB stands on: its errors, the types of BSON, and how a query is matched."""

from __future__ import annotations

BSON = """
import collections, contextlib, copy, datetime, decimal, itertools, re, socket, sys, threading, time, uuid
from urllib.parse import unquote_plus

sys.modules["pymongo.errors"] = sys.modules["bson"] = errors = sys.modules[__name__]
class PyMongoError(Exception): details = {}
class ConnectionFailure(PyMongoError): pass
class AutoReconnect(ConnectionFailure): pass
class NetworkTimeout(AutoReconnect): pass
class ServerSelectionTimeoutError(AutoReconnect): pass
class ConfigurationError(PyMongoError): pass
class InvalidURI(ConfigurationError): pass
class InvalidOperation(PyMongoError): pass
class InvalidDocument(Exception): pass
class DocumentTooLarge(InvalidDocument): pass
class OperationFailure(PyMongoError):
    def __init__(self, text, code=None, details=None):
        super().__init__(text)
        self.code, self.details = code, details or {}
class CursorNotFound(OperationFailure): pass
class ExecutionTimeout(OperationFailure): pass
class DuplicateKeyError(OperationFailure): pass
class BulkWriteError(OperationFailure): pass
class ReturnDocument: BEFORE, AFTER = False, True
class CursorType: TAILABLE_AWAIT = 34

class Value:
    "A type of BSON that is what it was made of."
    def __init__(self, *parts): self.parts = parts
    def __eq__(self, other): return type(self) is type(other) and self.parts == other.parts
    def __hash__(self): return hash(self.parts)
    def __str__(self): return str(self.parts[0])
class Regex(Value): pass
class Timestamp(Value): pass
class Code(Value): pass
class MinKey(Value): pass
class MaxKey(Value): pass
class Decimal128(Value): pass
class ObjectId(Value):
    made = itertools.count()
    def __init__(self, text=""): super().__init__(text or next(self.made))
class Int64(int): pass
class Binary(bytes):
    def __new__(cls, value, subtype=0):
        self = super().__new__(cls, value)
        self.subtype = subtype
        return self
    def __eq__(self, other): return bytes(self) == bytes(other) and self.subtype == getattr(other, "subtype", 0)
    __hash__ = bytes.__hash__

def sent(value):
    "What becomes of a value on the way there."
    return value
def given(value):
    "What becomes of a value on the way back."
    return value
def moment(value):
    if value.tzinfo:
        value = value.astimezone(datetime.UTC).replace(tzinfo=None)
    return value.replace(microsecond=value.microsecond // 1000 * 1000)
def named_field(name):
    if not isinstance(name, str) or chr(0) in name:
        raise InvalidDocument(f"no name: {name!r}")
    return name
def number(value):
    if not -(2**63) <= value < 2**63:
        raise OverflowError("MongoDB can only handle up to 8-byte ints")
    return value
def unknown(value): raise InvalidDocument(f"cannot encode object: {value!r}")
def identified(value): raise ValueError("cannot encode native uuid.UUID")
def encoded(value, words):
    if isinstance(value, dict):
        return {named_field(name): encoded(one, words) for name, one in value.items()}
    if isinstance(value, list):
        return [encoded(one, words) for one in value]
    if isinstance(value, decimal.Decimal):
        return unknown(value)
    if isinstance(value, uuid.UUID) and words.get("uuidRepresentation") != "standard":
        return identified(value)
    if isinstance(value, int):
        number(value)
    return sent(moment(value) if isinstance(value, datetime.datetime) else value)
def aware(value): return value.replace(tzinfo=datetime.UTC)
def decoded(value, words):
    if isinstance(value, dict):
        return {name: decoded(one, words) for name, one in value.items()}
    if isinstance(value, list):
        return [decoded(one, words) for one in value]
    if isinstance(value, datetime.datetime) and words.get("tz_aware"):
        return aware(value)
    return given(value)

def tested(there, value, condition):
    "Say whether a field (whether it is there, and what it is) is as it is asked for."
    if isinstance(condition, re.Pattern):
        return there and bool(condition.search(value))
    if not isinstance(condition, dict) or not any(name.startswith("$") for name in condition):
        if condition is None:
            return nothing(there, value)
        return there and (value == condition or within(value, condition))
    tests = {"$gte": lambda it: value >= it, "$lt": lambda it: value < it, "$exists": lambda it: there == it,
        "$in": lambda it: any(value == one or within(value, one) for one in it),
        "$type": lambda it: there and value is None}
    return all(tests[name](it) for name, it in condition.items())
def nothing(there, value): return value is None
def within(value, one): return isinstance(value, list) and one in value
def expressed(query): pass
def matches(document, query):
    for name, condition in query.items():
        if name == "$expr":
            continue
        if name.startswith("$"):
            raise OperationFailure(f"unknown top level operator: {name}", 2)
        if not tested(name in document, document.get(name), condition):
            return False
    return True
def ordered(rows, keys):
    keys = [(keys, 1)] if isinstance(keys, str) else list(keys)
    for name, way in reversed(keys):
        rows = sorted(rows, key=lambda one: one[name], reverse=way < 0)
    return rows
"""
