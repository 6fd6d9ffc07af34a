// Admission.swift: a delivery's way past its subscription's policies, until it may run; and what it holds meanwhile.
//
// In this order: its turn among the events of its key, the events that are done or under way already, room to run.
// Whoever waits holds its body and no fiber, within the delivery's own time; then it is RETRY, counted as
// `overloaded`. Everything here happens on the loop that owns the key.
// Neighbours: WaitingRoom.swift (turns and room), RememberedEvents.swift, Delivery.swift (runs the rules).

internal import Machine
internal import Routing
internal import Transport

final class Admission {
    /// What a delivery waits for.
    private enum Wait {
        case turn(KeyDigest)
        /// Another delivery of the same event.
        case first(KeyDigest)
        case room

        /// For the log.
        var text: String {
            switch self {
            case .turn: "its turn among the events of its key"
            case .first: "another delivery of the same event"
            case .room: "room to run"
            }
        }
    }

    /// A rule that took the event, and what the two are remembered by.
    struct Identity: Sendable {
        let rule: RuleID
        let key: KeyDigest
    }

    let concurrencyShare: Int
    let limitShare: Int
    private let delivery: Delivery
    private let policies: DeliveryPolicies
    private let room: WaitingRoom
    private let turn: KeyDigest?
    /// Not looked up yet. In the order of the keys on every delivery, so that no two wait for each other.
    private var identities: [Identity]
    private var claims: [Identity] = []
    private var wait: Wait?
    private var alarm: TimerToken?
    private var holdsTurn = false
    private var holdsRoom = false

    init(_ delivery: Delivery, _ policies: DeliveryPolicies, turn: KeyDigest?, identities: [Identity]) {
        self.delivery = delivery
        self.policies = policies
        self.turn = turn
        self.identities = identities.sorted { $0.key > $1.key }
        let core = delivery.core
        room = core.waitingRoom(for: delivery.plan.topic)
        concurrencyShare = policies.concurrencyShare(loop: core.number, of: core.loopCount)
        limitShare = policies.limitShare(loop: core.number, of: core.loopCount)
    }

    private var core: EngineLoop { delivery.core }

    /// Begins on the owner's loop.
    func begin() {
        guard !core.isDraining else { return delivery.finish(.retry) }
        guard let turn else { return claimRules() }
        guard room.takesTurn(self, turn) else { return wait(for: .turn(turn)) }
        holdsTurn = true
        claimRules()
    }

    // MARK: Going on

    /// What it waited for has come, and it goes on at the end of the turn: its time cannot end any more.
    func isCalled() { stopWaiting() }

    func hasTurn() {
        holdsTurn = true
        guard !core.isDraining else { return delivery.finish(.retry) }
        claimRules()
    }

    func hasRoom() {
        holdsRoom = true
        guard !core.isDraining else { return delivery.finish(.retry) }
        delivery.run()
    }

    /// The other delivery of the event has ended: its outcome is this one's, too.
    func firstEnded(_ key: KeyDigest, _ outcome: OutcomeKind) {
        take(outcome, key)
        claimRules()
    }

    /// Takes what nobody has done; what is done is not done again.
    private func claimRules() {
        while let next = identities.last {
            switch core.remembered.claim(next.key, now: core.loop.nowNanoseconds) {
            case .granted: claims.append(identities.removeLast())
            case .done(let outcome): take(outcome, next.key)
            case .underWay:
                core.remembered.wait(self, for: next.key)
                return wait(for: .first(next.key))
            }
        }
        guard delivery.hasRules else { return delivery.finishWithoutRun() }
        guard room.takesRoom(self) else { return wait(for: .room) }
        holdsRoom = true
        delivery.run()
    }

    private func take(_ outcome: OutcomeKind, _ key: KeyDigest) {
        guard let position = identities.firstIndex(where: { $0.key == key }) else { return }
        core.counters.duplicates += 1
        delivery.skip(identities.remove(at: position).rule, outcome)
    }

    // MARK: Waiting

    private func wait(for what: Wait) {
        guard core.startsWaiting(self) else {
            wait = what
            stopWaiting()
            leaveLines(what)
            return delivery.finish(.overloaded)
        }
        wait = what
        alarm = core.loop.schedule(atNanoseconds: delivery.deadlineNanoseconds) { [self] in
            alarm = nil
            core.log.warn(
                "the delivery's time ended while it waited for \(what.text)",
                [("topic", delivery.plan.topic.text), ("outcome", OutcomeKind.overloaded.name)])
            giveUp(.overloaded)
        }
    }

    private func stopWaiting() {
        if let alarm { core.loop.cancel(alarm) }
        alarm = nil
        guard wait != nil else { return }
        wait = nil
        core.stopsWaiting(self)
    }

    /// Ends the delivery that waits.
    func giveUp(_ outcome: OutcomeKind) {
        guard let what = wait else { return }
        stopWaiting()
        leaveLines(what)
        delivery.finish(outcome)
    }

    private func leaveLines(_ what: Wait) {
        switch what {
        case .turn(let key): room.leaveLine(self, key)
        case .first(let key): core.remembered.stopWaiting(self, for: key)
        case .room: room.leaveQueue(self)
        }
    }

    // MARK: The end

    /// A rule has ended, and runs no more.
    func ended(_ rule: RuleID, _ outcome: OutcomeKind) {
        guard let position = claims.firstIndex(where: { $0.rule == rule }) else { return }
        settle(claims.remove(at: position).key, outcome)
    }

    /// The delivery has ended: gives back all that it holds.
    func leave(_ outcome: OutcomeKind) {
        for claim in claims { settle(claim.key, outcome.told == .retry ? outcome : .retry) }
        claims = []
        if holdsRoom { room.leaveRoom() }
        if holdsTurn, let turn { room.endTurn(turn) }
        holdsRoom = false
        holdsTurn = false
    }

    private func settle(_ key: KeyDigest, _ outcome: OutcomeKind) {
        let now = core.loop.nowNanoseconds
        let expires = now + (policies.dedupeNanoseconds ?? 0)
        for waiting in core.remembered.settle(key, outcome, until: expires, now: now) {
            waiting.isCalled()
            core.loop.atEndOfTurn { waiting.firstEnded(key, outcome) }
        }
    }
}
