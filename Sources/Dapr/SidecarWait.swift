// SidecarWait.swift: waiting until the sidecar's APIs work, before the first call goes out.
//
// An app waits on `/v1.0/healthz/outbound`: the other health question needs the app's own port first, and both would
// wait for each other. Source: contract, section 1.1. Neighbours: SidecarClient.swift.

internal import Machine
internal import Transport

extension SidecarClient {
    /// Asks again and again, with pauses from 20 ms doubling to 1 s.
    ///
    /// - Parameters:
    ///   - limit: nil waits for ever.
    ///   - report: told each failed attempt's number, from 1, and its reason; for one message now and then.
    /// - Throws: the last reason, when `limit` passed.
    package func waitUntilReady(
        atMost limit: Duration?, report: @Sendable (Int, String) -> Void
    ) async throws(EffectFailure) {
        let end = limit.map { ContinuousClock.now + $0 }
        var pause = Duration.milliseconds(20)
        var attempt = 0
        while true {
            do throws(EffectFailure) {
                return try await isReady(within: .seconds(2))
            } catch {
                attempt += 1
                report(attempt, error.message)
                if let end, ContinuousClock.now + pause > end { throw error }
            }
            await http.loop.pause(pause)
            pause = min(pause * 2, .seconds(1))
        }
    }
}

extension EventLoop {
    /// Suspends the task; a timer of this loop resumes it.
    func pause(_ time: Duration) async {
        await withCheckedContinuation { continuation in
            execute { _ = self.schedule(after: time) { continuation.resume() } }
        }
    }
}
