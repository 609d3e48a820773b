"""redis-py's messages against one server: pubsub.py PORT PROTOCOL"""

import sys
import threading
import time

import redis

port, protocol = int(sys.argv[1]), int(sys.argv[2])


def connect(**options):
    return redis.Redis(port=port, protocol=protocol, decode_responses=True, **options)


def receive(pubsub, count):
    """The next messages, confirmations included, within ten seconds."""
    messages = []
    end = time.monotonic() + 10
    while len(messages) < count and time.monotonic() < end:
        message = pubsub.get_message(timeout=1)
        if message is not None:
            messages.append((message["type"], message["channel"], message["data"]))
    assert len(messages) == count, messages
    return messages


publisher = connect()
pubsub = connect().pubsub()
pubsub.subscribe("news", "weather")
pubsub.psubscribe("n*")
assert receive(pubsub, 3) == [
    ("subscribe", "news", 1), ("subscribe", "weather", 2), ("psubscribe", "n*", 3)
]

assert publisher.publish("news", "hello") == 2
assert publisher.publish("weather", "rain") == 1
assert publisher.publish("sports", "nothing") == 0
assert receive(pubsub, 3) == [
    ("message", "news", "hello"), ("pmessage", "news", "hello"), ("message", "weather", "rain")
]
assert sorted(publisher.pubsub_channels()) == ["news", "weather"]
assert publisher.pubsub_numpat() == 1
assert publisher.pubsub_numsub("news", "none") == [("news", 1), ("none", 0)]

# Messages of one publisher come in order, among those of others.
count = 2_000
second = connect().pubsub(ignore_subscribe_messages=True)
second.subscribe("counts")
assert second.get_message(timeout=5) is None


def publish(name):
    client = connect()
    pipeline = client.pipeline(transaction=False)
    for number in range(count):
        pipeline.publish("counts", f"{name}:{number}")
    assert pipeline.execute() == [1] * count


threads = [threading.Thread(target=publish, args=(name,)) for name in "ab"]
for thread in threads:
    thread.start()
received = [data for _, _, data in receive(second, 2 * count)]
for thread in threads:
    thread.join()
for name in "ab":
    expected = [f"{name}:{number}" for number in range(count)]
    assert [data for data in received if data.startswith(name)] == expected

# A thread with handlers, as applications use it.
seen = []
handler = connect().pubsub(ignore_subscribe_messages=True)
handler.subscribe(**{"orders": lambda message: seen.append(message["data"])})
thread = handler.run_in_thread(sleep_time=0.01)
while publisher.publish("orders", "begin") == 0:
    time.sleep(0.01)
publisher.publish("orders", "end")
end = time.monotonic() + 10
while "end" not in seen and time.monotonic() < end:
    time.sleep(0.01)
thread.stop()
thread.join()
assert seen[-1] == "end", seen

# Shard channels, and the end of subscriptions.
pubsub.unsubscribe("news")
pubsub.punsubscribe()
assert receive(pubsub, 2) == [("unsubscribe", "news", 2), ("punsubscribe", "n*", 1)]
assert publisher.publish("news", "nobody") == 0
pubsub.ssubscribe("shard")
assert receive(pubsub, 1) == [("ssubscribe", "shard", 1)]
assert publisher.spublish("shard", "piece") == 1
assert receive(pubsub, 1) == [("smessage", "shard", "piece")]

# Keyspace events.
publisher.config_set("notify-keyspace-events", "KEA")
pubsub.psubscribe("__keyevent@0__:*")
receive(pubsub, 1)
publisher.set("k", "v")
assert receive(pubsub, 1) == [("pmessage", "__keyevent@0__:set", "k")]
