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

# Hashes: a small one, then one of many fields.
for name, count in (("h", 10), ("big", 2_000)):
    fields = {f"field:{index}": str(index * 7) for index in range(count)}
    assert client.hset(name, mapping=fields) == count
    assert client.hset(name, "field:0", "zero") == 0
    fields["field:0"] = "zero"
    assert client.hgetall(name) == fields and client.hlen(name) == count
    assert sorted(client.hkeys(name)) == sorted(fields)
    assert sorted(client.hvals(name)) == sorted(fields.values())
    assert client.hget(name, "field:1") == "7" and client.hget(name, "none") is None
    assert client.hmget(name, "field:2", "none", "field:3") == ["14", None, "21"]
    assert client.hexists(name, "field:2") and not client.hexists(name, "none")
    assert client.hstrlen(name, "field:0") == 4
    assert client.hincrby(name, "field:1", 5) == 12
    assert client.hincrbyfloat(name, "field:1", 0.5) == 12.5
    assert client.hsetnx(name, "new", "x") and not client.hsetnx(name, "new", "y")
    assert client.hdel(name, "new", "none") == 1
    fields["field:1"] = "12.5"
    assert dict(client.hscan_iter(name, count=100)) == fields
    assert dict(client.hscan_iter(name, match="field:1*")) == {
        field: value for field, value in fields.items() if field.startswith("field:1")
    }
    assert client.hrandfield(name) in fields
    assert len(set(client.hrandfield(name, 5))) == 5
    assert len(client.hrandfield(name, -50)) == 50
    drawn = client.hrandfield(name, 4, withvalues=True)
    pairs = drawn if protocol == 3 else zip(drawn[::2], drawn[1::2])
    assert all(fields[field] == value for field, value in pairs)
    assert client.rename(name, "moved") and client.copy("moved", name)
    assert client.hgetall("moved") == client.hgetall(name) == fields
    assert client.expire(name, 100) and client.type(name) == "hash"
    encoding = "listpack" if name == "h" else "hashtable"
    assert client.object("encoding", "moved") == encoding
    assert client.memory_usage(name) > 0
    assert list(client.scan_iter(_type="hash", match="moved")) == ["moved"]
    assert client.hdel("moved", *fields) == count and not client.exists("moved")
    try:
        client.incr(name)
        raise AssertionError("a hash was incremented")
    except redis.ResponseError as error:
        assert "wrong kind of value" in str(error)
    assert client.delete(name) == 1

# Sets: integers, a few words, many words.
for name, members in (
    ("numbers", [str(index * 1_000) for index in range(300)]),
    ("words", [f"member:{index}" for index in range(50)]),
    ("many", [f"member:{index}" for index in range(3_000)]),
):
    everything = set(members)
    assert client.sadd(name, *members) == len(members) == client.scard(name)
    assert client.sadd(name, members[0], "1") == 1 and client.srem(name, "1", "2") == 1
    assert client.smembers(name) == everything
    assert client.sismember(name, members[7]) and not client.sismember(name, "none")
    assert client.smismember(name, [members[1], "none"]) == [1, 0]
    assert client.srandmember(name) in everything
    assert len(set(client.srandmember(name, 20))) == 20
    assert len(client.srandmember(name, -70)) == 70
    assert set(client.sscan_iter(name, count=100)) == everything
    assert set(client.sscan_iter(name, match="*7")) == {m for m in members if m.endswith("7")}
    half = set(members[::2]) | {"other"}
    assert client.sadd("half", *half) == len(half)
    assert client.sinter(name, "half") == everything & half
    assert client.sunion(name, "half") == everything | half
    assert client.sdiff(name, "half") == everything - half
    assert client.sdiff("half", name) == {"other"}
    assert client.sintercard(2, [name, "half"]) == len(everything & half)
    assert client.sintercard(2, [name, "half"], limit=3) == 3
    assert client.sinterstore("result", name, "half") == len(everything & half)
    assert client.smembers("result") == everything & half
    assert client.sunionstore("result", name, "half") == len(everything | half)
    assert client.smembers("result") == everything | half
    assert client.sdiffstore("result", name, "half") == len(everything - half)
    assert client.smembers("result") == everything - half
    assert client.smove(name, "result", members[0]) and client.sismember("result", members[0])
    assert not client.smove(name, "result", members[0])
    assert client.spop(name) in everything
    popped = set(client.spop(name, 10))
    assert len(popped) == 10 and not popped & client.smembers(name)
    assert client.copy(name, "copied") and client.smembers("copied") == client.smembers(name)
    assert client.type(name) == "set" and client.memory_usage(name) > 0
    encoding = "intset" if name == "numbers" else "hashtable"
    assert client.object("encoding", name) == encoding
    rest = client.smembers(name)
    assert set(client.spop(name, 10_000)) == rest and not client.exists(name)
    assert client.delete("half", "result", "copied") == 3

