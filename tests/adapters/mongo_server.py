"""A stand-in for MongoDB: its wire protocol in front of mongomock, which holds the documents.

It is no MongoDB. It speaks what PyMongo and Node's driver need to take it for a server without
replicas (OP_MSG, and OP_QUERY for the first hello), and does one command at a time. Where mongomock
tells less than the real server, such as which index refused a document, it says what the server says.

    with mongo_server() as server:
        MongoClient(server.url)
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import bson
import mongomock
from bson.codec_options import CodecOptions
from bson.int64 import Int64

__all__ = ["MongoServer", "mongo_server"]

Document = dict[str, Any]
OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
MORE_TO_COME = 2
HEADER = struct.Struct("<iiii")
# As a server does, times come and go without a zone.
OPTIONS: CodecOptions[Document] = CodecOptions(document_class=dict)


class Refused(Exception):
    """A command that the server answers with an error."""

    def __init__(self, code: int, name: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.answer: Document = {
            "ok": 0.0,
            "code": code,
            "codeName": name,
            "errmsg": message,
            **more,
        }


def duplicate(collection: Any, index: str, keys: Mapping[str, Any]) -> Refused:
    shown = ", ".join(f'{key}: "{value}"' for key, value in keys.items())
    space = f"{collection.database.name}.{collection.name}"
    message = (
        f"E11000 duplicate key error collection: {space} index: {index} dup key: {{ {shown} }}"
    )
    pattern = dict.fromkeys(keys, 1)
    return Refused(11000, "DuplicateKey", message, keyPattern=pattern, keyValue=dict(keys))


class Engine:
    """The commands, one at a time."""

    def __init__(self, documents: mongomock.MongoClient[Document]) -> None:
        self.documents = documents
        self.lock = threading.Lock()
        self.seen: list[str] = []
        self.connections = 0

    def run(self, command: Document) -> Document:
        name = next(iter(command))
        handler: Callable[[Document], Document] | None = getattr(self, f"do_{name.lower()}", None)
        if handler is None:
            return Refused(59, "CommandNotFound", f"no such command: '{name}'").answer
        with self.lock:
            self.seen.append(name)
            try:
                return {"ok": 1.0} | handler(command)
            except Refused as refused:
                return refused.answer
            except (mongomock.OperationFailure, NotImplementedError) as exc:
                return Refused(96, "OperationFailed", str(exc)).answer

    # --- the server itself ----------------------------------------------------------------------

    def do_hello(self, _command: Document) -> Document:
        self.connections += 1
        return {
            "helloOk": True,
            "ismaster": True,
            "isWritablePrimary": True,
            "readOnly": False,
            "maxBsonObjectSize": 16 * 1024 * 1024,
            "maxMessageSizeBytes": 48_000_000,
            "maxWriteBatchSize": 100_000,
            "localTime": datetime.now(UTC),
            "connectionId": self.connections,
            "minWireVersion": 0,
            "maxWireVersion": 21,
        }

    do_ismaster = do_hello

    def do_ping(self, _command: Document) -> Document:
        return {}

    do_endsessions = do_killcursors = do_ping

    def do_buildinfo(self, _command: Document) -> Document:
        return {"version": "7.0.0", "versionArray": [7, 0, 0, 0]}

    def do_dropdatabase(self, command: Document) -> Document:
        self.documents.drop_database(command["$db"])
        return {}

    def do_drop(self, command: Document) -> Document:
        self.collection(command, "drop").drop()
        return {}

    def do_listcollections(self, command: Document) -> Document:
        names = self.documents[command["$db"]].list_collection_names()
        found = [{"name": name, "type": "collection"} for name in names]
        return self.batch(command | {"listCollections": "$cmd"}, "listCollections", found)

    # --- reading --------------------------------------------------------------------------------

    def do_find(self, command: Document) -> Document:
        cursor = self.collection(command, "find").find(
            command.get("filter", {}), command.get("projection"), limit=command.get("limit", 0)
        )
        if sort := command.get("sort"):
            cursor = cursor.sort(list(sort.items()))
        return self.batch(command, "find", list(cursor))

    def do_aggregate(self, command: Document) -> Document:
        found = self.collection(command, "aggregate").aggregate(command["pipeline"])
        return self.batch(command, "aggregate", list(found))

    # --- writing --------------------------------------------------------------------------------

    def do_insert(self, command: Document) -> Document:
        collection = self.collection(command, "insert")
        done, errors = 0, []
        for position, document in enumerate(command["documents"]):
            try:
                if collection.find_one({"_id": document["_id"]}):
                    raise duplicate(collection, "_id_", {"_id": document["_id"]})
                self.check(collection, document)
            except Refused as refused:
                errors.append({"index": position, **without_ok(refused)})
                if command.get("ordered", True):
                    break
            else:
                collection.insert_one(document)
                done += 1
        return {"n": done} | ({"writeErrors": errors} if errors else {})

    def do_update(self, command: Document) -> Document:
        collection, matched, changed = self.collection(command, "update"), 0, 0
        for position, update in enumerate(command["updates"]):
            for old in collection.find(update["q"]):
                try:
                    self.check(collection, self.changed(old, update["u"]))
                except Refused as refused:
                    errors = [{"index": position, **without_ok(refused)}]
                    return {"n": matched, "nModified": changed, "writeErrors": errors}
                if not update.get("multi"):
                    break
            change = collection.update_many if update.get("multi") else collection.update_one
            result = change(update["q"], update["u"], upsert=update.get("upsert", False))
            matched += result.matched_count
            changed += result.modified_count or 0
        return {"n": matched, "nModified": changed}

    def do_delete(self, command: Document) -> Document:
        collection, gone = self.collection(command, "delete"), 0
        for delete in command["deletes"]:
            drop = collection.delete_one if delete["limit"] == 1 else collection.delete_many
            gone += drop(delete["q"]).deleted_count
        return {"n": gone}

    def do_findandmodify(self, command: Document) -> Document:
        collection = self.collection(command, "findAndModify", "findandmodify")
        where, update = command["query"], command.get("update")
        if command.get("remove"):
            value = collection.find_one_and_delete(where)
            return {"value": value, "lastErrorObject": {"n": int(value is not None)}}
        old = collection.find_one(where)
        if old is None:
            return {"value": None, "lastErrorObject": {"n": 0, "updatedExisting": False}}
        assert update is not None
        new = self.changed(old, update)
        self.check(collection, new)
        collection.replace_one({"_id": old["_id"]}, new)
        value = new if command.get("new") else old
        return {"value": value, "lastErrorObject": {"n": 1, "updatedExisting": True}}

    # --- indexes --------------------------------------------------------------------------------

    def do_createindexes(self, command: Document) -> Document:
        collection = self.collection(command, "createIndexes")
        for index in command["indexes"]:
            keys, partial = list(index["key"].items()), index.get("partialFilterExpression", {})
            seen: list[Document] = []
            for document in collection.find(partial) if index.get("unique") else ():
                values = {key: document.get(key) for key, _ in keys}
                if values in seen:
                    raise duplicate(collection, index["name"], values)
                seen.append(values)
            options = {key: index[key] for key in index.keys() - {"key", "v", "background"}}
            # Of partial indexes, mongomock looks at documents that are no part of them.
            kept = list(collection.find())
            collection.delete_many({})
            collection.create_index(keys, **options)
            if kept:
                collection.insert_many(kept)
        return {"numIndexesAfter": len(list(collection.list_indexes()))}

    def do_listindexes(self, command: Document) -> Document:
        collection = self.collection(command, "listIndexes")
        found = [dict(index) for index in collection.list_indexes()]
        if not found:
            space = f"{command['$db']}.{collection.name}"
            raise Refused(26, "NamespaceNotFound", f"ns does not exist: {space}")
        return self.batch(command, "listIndexes", found)

    def do_dropindexes(self, command: Document) -> Document:
        self.collection(command, "dropIndexes").drop_index(command["index"])
        return {}

    # --- what they share ------------------------------------------------------------------------

    def collection(self, command: Document, *names: str) -> Any:
        name = next(command[name] for name in names if name in command)
        return self.documents[command["$db"]][name]

    def batch(self, command: Document, name: str, found: list[Document]) -> Document:
        space = f"{command['$db']}.{command[name]}"
        return {"cursor": {"id": Int64(0), "ns": space, "firstBatch": found}}

    def changed(self, old: Document, update: Document) -> Document:
        """What an update makes of a document, as mongomock does it."""
        if not any(key.startswith("$") for key in update):
            return {"_id": old["_id"], **update}
        scratch: Any = mongomock.MongoClient()["scratch"]["scratch"]
        scratch.insert_one(old)
        scratch.update_one({"_id": old["_id"]}, update)
        new: Document = scratch.find_one({})
        return new

    def check(self, collection: Any, document: Document) -> None:
        """Refuse a document that an index does not let in beside the others."""
        other = {"_id": {"$ne": document["_id"]}}
        for index in collection.list_indexes():
            partial = index.get("partialFilterExpression", {})
            if not index.get("unique") or not applies(partial, document):
                continue
            values = {key: document.get(key) for key in index["key"]}
            if collection.find_one({"$and": [other, partial, values]}):
                raise duplicate(collection, index["name"], values)


def applies(partial: Document, document: Document) -> bool:
    """Whether a document is part of a partial index."""
    scratch: Any = mongomock.MongoClient()["scratch"]["scratch"]
    scratch.insert_one(document)
    return scratch.find_one(partial) is not None


def without_ok(refused: Refused) -> Document:
    return {key: value for key, value in refused.answer.items() if key != "ok"}


# --- the wire -------------------------------------------------------------------------------------


class Connection(socketserver.BaseRequestHandler):
    server: Listener

    def handle(self) -> None:
        self.server.sockets.add(self.request)
        with contextlib.suppress(OSError, EOFError):
            while True:
                self.answer_one()
        self.server.sockets.discard(self.request)

    def answer_one(self) -> None:
        length, request_id, _, kind = HEADER.unpack(self.read(HEADER.size))
        body = self.read(length - HEADER.size)
        if kind == OP_QUERY:
            # Flags, then the name of the collection, then how many to skip and to return.
            start = body.index(b"\0", 4) + 1 + 8
            command = bson.decode(body[start:], OPTIONS)
            answer = bson.encode(self.server.engine.run(command.get("$query", command)))
            self.send(OP_REPLY, request_id, struct.pack("<iqii", 8, 0, 0, 1) + answer)
            return
        assert kind == OP_MSG, f"unknown kind of message {kind}"
        flags, command = parse(body)
        answer = bson.encode(self.server.engine.run(command))
        if not flags & MORE_TO_COME:
            self.send(OP_MSG, request_id, struct.pack("<iB", 0, 0) + answer)

    def send(self, kind: int, to: int, body: bytes) -> None:
        self.request.sendall(HEADER.pack(HEADER.size + len(body), 0, to, kind) + body)

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.request.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data


def parse(body: bytes) -> tuple[int, Document]:
    """The flags and the command of an OP_MSG, with its sequences of documents put into it."""
    (flags,) = struct.unpack_from("<i", body)
    command: Document = {}
    sequences: Document = {}
    at, end = 4, len(body) - (4 if flags & 1 else 0)  # a checksum may follow
    while at < end:
        section, at = body[at], at + 1
        (size,) = struct.unpack_from("<i", body, at)
        part = body[at : at + size]
        at += size
        if section == 0:
            command = bson.decode(part, OPTIONS)
            continue
        name, _, documents = part[4:].partition(b"\0")
        sequences[name.decode()] = bson.decode_all(documents, OPTIONS)
    return flags, command | sequences


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], engine: Engine) -> None:
        super().__init__(address, Connection)
        self.engine = engine
        self.sockets: set[socket.socket] = set()


class MongoServer:
    """A stand-in on a port of its own, which may be stopped and started again with its documents."""

    def __init__(self) -> None:
        self.engine = Engine(mongomock.MongoClient())
        self.port = 0
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._listener = Listener(("127.0.0.1", self.port), self.engine)
        self.port = self._listener.server_address[1]
        serve = self._listener.serve_forever
        self._thread = threading.Thread(target=serve, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more and cut all connections."""
        assert self._listener is not None
        assert self._thread is not None
        self._listener.shutdown()
        self._thread.join()
        for connection in list(self._listener.sockets):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._listener.server_close()


@contextlib.contextmanager
def mongo_server() -> Iterator[MongoServer]:
    server = MongoServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
