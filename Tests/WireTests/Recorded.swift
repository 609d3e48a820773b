import Base
import TestSupport
import Testing

@testable import Wire

/// An established pair, and all that was said on the way there.
struct Recorded: ~Copyable {
    var pair: Pair
    /// With the first bytes of their direction.
    let hello: [UInt8]
    let challenge: [UInt8]
    let proof: [UInt8]
    let welcome: [UInt8]
    let secret: String?

    init(_ purpose: LinkPurpose = .control, secret: String? = someSecret, seed: UInt64 = 1) {
        var pair = Pair(purpose, secret: secret, seed: seed)
        hello = pair.initiator.take()
        _ = pair.acceptor.receive(hello)
        challenge = pair.acceptor.take()
        _ = pair.initiator.receive(challenge)
        proof = pair.initiator.take()
        _ = pair.acceptor.receive(proof)
        welcome = pair.acceptor.take()
        _ = pair.initiator.receive(welcome)
        #expect(pair.initiator.link.isOpen == true)
        #expect(pair.acceptor.link.isOpen == true)
        self.pair = pair
        self.secret = secret
    }

    /// What the keys are made from, by the page.
    var transcript: [UInt8] {
        Array(hello.dropFirst(8)) + Array(challenge.dropFirst(8)) + proof
    }

    private func code(_ label: StaticString) -> Code {
        withBytes(transcript) { Authenticator(secret.map(clusterSecret)).code(label, $0) }
    }

    /// The salt of a direction, by the page.
    func salt(to role: LinkRole) -> UInt64 {
        code(role == .acceptor ? "gyre salt to acceptor" : "gyre salt to initiator").words.0
    }

    /// The seal of a direction, by the page: what only who knows the secret can make.
    func seal(to role: LinkRole) -> FrameSeal {
        let key = code(role == .acceptor ? "gyre key to acceptor" : "gyre key to initiator")
        return FrameSeal(
            salt: salt(to: role), authenticator: secret == nil ? nil : Authenticator(key: key))
    }
}
