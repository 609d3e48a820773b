import TestSupport

/// The reference and the server under test, both fresh and empty.
struct ServerPair {
    let reference: ServerProcess
    let subject: ServerProcess

    init(_ options: ServerOptions = ServerOptions()) throws {
        reference = try ServerProcess(.reference, options)
        subject = try ServerProcess(.subject, options)
    }
}
