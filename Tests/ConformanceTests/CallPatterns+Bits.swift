extension CallPatterns {
    static let bits = [
        "SETBIT {key} {bitOffset} {bit}",
        "SETBIT {key} {bitOffset} {bit}",
        "GETBIT {key} {bitOffset}",
        "BITCOUNT {key}",
        "BITCOUNT {key} {bitIndex} {bitIndex}",
        "BITCOUNT {key} {bitIndex} {bitIndex} {bitUnit}",
        "BITPOS {key} {bit}",
        "BITPOS {key} {bit} {bitIndex}",
        "BITPOS {key} {bit} {bitIndex} {bitIndex}",
        "BITPOS {key} {bit} {bitIndex} {bitIndex} {bitUnit}",
        "BITOP {bitOperation} {key} {key}+",
        "BITOP NOT {key} {key}",
        "BITFIELD {key} [GET {fieldType} {fieldOffset}] [SET {fieldType} {fieldOffset} {integer}] "
            + "[INCRBY {fieldType} {fieldOffset} {integer}] [GET {fieldType} {fieldOffset}] "
            + "[OVERFLOW {fieldOverflow}] [INCRBY {fieldType} {fieldOffset} {integer}]",
        "BITFIELD {key} SET {fieldType} {fieldOffset} {integer} [GET {fieldType} {fieldOffset}]",
        "BITFIELD {key} OVERFLOW {fieldOverflow} INCRBY {fieldType} {fieldOffset} {integer}",
        "BITFIELD_RO {key} [GET {fieldType} {fieldOffset}] [GET {fieldType} {fieldOffset}] "
            + "[SET {fieldType} {fieldOffset} {integer}]",
        "BITFIELD_RO {key} GET {fieldType} {fieldOffset} GET {fieldType} {fieldOffset}",
        "COMMAND GETKEYSANDFLAGS BITOP OR {key} {key}+",
        "SET {key} {value}",
        "SET {key} {value} [EX {seconds}]",
        "APPEND {key} {value}",
        "INCR {key}",
        "GET {key}",
        "STRLEN {key}",
        "DEL {key}+",
        "TTL {key}",
        "OBJECT ENCODING {key}",
    ].map(CallPattern.init)

    /// Those of the above that do to watched keys what they do in Redis.
    static let bitsWatched = [
        "SETBIT {key} {bitOffset} {bit}",
        "GETBIT {key} {bitOffset}",
        "BITCOUNT {key} {bitIndex} {bitIndex} {bitUnit}",
        "BITPOS {key} {bit} {bitIndex}",
        "BITOP {bitOperation} {key} {key}+",
        "BITFIELD {key} SET {fieldType} {fieldOffset} {integer} GET {fieldType} {fieldOffset}",
    ].map(CallPattern.init)
}
