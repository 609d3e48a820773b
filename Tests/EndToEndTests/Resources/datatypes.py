"""redis-py's commands on lists, bits, HyperLogLogs, places and SORT: datatypes.py PORT PROTOCOL"""

import sys

import redis

port, protocol = int(sys.argv[1]), int(sys.argv[2])
client = redis.Redis(port=port, protocol=protocol, decode_responses=True)


def refused(call, words):
    try:
        call()
    except redis.ResponseError as error:
        assert words in str(error), error
    else:
        raise AssertionError(f"not refused: {words}")


# Lists: a few elements, many, and some large ones.
for name, elements in (
    ("few", [f"element:{index}" for index in range(20)]),
    ("many", [str(index * 3) for index in range(5_000)]),
    ("large", ["x" * 10_000 + str(index) for index in range(30)]),
):
    count = len(elements)
    assert client.rpush(name, *elements) == count == client.llen(name)
    assert client.lrange(name, 0, -1) == elements
    assert client.lrange(name, -3, -1) == elements[-3:]
    assert client.lindex(name, 7) == elements[7] and client.lindex(name, count) is None
    assert client.lpush(name, "b", "a") == count + 2
    assert client.lpop(name) == "a" and client.rpop(name) == elements[-1]
    assert client.lpop(name, 3) == ["b", elements[0], elements[1]]
    assert client.rpop(name, 2) == [elements[-2], elements[-3]]
    elements = elements[2:-3]
    assert client.lpos(name, elements[5]) == 5 and client.lpos(name, "none") is None
    assert client.lpos(name, elements[5], rank=-1, count=0) == [5]
    assert client.lset(name, 1, "changed") and client.lindex(name, 1) == "changed"
    assert client.linsert(name, "BEFORE", "changed", "before") == len(elements) + 1
    assert client.linsert(name, "AFTER", "none", "x") == -1
    assert client.lrem(name, 0, "before") == 1 and client.lrem(name, 1, "changed") == 1
    elements = elements[:1] + elements[2:]
    assert client.lrange(name, 0, -1) == elements
    assert client.ltrim(name, 1, -2)
    elements = elements[1:-1]
    assert client.lmove(name, "other", "LEFT", "RIGHT") == elements[0]
    assert client.rpoplpush(name, "other") == elements[-1]
    assert client.lrange("other", 0, -1) == [elements[-1], elements[0]]
    elements = elements[1:-1]
    assert client.lmpop(2, "none", name, direction="LEFT", count=2) == [name, elements[:2]]
    assert client.blpop(["none", name], timeout=1) in ([name, elements[2]], (name, elements[2]))
    assert client.brpop(name, timeout=1) in ([name, elements[-1]], (name, elements[-1]))
    assert client.blmove(name, "other", 1, "LEFT", "LEFT") == elements[3]
    assert client.brpoplpush(name, "other", timeout=1) == elements[-2]
    assert client.blmpop(1, 1, name, direction="RIGHT", count=1) == [name, [elements[-3]]]
    assert client.lrange(name, 0, -1) == elements[4:-3]
    assert client.lpushx("none", "x") == 0 and client.rpushx(name, "x") > 0
    assert client.object("encoding", name) == "quicklist" and client.type(name) == "list"
    assert client.copy(name, "copied") and client.rename("copied", "renamed")
    assert client.lrange("renamed", 0, -1) == client.lrange(name, 0, -1)
    refused(lambda: client.sadd(name, "x"), "wrong kind of value")
    refused(lambda: client.lset(name, 1_000_000, "x"), "index out of range")
    assert client.delete(name, "other", "renamed") == 3
assert client.blpop("none", timeout=0.01) is None

# Bits.
assert client.setbit("bits", 7, 1) == 0 and client.setbit("bits", 7, 0) == 1
assert client.getbit("bits", 7) == 0 and client.getbit("bits", 1_000_000) == 0
assert client.set("text", "foobar")
assert client.bitcount("text") == 26 and client.bitcount("text", 1, 1) == 6
assert client.bitcount("text", 5, 30, "BIT") == 17
assert client.bitpos("text", 1) == 1 and client.bitpos("text", 0, 2) == 16
assert client.bitpos("text", 1, 10, 30, "BIT") == 10
assert client.set("mask", "abcdef")
assert client.bitop("AND", "result", "text", "mask") == 6 and client.get("result") == "`bc`ab"
assert client.bitop("NOT", "result", "text") == 6 and client.bitcount("result") == 22
for offset in range(0, 100_000, 997):
    client.setbit("sparse", offset, 1)
