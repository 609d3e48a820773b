extension CallPatterns {
    static let hyperLogLogs = [
        "PFADD {key}",
        "PFADD {key} {counted}+",
        "PFADD {key} {counted}+",
        "PFADD {key} {elements}",
        "PFCOUNT {key}",
        "PFCOUNT {key}",
        "PFCOUNT {key}+",
        "PFMERGE {key} {key}+",
        "PFMERGE {key}",
        "PFDEBUG ENCODING {key}",
        "PFDEBUG DECODE {key}",
        "PFDEBUG TODENSE {key}",
        "PFDEBUG GETREG {key}",
        "PFDEBUG {word} {key}",
        "SET {key} {registers}",
        "SET {key} {registers}",
        "SET {key} {value}",
        "APPEND {key} {value}",
        "GET {key}",
        "DEL {key}",
        "EXPIRE {key} {seconds}",
        "TTL {key}",
        "COPY {key} {key} [REPLACE]",
        "OBJECT ENCODING {key}",
        "COMMAND GETKEYSANDFLAGS PFMERGE {key} {key}+",
    ].map(CallPattern.init)

    /// Those of the above that do to watched keys what they do in Redis.
    static let hyperLogLogsWatched = [
        "PFADD {key} {counted}+",
        "PFCOUNT {key}+",
        "PFMERGE {key} {key}+",
    ].map(CallPattern.init)
}
