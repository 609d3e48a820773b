// CLUSTER, and what only cluster clients send. A cluster of one node so far; see Topology.swift for
// who sees what.

import Base
import Engine
import Placement

extension Core {
    mutating func runClusterCommand(_ connection: ConnectionReference, _ call: Invocation) {
        let topology = Topology(connection.state.details, self)
        switch call.command {
        case .clusterSlots: clusterSlots(topology)
        case .clusterShards: clusterShards(topology)
        case .clusterNodes: engine.reply.verbatim(nodesText(topology))
        case .clusterInfo: engine.reply.verbatim(clusterInfoText(topology))
        case .clusterMyID: engine.reply.bulk(topology.own.id)
        case .clusterKeySlot:
            engine.reply.integer(Int(engine.reference(call[2]).slot))
        case .clusterHelp: help(.cluster)
        case .asking, .readonly, .readwrite:
            if connection.state.details.listener == .gateway {
                engine.fail("ERR This instance has cluster support disabled")
            } else {
                engine.reply.ok()
            }
        default: engine.reply.unknownCommand(call)
        }
    }

    // MARK: Who has which slots

    private mutating func clusterSlots(_ topology: Topology) {
        engine.reply.array(topology.endpoints.reduce(0) { $0 + $1.slots.ranges.count })
        for endpoint in topology.endpoints {
            for range in endpoint.slots.ranges {
                engine.reply.array(3)
                engine.reply.integer(Int(range.first.rawValue))
                engine.reply.integer(Int(range.last.rawValue))
                engine.reply.array(4)
                engine.reply.bulk(endpoint.host)
                engine.reply.integer(endpoint.port)
                engine.reply.bulk(endpoint.id)
                engine.reply.map(0)
            }
        }
    }

    private mutating func clusterShards(_ topology: Topology) {
        engine.reply.array(topology.endpoints.count)
        for endpoint in topology.endpoints {
            engine.reply.map(2)
            engine.reply.bulk("slots")
            engine.reply.array(endpoint.slots.ranges.count * 2)
            for range in endpoint.slots.ranges {
                engine.reply.integer(Int(range.first.rawValue))
                engine.reply.integer(Int(range.last.rawValue))
            }
            engine.reply.bulk("nodes")
            engine.reply.array(1)
            describeShardNode(endpoint)
        }
    }

    private mutating func describeShardNode(_ endpoint: ClusterEndpoint) {
        engine.reply.map(7)
        engine.reply.bulk("id")
        engine.reply.bulk(endpoint.id)
        engine.reply.bulk("port")
        engine.reply.integer(endpoint.port)
        engine.reply.bulk("ip")
        engine.reply.bulk(endpoint.host)
        engine.reply.bulk("endpoint")
        engine.reply.bulk(endpoint.host)
        engine.reply.bulk("role")
        engine.reply.bulk("master")
        engine.reply.bulk("replication-offset")
        engine.reply.integer(0)
        engine.reply.bulk("health")
        engine.reply.bulk("online")
    }

    /// One line per endpoint: id, address, flags, primary, ping, pong, epoch, link and slots.
    private func nodesText(_ topology: Topology) -> String {
        var text = ""
        for endpoint in topology.endpoints {
            let port = endpoint.port
            text += "\(endpoint.id) \(endpoint.host):\(port)@\(busPort(port)) "
            text += endpoint.isSelf ? "myself,master" : "master"
            text += " - 0 0 \(engine.routing.epoch.rawValue) connected"
            for range in endpoint.slots.ranges {
                text += " \(range.first.rawValue)"
                if range.count > 1 { text += "-\(range.last.rawValue)" }
            }
            text += "\n"
        }
        return text
    }

    /// Where Redis would have its cluster bus: clients only parse it.
    private func busPort(_ port: Int) -> Int {
        port + 10_000 > 65_535 ? port : port + 10_000
    }

    private func clusterInfoText(_ topology: Topology) -> String {
        let epoch = engine.routing.epoch.rawValue
        let fields: KeyValuePairs<String, String> = [
            "cluster_state": "ok",
            "cluster_slots_assigned": "\(SlotIndex.count)",
            "cluster_slots_ok": "\(SlotIndex.count)",
            "cluster_slots_pfail": "0",
            "cluster_slots_fail": "0",
            "cluster_known_nodes": "\(topology.endpoints.count)",
            "cluster_size": "\(topology.endpoints.count)",
            "cluster_current_epoch": "\(epoch)",
            "cluster_my_epoch": "\(epoch)",
            "cluster_stats_messages_sent": "0",
            "cluster_stats_messages_received": "0",
            "total_cluster_links_buffer_limit_exceeded": "0",
        ]
        return fields.reduce(into: "") { $0 += "\($1.key):\($1.value)\r\n" }
    }

    // MARK: The keys in a slot

    /// CLUSTER COUNTKEYSINSLOT slot, CLUSTER GETKEYSINSLOT slot count
    mutating func isSoundSlotQuery(_ call: Invocation) -> Bool {
        let hasCount = call.command == .clusterGetKeysInSlot
        guard let slot = call[2].canonicalInteger,
            let count = hasCount ? call[3].canonicalInteger : 0
        else {
            engine.fail(.notInteger)
            return false
        }
        if slot < 0 || slot >= SlotIndex.count || count < 0 {
            engine.fail(hasCount ? "ERR Invalid slot or number of keys" : "ERR Invalid slot")
            return false
        }
        return true
    }

    func contributeKeyCount(_ call: Invocation, into part: inout OutputBuffer) {
        let slot = SlotIndex(UInt16(call[2].canonicalInteger ?? 0))
        part.append(integer: Int64(engine.keyspace.count(inSlot: slot)))
    }

    func contributeSlotKeys(_ call: Invocation, into part: inout OutputBuffer) {
        var left = call[3].canonicalInteger ?? 0
        var keys = KeyListPart(into: &part)
        engine.keyspace.forEachEntry(inSlot: UInt16(call[2].canonicalInteger ?? 0)) { entry in
            if left <= 0 { return }
            left -= 1
            keys.append(entry.key)
        }
        keys.finish(into: &part)
    }
}
