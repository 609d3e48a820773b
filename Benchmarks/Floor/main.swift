// floor PORT: the least that a server of the Redis protocol on one io_uring loop can do. It stores
// nothing: it walks the request frames and answers each with a fixed reply. What it costs per
// operation is what the kernel and the protocol cost on this machine; Gyre is measured against it.

import Glibc
import Uring

guard CommandLine.arguments.count == 2, let port = UInt16(CommandLine.arguments[1]) else {
    print("usage: floor PORT")
    exit(2)
}
do {
    var server = try FloorServer(port: port)
    server.run()
} catch {
    print("floor: \(error)")
    exit(1)
}