# Sorted sets, packed and not. In RESP3 redis-py has lists where it has tuples in RESP2.
def pairs(reply):
    return [tuple(pair) for pair in reply]


for name, count in (("few", 20), ("ranked", 3_000)):
    scores = {f"member:{index:05}": index / 2 for index in range(count)}
    assert client.zadd(name, scores) == count == client.zcard(name)
    assert pairs(client.zrange(name, 0, -1, withscores=True)) == list(scores.items())
    assert client.zscore(name, "member:00003") == 1.5 and client.zrank(name, "member:00003") == 3
    assert client.zrevrank(name, "member:00000") == count - 1
    assert client.zincrby(name, 0.25, "member:00003") == 1.75
    assert client.zcount(name, "(0.5", 2) == 3
    assert client.zrangebyscore(name, 1, 2) == [f"member:{index:05}" for index in (2, 3, 4)]
    assert client.zrange(name, 2, 1, byscore=True, desc=True) == client.zrevrangebyscore(name, 2, 1)
    assert len(dict(client.zscan_iter(name, count=100))) == count
    assert len(set(client.zrandmember(name, 10))) == 10
    assert client.zunion([name, name], aggregate="SUM")[-1] == f"member:{count - 1:05}"
    assert client.zinterstore("result", {name: 2}) == count
    assert client.zscore("result", "member:00003") == 3.5
    assert client.zdiff([name, "result"]) == [] and client.zintercard(2, [name, "result"]) == count
    assert pairs(client.zpopmin(name, 2)) == [("member:00000", 0), ("member:00001", 0.5)]
    assert pairs(client.zpopmax(name, 1)) == [(f"member:{count - 1:05}", (count - 1) / 2)]
    assert client.zrem(name, "member:00003", "none") == 1
    assert client.zremrangebyrank(name, 0, 3) == 4
    assert client.object("encoding", name) == ("listpack" if name == "few" else "skiplist")
    assert client.bzpopmin(name, timeout=1)[1] == "member:00007"
    assert client.delete(name, "result") == 2

# Places.
places = (13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania")
assert client.geoadd("places", places) == 2
assert client.geodist("places", "Palermo", "Catania", unit="km") == 166.2742
assert client.geohash("places", "Palermo", "Catania") == ["sqc8b49rny0", "sqdtr74hyu0"]
assert client.geosearch(
    "places", longitude=15, latitude=37, radius=100, unit="km") == ["Catania"]
assert client.delete("places") == 1

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

# Values in Redis's format.
payload = binary.dump(every)
assert binary.dump("none") is None
assert binary.restore("copy", 0, payload) and binary.get("copy") == every * 1000
try:
    binary.restore("copy", 0, payload)
    raise AssertionError("a key that is there was overwritten")
except redis.ResponseError as error:
    assert "BUSYKEY" in str(error)
assert binary.restore("copy", 5_000, payload, replace=True, idletime=10)
assert 0 < binary.pttl("copy") <= 5_000
assert binary.restore("copy", 4_102_444_800_000, payload, replace=True, absttl=True)
assert binary.expiretime("copy") == 4_102_444_800

assert client.flushall()
assert client.dbsize() == 0
