"""redis-py against one server: standalone.py PORT PROTOCOL"""

import sys

import redis

port, protocol = int(sys.argv[1]), int(sys.argv[2])
client = redis.Redis(
    port=port, protocol=protocol, decode_responses=True, client_name="end-to-end"
)

assert client.ping()
assert client.client_getname() == "end-to-end"
assert client.select(0)

# Strings, expiry, keys.
assert client.set("a", "1", ex=100)
assert client.incr("a") == 2
assert client.incrbyfloat("f", 10.5) == 10.5
assert 0 < client.ttl("a") <= 100
assert client.set("a", "x", nx=True) is None
assert client.set("a", "x", get=True) == "2"
assert client.mset({"b": "1", "c": "2", "d": "3"})
assert client.mget("a", "b", "missing") == ["x", "1", None]
assert client.setrange("s", 3, "abc") == 6
assert client.getrange("s", 3, -1) == "abc"
assert client.lcs("a", "b", len=True) == 0
assert sorted(client.keys("*")) == ["a", "b", "c", "d", "f", "s"]
assert sorted(client.scan_iter(match="[a-c]", count=1)) == ["a", "b", "c"]
assert client.rename("b", "bb") and client.copy("bb", "b") and client.delete("bb", "x") == 1
assert client.expire("b", 100, nx=True) and client.persist("b")
assert client.type("a") == "string" and client.object("encoding", "c") == "int"

# A transaction that succeeds, and one that a concurrent write aborts.
with client.pipeline(transaction=True) as pipeline:
    pipeline.watch("c")
    pipeline.multi()
    pipeline.set("c", "10").incr("c").get("c")
    assert pipeline.execute() == [True, 11, "11"]
    pipeline.watch("c")
    client.set("c", "20")
    pipeline.multi()
    pipeline.set("c", "30")
    try:
        pipeline.execute()
        raise AssertionError("the transaction was not aborted")
    except redis.WatchError:
        pass
assert client.get("c") == "20"

# A long pipeline; errors in one keep the others' replies.
with client.pipeline(transaction=False) as pipeline:
    for index in range(10_000):
        pipeline.set(f"p:{index}", index)
    assert all(pipeline.execute())
with client.pipeline(transaction=False) as pipeline:
    replies = pipeline.get("c").incr("a").get("d").execute(raise_on_error=False)
    assert replies[0] == "20" and replies[2] == "3"
    assert isinstance(replies[1], redis.ResponseError)

# Introspection that tools rely on.
assert client.info()["loading"] == 0
assert client.info("keyspace")["db0"]["keys"] == client.dbsize()
assert client.config_get("maxmemory")["maxmemory"] == "0"
assert client.command_count() > 50
assert client.command_getkeys("MSET", "a", "1", "b", "2") == ["a", "b"]
assert client.client_id() > 0
assert any(entry["name"] == "end-to-end" for entry in client.client_list())
assert client.module_list() == []
assert len(client.time()) == 2

binary = redis.Redis(port=port, protocol=protocol)
every = bytes(range(256))
assert binary.set(every, every * 1000)
assert binary.get(every) == every * 1000

assert client.flushall()
assert client.dbsize() == 0
