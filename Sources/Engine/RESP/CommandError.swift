import Base

/// The errors that a client can meet and whose text is fixed, worded as Redis words them.
package enum CommandError: Sendable {
    case wrongType
    case syntax
    case notInteger
    case notFloat
    case notFinite
    case incrementNotFinite
    case hashNotInteger
    case hashNotFloat
    case notLong
    case valueOutOfRange
    case replyTooLong
    case overflow
    case decrementOverflow
    case noSuchKey
    case offsetOutOfRange
    case stringTooLong
    case bitOffset
    case bitValue
    case bitArgument
    case bitNotSources
    case bitFieldType
    case bitFieldOverflow
    case bitFieldReadOnly
    case notHyperLogLog
    case corruptHyperLogLog
    case hyperLogLogNotSparse
    case noSpecifiedKey
    case lcsNotStrings
    case lcsBothOptions
    case lcsTooLong
    case lcsMemory
    case sameObject
    case notInt32
    case expireConditions
    case expireBothBounds
    case noFrequencies
    case noIdleTimes
    case outOfMemory
    case invalidCursor
    case notPositive
    case keyCountNotPositive
    case keyCountTooLarge
    case negativeLimit
    case negativeTimeout
    case timeoutNotFloat
    case unblocked
    case countNotPositive
    case countNegative
    case lengthMaxNegative
    case rankZero
    case indexOutOfRange
    case addConditions
    case addBounds
    case incrementPairs
    case scoreNotNumber
    case boundNotFloat
    case boundNotString
    case limitByRank
    case scoresByBytes
    case weightNotFloat
    case geoUnit
    case geoMember
    case geoRadius
    case geoRadiusNegative
    case geoWidth
    case geoHeight
    case geoBoxNegative
    case geoCount
    case geoAny
    case geoSearchStoreParts
    case geoRadiusStoreParts
    case busyKey
    case payloadVersion
    case payloadFormat
    case payloadStream
    case payloadModule
    case restoreTime
    case restoreIdleTime
    case restoreFrequency
    case sortScore
    case sortByInCluster
    case sortGetInCluster
    case noAuthentication
    case loading
    case noPasswordSet
    case wrongPassword
    case nestedMulti
    case execWithoutMulti
    case discardWithoutMulti
    case watchInMulti
    case execAborted
    case invalidDatabase
    case databaseNotHere
    case maxClients

    package var text: StaticString {
        switch self {
        case .wrongType: "WRONGTYPE Operation against a key holding the wrong kind of value"
        case .syntax: "ERR syntax error"
        case .notInteger: "ERR value is not an integer or out of range"
        case .notFloat: "ERR value is not a valid float"
        case .notFinite: "ERR increment would produce NaN or Infinity"
        case .incrementNotFinite: "ERR value is NaN or Infinity"
        case .hashNotInteger: "ERR hash value is not an integer"
        case .hashNotFloat: "ERR hash value is not a float"
        case .notLong:
            """
            ERR value is out of range, value must between -9223372036854775807 and \
            9223372036854775807
            """
        case .valueOutOfRange: "ERR value is out of range"
        case .replyTooLong: "ERR reply exceeds maximum allowed size"
        case .overflow: "ERR increment or decrement would overflow"
        case .decrementOverflow: "ERR decrement would overflow"
        case .noSuchKey: "ERR no such key"
        case .offsetOutOfRange: "ERR offset is out of range"
        case .stringTooLong: "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
        case .bitOffset: "ERR bit offset is not an integer or out of range"
        case .bitValue: "ERR bit is not an integer or out of range"
        case .bitArgument: "ERR The bit argument must be 1 or 0."
        case .bitNotSources: "ERR BITOP NOT must be called with a single source key."
        case .bitFieldType:
            """
            ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported \
            but i64 is.
            """
        case .bitFieldOverflow: "ERR Invalid OVERFLOW type specified"
        case .bitFieldReadOnly: "ERR BITFIELD_RO only supports the GET subcommand"
        case .notHyperLogLog: "WRONGTYPE Key is not a valid HyperLogLog string value."
        case .corruptHyperLogLog: "INVALIDOBJ Corrupted HLL object detected"
        case .hyperLogLogNotSparse: "ERR HLL encoding is not sparse"
        case .noSpecifiedKey: "ERR The specified key does not exist"
        case .lcsNotStrings: "ERR The specified keys must contain string values"
        case .lcsBothOptions:
            "ERR If you want both the length and indexes, please just use IDX."
        case .lcsTooLong: "ERR String too long for LCS"
        case .lcsMemory:
            """
            ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len
            """
        case .sameObject: "ERR source and destination objects are the same"
        case .notInt32:
            "ERR value is out of range, value must between -2147483648 and 2147483647"
        case .expireConditions:
            "ERR NX and XX, GT or LT options at the same time are not compatible"
        case .expireBothBounds: "ERR GT and LT options at the same time are not compatible"
        case .noFrequencies:
            """
            ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note \
            that when switching between policies at runtime LRU and LFU data will take some time \
            to adjust.
            """
        case .noIdleTimes:
            """
            ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when \
            switching between policies at runtime LRU and LFU data will take some time to adjust.
            """
        case .outOfMemory: "OOM command not allowed when used memory > 'maxmemory'."
        case .invalidCursor: "ERR invalid cursor"
        case .notPositive: "ERR value is out of range, must be positive"
        case .keyCountNotPositive: "ERR numkeys should be greater than 0"
        case .keyCountTooLarge: "ERR Number of keys can't be greater than number of args"
        case .negativeLimit: "ERR LIMIT can't be negative"
        case .negativeTimeout: "ERR timeout is negative"
        case .unblocked: "UNBLOCKED client unblocked via CLIENT UNBLOCK"
        case .timeoutNotFloat: "ERR timeout is not a float or out of range"
        case .countNotPositive: "ERR count should be greater than 0"
        case .countNegative: "ERR COUNT can't be negative"
        case .lengthMaxNegative: "ERR MAXLEN can't be negative"
        case .rankZero:
            """
            ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or \
            use negative to start from the end of the list
            """
        case .indexOutOfRange: "ERR index out of range"
        case .addConditions: "ERR XX and NX options at the same time are not compatible"
        case .addBounds: "ERR GT, LT, and/or NX options at the same time are not compatible"
        case .incrementPairs: "ERR INCR option supports a single increment-element pair"
        case .scoreNotNumber: "ERR resulting score is not a number (NaN)"
        case .boundNotFloat: "ERR min or max is not a float"
        case .boundNotString: "ERR min or max not valid string range item"
        case .weightNotFloat: "ERR weight value is not a float"
        case .limitByRank:
            """
            ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX
            """
        case .scoresByBytes:
            "ERR syntax error, WITHSCORES not supported in combination with BYLEX"
        case .geoUnit: "ERR unsupported unit provided. please use M, KM, FT, MI"
        case .geoMember: "ERR could not decode requested zset member"
        case .geoRadius: "ERR need numeric radius"
        case .geoRadiusNegative: "ERR radius cannot be negative"
        case .geoWidth: "ERR need numeric width"
        case .geoHeight: "ERR need numeric height"
        case .geoBoxNegative: "ERR height or width cannot be negative"
        case .geoCount: "ERR COUNT must be > 0"
        case .geoAny: "ERR the ANY argument requires COUNT argument"
        case .geoSearchStoreParts:
            """
            ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options
            """
        case .geoRadiusStoreParts:
            """
            ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD \
            options
            """
        case .busyKey: "BUSYKEY Target key name already exists."
        case .payloadVersion: "ERR DUMP payload version or checksum are wrong"
        case .payloadFormat: "ERR Bad data format"
        case .payloadStream: "ERR DUMP payload holds a stream, which this server does not have"
        case .payloadModule:
            "ERR DUMP payload holds a value of a module, which this server does not have"
        case .restoreTime: "ERR Invalid TTL value, must be >= 0"
        case .restoreIdleTime: "ERR Invalid IDLETIME value, must be >= 0"
        case .restoreFrequency: "ERR Invalid FREQ value, must be >= 0 and <= 255"
        case .sortScore: "ERR One or more scores can't be converted into double"
        case .sortByInCluster: "ERR BY option of SORT denied in Cluster mode."
        case .sortGetInCluster: "ERR GET option of SORT denied in Cluster mode."
        case .noAuthentication: "NOAUTH Authentication required."
        case .loading: "LOADING Redis is loading the dataset in memory"
        case .noPasswordSet:
            """
            ERR AUTH <password> called without any password configured for the default user. \
            Are you sure your configuration is correct?
            """
        case .wrongPassword:
            "WRONGPASS invalid username-password pair or user is disabled."
        case .nestedMulti: "ERR MULTI calls can not be nested"
        case .execWithoutMulti: "ERR EXEC without MULTI"
        case .discardWithoutMulti: "ERR DISCARD without MULTI"
        case .watchInMulti: "ERR WATCH inside MULTI is not allowed"
        case .execAborted: "EXECABORT Transaction discarded because of previous errors."
        case .invalidDatabase: "ERR DB index is out of range"
        case .databaseNotHere: "ERR SELECT is not allowed in cluster mode"
        case .maxClients: "ERR max number of clients reached"
        }
    }
}

