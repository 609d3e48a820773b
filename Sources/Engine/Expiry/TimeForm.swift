import Base

/// How a command gives a time: EX, PX, EXAT and PXAT.
enum TimeForm {
    case relativeSeconds
    case relativeMilliseconds
    case absoluteSeconds
    case absoluteMilliseconds

    var isInSeconds: Bool {
        switch self {
        case .relativeSeconds, .absoluteSeconds: true
        case .relativeMilliseconds, .absoluteMilliseconds: false
        }
    }

    var isRelative: Bool {
        switch self {
        case .relativeSeconds, .relativeMilliseconds: true
        case .absoluteSeconds, .absoluteMilliseconds: false
        }
    }

    /// The time in milliseconds since 1970, or nil where it is beyond what 64 bits hold.
    func deadline(_ time: Int64, now: Int64) -> Int64? {
        let (milliseconds, overflow) = time.multipliedReportingOverflow(by: isInSeconds ? 1000 : 1)
        if overflow { return nil }
        if !isRelative { return milliseconds }
        let (deadline, sumOverflow) = milliseconds.addingReportingOverflow(now)
        return sumOverflow ? nil : deadline
    }
}
