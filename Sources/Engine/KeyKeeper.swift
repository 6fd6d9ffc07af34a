// KeyKeeper.swift: gets secrets and JWK Sets through the sidecar, renews them, and tells the loops what has changed.
//
// On the first loop alone, so that an issuer is asked once and not once a core. What was good stays good while a renewal
// fails; what was never there is tried again, with growing pauses and by whoever asks. A token by an unknown key
// has the keys renewed at once, but not again within `renewalPause`: strangers choose the names of keys.
// Neighbours: KeyMaterial.swift, Authentication.swift (asks, and keeps the copies of its loop), Dapr/SidecarClient.

internal import Dapr
internal import Language
internal import Tokens
internal import Transport

/// When keys are asked for again.
package struct KeyTimes: Sendable {
    /// Keys of this age are renewed.
    package var age: Duration
    /// Between two renewals that tokens cause.
    package var renewalPause: Duration
    /// The first pause after a failure; doubled with each further one.
    package var retryLow: Duration
    package var retryHigh: Duration
    /// One question.
    package var timeout: Duration

    package static let standard = KeyTimes(
        age: .seconds(300), renewalPause: .seconds(30), retryLow: .seconds(1), retryHigh: .seconds(30),
        timeout: .seconds(5))
}

final class KeyKeeper {
    /// What is known at the moment; `revision` grows with each change of any key.
    struct Answer: Sendable {
        let material: KeyMaterial?
        let revision: UInt64
    }
    typealias Visitor = @Sendable (Answer) -> Void

    private struct Holding {
        var material: KeyMaterial?
        var revision: UInt64 = 0
        /// Why the last question failed, as it was told.
        var problem: String?
        var failures = 0
        var isAsking = false
        /// On the loop's clock: before it, no token has the keys renewed.
        var quietUntil: UInt64 = 0
        var visitors: [Visitor] = []
        var timer: TimerToken?

        var answer: Answer { Answer(material: material, revision: revision) }
    }

    /// Requests that wait for one answer; more are answered by what is known.
    private static let visitorsMax = 10_000

    private unowned let core: EngineLoop
    private let times: KeyTimes
    private var holdings: [KeySource: Holding] = [:]
    private var wanted: Set<KeySource> = []
    private var revision: UInt64 = 0
    private var isClosed = false

    init(core: EngineLoop, times: KeyTimes) {
        self.core = core
        self.times = times
    }

    private var loop: EventLoop { core.loop }

    // MARK: What is asked of it

    /// Asks for what is new and forgets what no endpoint uses any more.
    func keep(only sources: Set<KeySource>) {
        wanted = sources
        for (source, holding) in holdings where !sources.contains(source) && !holding.isAsking { forget(source) }
        for source in sources where holdings[source] == nil { begin(source) }
    }

    /// Gives what is newer than `known`; or, asked again at once or not long ago, what there is.
    ///
    /// - Parameter known: the revision that was not enough; 0 for none.
    func ask(_ source: KeySource, knowing known: UInt64, _ visitor: @escaping Visitor) {
        var holding = holdings[source] ?? Holding()
        guard !isClosed, holding.revision <= known, holding.visitors.count < Self.visitorsMax else {
            return visitor(holding.answer)
        }
        let now = loop.nowNanoseconds
        guard holding.isAsking || holding.quietUntil <= now else { return visitor(holding.answer) }
        holding.visitors.append(visitor)
        if !holding.isAsking {
            let pause = holding.material == nil ? times.retryLow : times.renewalPause
            holding.quietUntil = now + pause.wholeNanoseconds
        }
        holdings[source] = holding
        if !holding.isAsking { begin(source) }
    }

    func close() {
        isClosed = true
        for source in holdings.keys { forget(source) }
    }

    private func forget(_ source: KeySource) {
        guard let holding = holdings.removeValue(forKey: source) else { return }
        if let timer = holding.timer { loop.cancel(timer) }
        for visitor in holding.visitors { visitor(holding.answer) }
    }

    // MARK: Asking the sidecar

    private func begin(_ source: KeySource) {
        guard !isClosed else { return }
        var holding = holdings[source] ?? Holding()
        if let timer = holding.timer { loop.cancel(timer) }
        holding.timer = nil
        holding.isAsking = true
        holdings[source] = holding
        let deadline = loop.nowNanoseconds + times.timeout.wholeNanoseconds
        switch source {
        case .sharedToken(let place), .keys(.secret(let place)):
            core.sidecar.secret(
                store: place.store, name: place.name, deadlineNanoseconds: deadline
            ) { [weak self] reply in
                self?.take(
                    Result { () throws(KeyProblem) in
                        let entries = try reply.mapError { KeyProblem(message: $0.message) }.get()
                        return try Array(KeyMaterial.value(of: entries, at: place).utf8)
                    }, for: source)
            }
        case .keys(.document(let origin, let path)):
            core.sidecar.document(origin: origin, path: path, deadlineNanoseconds: deadline) { [weak self] reply in
                self?.take(reply.mapError { KeyProblem(message: $0.message) }, for: source)
            }
        }
    }

    private func take(_ reply: Result<[UInt8], KeyProblem>, for source: KeySource) {
        guard var holding = holdings[source] else { return }
        holding.isAsking = false
        let pause: UInt64
        do throws(KeyProblem) {
            let origin = try reply.get()
            if !(holding.material?.isRead(from: origin) ?? false) {
                adopt(try KeyMaterial(origin, of: source), &holding, for: source)
            }
            pause = times.age.wholeNanoseconds
            holding.failures = 0
            if holding.problem != nil { core.log.info("the keys can be read again", [("keys", source.text)]) }
            holding.problem = nil
        } catch {
            pause = min(times.retryHigh.wholeNanoseconds, times.retryLow.wholeNanoseconds << min(holding.failures, 20))
            holding.failures += 1
            tell(error, &holding, for: source)
        }
        let visitors = holding.visitors
        holding.visitors = []
        holding.timer = loop.schedule(atNanoseconds: loop.nowNanoseconds + pause) { [weak self] in self?.renew(source) }
        holdings[source] = holding
        for visitor in visitors { visitor(holding.answer) }
    }

    private func adopt(_ material: KeyMaterial, _ holding: inout Holding, for source: KeySource) {
        revision += 1
        holding.material = material
        holding.revision = revision
        core.log.info("new keys for tokens", [("keys", source.text)])
        if case .keys(let set) = material.kind, !set.leftOut.isEmpty {
            core.log.warn(
                "some keys were left out", [("keys", source.text), ("why", set.leftOut.joined(separator: "; "))])
        }
        let answer = holding.answer
        for peer in core.peers {
            peer.loop.execute { peer.authentication.take(answer, for: source) }
        }
    }

    /// Once for each change.
    private func tell(_ problem: KeyProblem, _ holding: inout Holding, for source: KeySource) {
        guard holding.problem != problem.message else { return }
        holding.problem = problem.message
        let consequence =
            holding.material == nil
            ? "requests to endpoints that ask for a token are answered 503" : "the ones from before go on"
        core.log.error(
            "no keys for tokens: \(problem.message); \(consequence), and it is tried again", [("keys", source.text)])
    }

    private func renew(_ source: KeySource) {
        holdings[source]?.timer = nil
        // What the newest deployment wants, although no request may have come to this loop since.
        _ = core.deployment()
        guard wanted.contains(source) else { return forget(source) }
        begin(source)
    }
}
