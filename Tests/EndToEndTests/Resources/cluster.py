"""redis-py's cluster client: cluster.py PORT PROTOCOL"""

import sys

from redis.cluster import RedisCluster

port, protocol = int(sys.argv[1]), int(sys.argv[2])
client = RedisCluster(
    host="127.0.0.1", port=port, protocol=protocol, decode_responses=True
)

nodes = client.get_nodes()
assert nodes, "no node"
for node in nodes:
    assert client.ping(target_nodes=node)

for index in range(500):
    assert client.set(f"key:{index}", index)
for index in range(500):
    assert client.get(f"key:{index}") == str(index)
    owner = client.get_node_from_key(f"key:{index}")
    # The advertised owner serves the key itself, without a redirection.
    assert owner.redis_connection.get(f"key:{index}") == str(index)

assert client.mset({"{tag}a": 1, "{tag}b": 2})
assert client.mget("{tag}a", "{tag}b") == ["1", "2"]
assert client.mset_nonatomic({f"key:{index}": "x" for index in range(100)})
assert set(client.mget_nonatomic([f"key:{index}" for index in range(100)])) == {"x"}

with client.pipeline() as pipeline:
    for index in range(1000):
        pipeline.set(f"pipe:{index}", index)
    assert all(pipeline.execute())
with client.pipeline() as pipeline:
    for index in range(1000):
        pipeline.get(f"pipe:{index}")
    assert pipeline.execute() == [str(index) for index in range(1000)]

assert client.cluster_keyslot("foo") == 12182
assert client.delete("{tag}a", "{tag}b") == 2
assert client.flushall(target_nodes=RedisCluster.PRIMARIES)
