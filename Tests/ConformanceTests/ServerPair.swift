import TestSupport

/// The reference and the server under test, both fresh and empty.
struct ServerPair {
    let reference: ServerProcess
    let subject: ServerProcess

    init(reference: ServerProcess, subject: ServerProcess) {
        self.reference = reference
        self.subject = subject
    }

    init(_ options: ServerOptions = ServerOptions()) throws {
        var referenceOptions = options
        referenceOptions.cores = 1
        reference = try ServerProcess(.reference, referenceOptions)
        subject = try ServerProcess(.subject, options)
    }
}