assert client.bitcount("sparse") == len(range(0, 100_000, 997))
field = client.bitfield("fields")
field.set("u8", 0, 255).get("u8", 0).incrby("u8", 0, 10)
assert field.execute() == [0, 255, 9]
field = client.bitfield("fields", default_overflow="SAT")
assert field.incrby("u8", 0, 1_000).get("i5", "#1").execute()[0] == 255
assert client.bitfield_ro("fields", "u8", 0) == [255]
refused(lambda: client.setbit("bits", -1, 1), "bit offset is not an integer")
refused(lambda: client.bitop("NOT", "result", "text", "mask"), "single source key")
assert client.delete("bits", "text", "mask", "result", "sparse", "fields") == 6

# HyperLogLogs.
assert client.pfadd("few", "a", "b", "c") and not client.pfadd("few", "a")
assert client.pfcount("few") == 3 and client.pfcount("none") == 0
for start in range(0, 20_000, 1_000):
    client.pfadd("visits", *(f"visitor:{index}" for index in range(start, start + 1_000)))
assert abs(client.pfcount("visits") - 20_000) < 600
assert client.pfmerge("all", "few", "visits")
assert client.pfcount("all") == client.pfcount("few", "visits")
assert client.type("all") == "string"
assert client.set("text", "no registers")
refused(lambda: client.pfadd("text", "a"), "not a valid HyperLogLog")
assert client.delete("few", "visits", "all", "text") == 4

# Places.
assert client.geoadd("sicily", (13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania"))
assert client.geoadd("sicily", (13.583333, 37.316667, "Agrigento"), nx=True) == 1
assert client.geoadd("sicily", (13.5, 37.3, "Agrigento"), xx=True, ch=True) == 1
position = client.geopos("sicily", "Palermo", "none")
assert position[1] is None and abs(position[0][0] - 13.361389) < 1e-5
assert client.geodist("sicily", "Palermo", "none") is None
found = client.geosearch(
    "sicily", member="Palermo", width=400, height=400, unit="km", sort="ASC", withdist=True,
    withcoord=True, withhash=True)
assert [place[0] for place in found] == ["Palermo", "Agrigento", "Catania"]
assert found[0][1] == 0 and abs(found[2][1] - 166.2742) < 1e-3
assert client.geosearch(
    "sicily", longitude=15, latitude=37, radius=200, unit="km", count=1) == ["Catania"]
assert client.geosearchstore(
    "near", "sicily", member="Catania", radius=150, unit="mi", storedist=True) == 3
assert client.zscore("near", "Catania") == 0
assert client.georadius("sicily", 15, 37, 100, unit="km") == ["Catania"]
assert set(client.georadiusbymember("sicily", "Palermo", 100, unit="mi")) == {
    "Palermo", "Agrigento"}
assert client.zrem("sicily", "Catania") == 1 and client.zcard("sicily") == 2
refused(lambda: client.geoadd("sicily", (200, 0, "x")), "invalid longitude,latitude pair")
assert client.delete("sicily", "near") == 2

# SORT, with keys on every core.
numbers = [str((index * 37) % 101) for index in range(101)]
assert client.rpush("numbers", *numbers) == 101
assert client.sort("numbers") == sorted(numbers, key=int)
assert client.sort("numbers", desc=True, start=2, num=3) == ["98", "97", "96"]
assert client.sort("numbers", alpha=True) == sorted(numbers)
for number in numbers:
    client.set(f"weight:{number}", 1_000 - int(number))
    client.hset(f"object:{number}", "name", f"name {number}")
assert client.sort("numbers", by="weight:*") == sorted(numbers, key=int, reverse=True)
assert client.sort("numbers", start=0, num=2, get=["#", "object:*->name"]) == [
    "0", "name 0", "1", "name 1"]
assert client.sort("numbers", start=0, num=2, get=["#", "weight:*"], groups=True) == [
    ("0", "1000"), ("1", "999")]
assert client.sort("numbers", by="weight:*", get="object:*->name", store="named") == 101
assert client.lindex("named", 0) == "name 100"
assert client.sort_ro("numbers", by="nosort", start=0, num=3) == numbers[:3]
assert client.sadd("letters", "b", "a", "c") == 3 and client.zadd("ranked", {"b": 1, "a": 2}) == 2
assert client.sort("letters", alpha=True) == ["a", "b", "c"]
assert client.sort("ranked", by="nosort") == ["b", "a"]
refused(lambda: client.sort("letters"), "can't be converted into double")

assert client.flushall() and client.dbsize() == 0
