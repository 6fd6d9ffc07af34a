// JobScheduler.swift: the jobs of one app: kept in memory, rung when they are due, tried again when that failed.
//
// On the sidecar's loop. Jobs live as long as the sidecar: the app registers its own again. Times are the wall clock's; a
// long wait is cut into hours, so that a clock that was set does not matter for longer.
// Source: contract 1.7 and 3.6. Neighbours: API/JobsAPI.swift (schedules), PubSub/AppChannel.swift (calls the app).

internal import Machine
internal import Transport

/// A job as it was asked for.
struct ScheduledJob {
    /// What becomes of a firing that the app did not take.
    enum Failure: Equatable {
        case drop
        /// Nil: for ever.
        case again(interval: Duration, retriesMax: Int?)
        /// What the scheduler does when the job does not say.
        static let standard = Failure.again(interval: .seconds(1), retriesMax: 3)
    }

    var schedule: Schedule?
    /// Nanoseconds since 1970: the first time, where it is not the schedule's.
    var due: Int64?
    /// Firings in all; nil has no end.
    var repeats: Int?
    /// Nanoseconds since 1970: none after that.
    var expires: Int64?
    var data: [UInt8]
    var failure = Failure.standard
    /// As `GET` answers it.
    var text: [UInt8]
}

/// SAFETY: touched on the loop only.
final class JobScheduler: @unchecked Sendable {
    /// Jobs of one app; more are refused.
    static let jobsMax = 10_000
    private static let sleepMax: Int64 = 3_600_000_000_000

    private struct Entry {
        var job: ScheduledJob
        var timer: TimerToken?
        /// Tells the entry from a later one of the same name.
        let number: UInt64
    }

    private let channel: AppChannel
    private let timeout: Duration
    private let log: (SidecarLogEntry.Level, String) -> Void
    private var entries: [String: Entry] = [:]
    private var nextNumber: UInt64 = 0
    private var isStopped = false

    init(channel: AppChannel, timeout: Duration, log: @escaping (SidecarLogEntry.Level, String) -> Void) {
        self.channel = channel
        self.timeout = timeout
        self.log = log
    }

    private var loop: EventLoop { channel.client.loop }

    subscript(name: String) -> ScheduledJob? { entries[name]?.job }
    var count: Int { entries.count }

    func put(_ job: ScheduledJob, named name: String) {
        remove(name)
        nextNumber += 1
        entries[name] = Entry(job: job, number: nextNumber)
        let now = Clock.wallNanoseconds()
        arm(name, nextNumber, at: job.due ?? job.schedule?.next(after: now))
    }

    func remove(_ name: String) {
        guard let entry = entries.removeValue(forKey: name) else { return }
        if let timer = entry.timer { loop.cancel(timer) }
    }

    func stop() {
        isStopped = true
        for name in Array(entries.keys) { remove(name) }
    }

    /// - Parameter moment: nil: never again, and the job is gone.
    private func arm(_ name: String, _ number: UInt64, at moment: Int64?) {
        guard !isStopped, entries[name]?.number == number else { return }
        let job = entries[name]?.job
        guard let moment, moment <= job?.expires ?? .max else { return remove(name) }
        let wait = min(max(0, moment - Clock.wallNanoseconds()), Self.sleepMax)
        entries[name]?.timer = loop.schedule(after: .nanoseconds(wait)) { [weak self] in
            self?.wake(name, number, moment)
        }
    }

    private func wake(_ name: String, _ number: UInt64, _ moment: Int64) {
        guard var job = entries[name]?.job, entries[name]?.number == number else { return }
        guard Clock.wallNanoseconds() >= moment else { return arm(name, number, at: moment) }
        fire(name, job, failures: 0)
        job.repeats = job.repeats.map { $0 - 1 }
        entries[name]?.job = job
        let isDone = job.repeats.map { $0 <= 0 } ?? (job.schedule == nil)
        // What was missed while the process stood still is rung once.
        arm(name, number, at: isDone ? nil : job.schedule?.next(after: max(moment, Clock.wallNanoseconds())))
    }

    private func fire(_ name: String, _ job: ScheduledJob, failures: Int) {
        channel.post("/job/\(name)", job.data, within: timeout) { [self] status, reason in
            // 404 counts as taken, as in daprd: the app does not know the job.
            if let status, (200..<300).contains(status) || status == 404 {
                if status == 404 { log(.warning, "the app does not know the job `\(name)`") }
                return
            }
            again(name, job, failures: failures + 1, reason)
        }
    }

    private func again(_ name: String, _ job: ScheduledJob, failures: Int, _ reason: String) {
        guard case .again(let interval, let retriesMax) = job.failure, failures <= retriesMax ?? .max, !isStopped else {
            return log(.error, "the job `\(name)` is given up after \(failures) tries: \(reason)")
        }
        if failures == 1 { log(.warning, "the job `\(name)` failed and will be tried again: \(reason)") }
        loop.schedule(after: interval) { [weak self] in self?.fire(name, job, failures: failures) }
    }
}
