// WaitingRoom.swift: where one topic's deliveries wait on one loop: for their turn, then for room to run.
//
// Lives as long as the loop, whatever generation a delivery began with; each one is measured by its own generation's
// numbers. First come, first served. Nothing is called back from inside: who may go on does so at the end of the turn,
// so that a long line does not deepen the stack. Neighbours: Admission.swift (who waits), RateWindow.swift.

internal import Transport

final class WaitingRoom {
    private let loop: EventLoop
    /// Behind the delivery that has the turn, by key.
    private var lines: [KeyDigest: [Admission]] = [:]
    private var queue: [Admission] = []
    private var running = 0
    private var window = RateWindow()
    private var alarm: TimerToken?

    init(loop: EventLoop) { self.loop = loop }

    // MARK: Turns

    /// Whether it is this delivery's turn at once; else it stands in line.
    func takesTurn(_ admission: Admission, _ key: KeyDigest) -> Bool {
        guard lines[key] != nil else {
            lines[key] = []
            return true
        }
        lines[key]?.append(admission)
        return false
    }

    /// The delivery that has the turn is done.
    func endTurn(_ key: KeyDigest) {
        guard lines[key]?.isEmpty == false, let next = lines[key]?.removeFirst() else {
            lines[key] = nil
            return
        }
        next.isCalled()
        loop.atEndOfTurn { next.hasTurn() }
    }

    func leaveLine(_ admission: Admission, _ key: KeyDigest) { lines[key]?.removeAll { $0 === admission } }

    // MARK: Room

    /// Whether this delivery may run at once; else it waits for room.
    func takesRoom(_ admission: Admission) -> Bool {
        let now = loop.nowNanoseconds
        if queue.isEmpty, running < admission.concurrencyShare,
            window.next(limit: admission.limitShare, now: now) <= now
        {
            takeRoom(admission, now)
            return true
        }
        queue.append(admission)
        callNext()
        return false
    }

    private func takeRoom(_ admission: Admission, _ now: UInt64) {
        running += 1
        if admission.limitShare != .max { window.note(now) }
    }

    func leaveRoom() {
        running -= 1
        callNext()
    }

    func leaveQueue(_ admission: Admission) {
        queue.removeAll { $0 === admission }
        callNext()
    }

    /// Calls as many as there is room for, and sets the alarm for the one that only the second keeps waiting.
    private func callNext() {
        let now = loop.nowNanoseconds
        while let first = queue.first, running < first.concurrencyShare {
            let next = window.next(limit: first.limitShare, now: now)
            guard next <= now else { return setAlarm(next) }
            queue.removeFirst()
            takeRoom(first, now)
            first.isCalled()
            loop.atEndOfTurn { first.hasRoom() }
        }
    }

    private func setAlarm(_ moment: UInt64) {
        guard alarm == nil else { return }
        alarm = loop.schedule(atNanoseconds: moment) { [weak self] in
            self?.alarm = nil
            self?.callNext()
        }
    }
}
