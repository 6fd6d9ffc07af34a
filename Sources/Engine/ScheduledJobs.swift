// ScheduledJobs.swift: keeps the sidecar's jobs as the live deployment says: registers, changes, deletes.
//
// A job that stands there already with this schedule is left alone, so that a restart does not begin its period again; one
// that a reload removed is deleted. What fails is tried again, for as long as it is wanted.
// Source: contract, section 3.6. Neighbours: Engine.swift (says when), Dapr/SidecarCall+Jobs (the calls).

internal import Dapr
internal import Synchronization
internal import Transport

/// SAFETY: touched on the control loop only.
final class ScheduledJobs: @unchecked Sendable {
    private static let callLimit: Duration = .seconds(10)
    private static let pause: Duration = .seconds(2)

    private let loop: EventLoop
    private let log: Log
    private let client: SidecarClient
    /// Name → schedule, of the live deployment.
    private var wanted: [String: String] = [:]
    /// What the sidecar is known to have from us.
    private var registered: [String: String] = [:]
    private var isAtWork = false
    private var isStopped = false
    private var hasComplained = false

    init(loop: EventLoop, log: Log, client: SidecarClient) {
        self.loop = loop
        self.log = log
        self.client = client
    }

    /// Brings the sidecar to this, in its own time.
    func follow(_ deployment: Deployment?) {
        wanted = deployment?.triggers.schedules ?? [:]
        guard !isAtWork, !isStopped, wanted != registered else { return }
        isAtWork = true
        Task(executorPreference: loop) { [self] in
            while !isStopped, wanted != registered {
                if !(await takeStep()) { await rest() }
            }
            isAtWork = false
        }
    }

    func stop() { isStopped = true }

    /// One job nearer; false when that failed.
    private func takeStep() async -> Bool {
        do throws(EffectFailure) {
            if let name = registered.keys.sorted().first(where: { wanted[$0] == nil }) {
                try await client.deleteJob(name, within: Self.callLimit)
                registered[name] = nil
                log.info("the job was deleted at the sidecar", [("job", name)])
            } else if let (name, schedule) = wanted.sorted(by: { $0.key < $1.key }).first(where: {
                registered[$0.key] != $0.value
            }) {
                if await client.schedule(ofJob: name, within: Self.callLimit) != schedule {
                    try await client.scheduleJob(name, schedule: schedule, within: Self.callLimit)
                }
                registered[name] = schedule
                log.info("the job is scheduled", [("job", name), ("schedule", schedule)])
            }
            hasComplained = false
            return true
        } catch {
            if !hasComplained {
                log.error("the sidecar's jobs are not as the routes say; trying again: \(error.message)")
            }
            hasComplained = true
            return false
        }
    }

    private func rest() async {
        await withCheckedContinuation { continuation in
            _ = loop.schedule(after: Self.pause) { continuation.resume() }
        }
    }
}
