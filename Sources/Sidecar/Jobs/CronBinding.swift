// CronBinding.swift: `bindings.cron`: calls the app at `/<name>` whenever its schedule is due.
//
// On the sidecar's loop. The app is asked once, by OPTIONS, whether it wants the binding. A firing carries no data; one that
// the app does not take is not repeated, for the next one comes. Source: contract 1.7.
// Neighbours: JobScheduler.swift (jobs), Resources/ComponentTypes.swift (reads the component).

internal import Machine
internal import Transport

/// A `bindings.cron` component.
struct CronComponent: Sendable {
    let name: String
    /// Where the app is called.
    let path: String
    let schedule: Schedule
    /// It says `direction: input`, so the app is not asked.
    let isForced: Bool
}

/// SAFETY: touched on the loop only.
final class CronBinding: @unchecked Sendable {
    private static let sleepMax: Int64 = 3_600_000_000_000
    private static let askTimeout: Duration = .seconds(3)

    private let component: CronComponent
    private let channel: AppChannel
    private let timeout: Duration
    private let log: (SidecarLogEntry.Level, String) -> Void
    private var timer: TimerToken?
    private var isStopped = false

    init(
        _ component: CronComponent, channel: AppChannel, timeout: Duration,
        log: @escaping (SidecarLogEntry.Level, String) -> Void
    ) {
        self.component = component
        self.channel = channel
        self.timeout = timeout
        self.log = log
    }

    private var loop: EventLoop { channel.client.loop }

    func start() {
        guard !component.isForced else { return begin() }
        channel.ask(component.path, within: Self.askTimeout) { [self] status in
            guard let status, (200..<300).contains(status) || status == 405 else {
                return log(.info, "the app does not want the binding `\(component.name)`")
            }
            begin()
        }
    }

    private func begin() {
        log(.info, "rings the binding `\(component.name)` at \(component.path)")
        arm(component.schedule.next(after: Clock.wallNanoseconds()))
    }

    func stop() {
        isStopped = true
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    private func arm(_ moment: Int64?) {
        guard !isStopped, let moment else { return }
        let wait = min(max(0, moment - Clock.wallNanoseconds()), Self.sleepMax)
        timer = loop.schedule(after: .nanoseconds(wait)) { [weak self] in self?.wake(moment) }
    }

    private func wake(_ moment: Int64) {
        timer = nil
        guard Clock.wallNanoseconds() >= moment else { return arm(moment) }
        channel.post(component.path, [], within: timeout) { [self] status, reason in
            if let status, (200..<300).contains(status) { return }
            log(.error, "the app did not take the binding `\(component.name)`: \(reason)")
        }
        arm(component.schedule.next(after: max(moment, Clock.wallNanoseconds())))
    }
}
