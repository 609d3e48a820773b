import Foundation
import Node
import TestSupport
import Testing

@testable import Runtime

@Suite struct MailboxTests {
    /// A parcel that nobody opens: its address is its number.
    private static func parcel(_ number: Int) -> ParcelReference {
        unsafe unsafeBitCast(number, to: ParcelReference.self)
    }

    private static func number(_ parcel: ParcelReference) -> Int {
        unsafe unsafeBitCast(parcel, to: Int.self)
    }

    @Test func mailLeavesInTheOrderInWhichItCame() {
        let mailbox = Mailbox()
        #expect(mailbox.isEmpty)
        #expect(mailbox.take() == nil)
        for number in 1...Mailbox.capacity { #expect(mailbox.post(Self.parcel(number))) }
        #expect(!mailbox.post(Self.parcel(9999)), "a full box takes no more")
        for number in 1...Mailbox.capacity {
            #expect(mailbox.take().map(Self.number) == number)
        }
        #expect(mailbox.isEmpty)
    }

    @Test func twoThreadsLoseNothingAndKeepTheOrder() {
        let count = 2_000_000
        let mailbox = Mailbox()
        let sender = Thread {
            for number in 1...count {
                while !mailbox.post(Self.parcel(number)) { sched_yield() }
            }
        }
        sender.start()
        var expected = 1
        let deadline = Deadline(seconds: 120)
        while expected <= count {
            guard let parcel = mailbox.take() else {
                if deadline.hasPassed { break }
                sched_yield()
                continue
            }
            guard Self.number(parcel) == expected else {
                Issue.record("\(Self.number(parcel)) came in place of \(expected)")
                return
            }
            expected += 1
        }
        #expect(expected == count + 1, "parcels that never came")
        #expect(mailbox.isEmpty)
    }
}
