import Base

/// A core's connections. A connection stays where it is for its life; places are reused with a new
/// generation, so that what arrives late for an earlier connection is recognised.
@safe
struct ConnectionTable: ~Copyable {
    private var places = GrowableArray<ConnectionReference?>(capacity: 64)
    private var generations = GrowableArray<UInt32>(capacity: 64)
    private var free = GrowableArray<UInt32>(capacity: 64)
    private(set) var count = 0

    deinit {
        for index in 0..<places.count {
            places[index]?.destroy()
        }
    }

    /// How many places there are, used or not: the bound of ``connection(at:)``.
    var placeCount: Int { places.count }

    mutating func open(_ details: ConnectionDetails) -> ConnectionReference {
        let index = free.popLast() ?? addPlace()
        let generation = generations[Int(index)]
        let id = ConnectionID(index: index, generation: generation)
        let connection = ConnectionReference(Connection(id: id, details: details))
        places[Int(index)] = connection
        count += 1
        return connection
    }

    private mutating func addPlace() -> UInt32 {
        places.append(nil)
        generations.append(1)
        return UInt32(places.count - 1)
    }

    /// The connection of that id, unless it has been closed.
    @inline(__always)
    func find(_ id: ConnectionID) -> ConnectionReference? {
        if Int(id.index) >= places.count { return nil }
        if generations[Int(id.index)] != id.generation { return nil }
        return places[Int(id.index)]
    }

    /// The connection at a place, if there is one.
    func connection(at index: Int) -> ConnectionReference? {
        places[index]
    }

    mutating func close(_ connection: ConnectionReference) {
        let index = connection.state.id.index
        connection.destroy()
        places[Int(index)] = nil
        // A token keeps 24 bits of a generation.
        generations[Int(index)] = (generations[Int(index)] + 1) & 0xFF_FFFF
        free.append(index)
        count -= 1
    }
}

/// A reference to a connection of this core, valid until it is closed.
@safe
struct ConnectionReference: BitwiseCopyable {
    private let pointer: UnsafeMutablePointer<Connection>

    fileprivate init(_ connection: consuming Connection) {
        unsafe pointer = .allocate(capacity: 1)
        unsafe pointer.initialize(to: connection)
    }

    fileprivate func destroy() {
        unsafe pointer.deinitialize(count: 1)
        unsafe pointer.deallocate()
    }

    @inline(__always)
    var state: Connection {
        unsafeAddress { unsafe UnsafePointer(pointer) }
        nonmutating unsafeMutableAddress { unsafe pointer }
    }
}
