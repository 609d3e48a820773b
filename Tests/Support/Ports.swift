import Glibc
import Synchronization

/// 127.0.0.1 with a port, as the kernel wants it.
func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
}

/// Hands out ports below the kernel's ephemeral range, so that no outgoing connection takes one
/// between the check and its use. Each process starts at its own place.
public enum FreePort {
    private static let next = Mutex<UInt16>(UInt16(20_000 + (Int(getpid()) &* 37) % 12_000))

    /// A port that can be bound now.
    public static func take() -> UInt16 { takeRange(count: 1) }

    /// The first of `count` consecutive ports that can all be bound now.
    public static func takeRange(count: UInt16) -> UInt16 {
        next.withLock { next in
            while true {
                if next > 32_000 - count { next = 20_000 }
                let base = next
                next += count
                if (base..<base + count).allSatisfy(canBind) { return base }
            }
        }
    }

    private static func canBind(port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { _ = close(descriptor) }
        var reuse: Int32 = 1
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = loopback(port: port)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