extension Reply {
    /// The last reply of a connection that sent no requests.
    package mutating func error(_ fault: ProtocolFault) {
        buffer.append("-ERR Protocol error: ")
        buffer.append(fault.text)
        if case .expectedDollar(let byte) = fault {
            buffer.append(byte == 13 || byte == 10 ? UInt8(ascii: " ") : byte)
            buffer.append("'")
        }
        buffer.append("\r\n")
    }

    /// A name that no command has, with the arguments' beginnings, 128 bytes of each and of all. As
    /// in Redis a zero byte ends what is shown of an argument, and line ends become spaces.
    package mutating func unknownCommand(_ call: Invocation) {
        let lengthMax = 128
        buffer.append("-ERR unknown command '")
        appendShown(call[0], lengthMax)
        buffer.append("', with args beginning with: ")
        let start = buffer.count
        for index in 1..<max(call.count, 1) where buffer.count - start < lengthMax {
            let room = lengthMax - (buffer.count - start)
            buffer.append("'")
            appendShown(call[index], room)
            buffer.append("' ")
        }
        buffer.append("\r\n")
    }

    private mutating func appendShown(_ bytes: Bytes, _ lengthMax: Int) {
        for index in 0..<min(bytes.count, lengthMax) {
            let byte = bytes[index]
            if byte == 0 { return }
            buffer.append(byte == 13 || byte == 10 ? UInt8(ascii: " ") : byte)
        }
    }

