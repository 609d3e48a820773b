/// What a core has to see to with each request, beyond running it. There is none in general, and
/// then requests are run as they come: one comparison for all of these.
struct Duties: OptionSet {
    let rawValue: UInt8

    /// CLIENT PAUSE.
    static let paused = Duties(rawValue: 1 << 0)
    /// Keyspace events are told.
    static let tellsEvents = Duties(rawValue: 1 << 1)

    /// The data is being read back.
    static let loading = Duties(rawValue: 1 << 4)
    /// For simulations: what can be done in parts is.
    static let delayed = Duties(rawValue: 1 << 3)
    /// Requests are shown to a MONITOR.
    static let monitored = Duties(rawValue: 1 << 2)

    mutating func set(_ duty: Duties, _ isOn: Bool) {
        if isOn { insert(duty) } else { remove(duty) }
    }
}