    package mutating func unknownSubcommand(_ container: StaticString, _ name: Bytes) {
        buffer.append("-ERR unknown subcommand '")
        appendShown(name, 128)
        buffer.append("'. Try ")
        let word = Bytes(container)
        for index in 0..<word.count {
            let isLetter = word[index] >= 97 && word[index] <= 122
            buffer.append(isLetter ? word[index] - 32 : word[index])
        }
        buffer.append(" HELP.\r\n")
    }

    /// Of PFDEBUG, which takes its words for no subcommands.
    mutating func unknownDebugWord(_ word: Bytes) {
        buffer.append("-ERR Unknown PFDEBUG subcommand '")
        appendShown(word, word.count)
        buffer.append("'\r\n")
    }

    package mutating func wrongArity(_ name: StaticString) {
        error("ERR wrong number of arguments for '\(name)' command")
    }

    package mutating func invalidExpireTime(_ name: StaticString) {
        error("ERR invalid expire time in '\(name)' command")
    }
}

extension ProtocolFault {
    fileprivate var text: StaticString {
        switch self {
        case .bulkLength: "invalid bulk length"
        case .multibulkLength: "invalid multibulk length"
        case .unauthenticatedBulkLength: "unauthenticated bulk length"
        case .unauthenticatedMultibulkLength: "unauthenticated multibulk length"
        case .bulkCountTooBig: "too big bulk count string"
        case .multibulkCountTooBig: "too big mbulk count string"
        case .inlineTooBig: "too big inline request"
        case .unbalancedQuotes: "unbalanced quotes in request"
        case .expectedDollar: "expected '$', got '"
        }
    }
}
