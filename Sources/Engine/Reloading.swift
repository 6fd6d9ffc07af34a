// Reloading.swift: a saved file becomes the next generation.
//
// Names of changes are never trusted: after a quiet moment the folders are read whole, and nothing happens when their
// content is what it was (a ConfigMap swap touches no file by name). One load at a time; a change during a load asks
// for another. Neighbours: DeploymentLoader.swift, Transport/DirectoryEvents.

internal import Transport

/// SAFETY: touched on the control loop only; the load itself runs on the background thread and comes back by a message.
final class Reloading: @unchecked Sendable {
    private let loop: EventLoop
    private let background: BackgroundThread
    private let loader: DeploymentLoader
    private let toldTopics: ToldTopics
    private let log: Log
    /// Called when another deployment went live.
    var whenLive: () -> Void = {}
    private var events: DirectoryEvents?
    private var fingerprint: UInt64?
    private var isLoading = false
    private var isAskedAgain = false
    private var quiet: TimerToken?
    /// Editors write in several steps; this long without a further change ends one save.
    private static let debounce = Duration.milliseconds(50)
    /// Looked at anyway, where a change gives no event (network file systems).
    private static let rescan = Duration.seconds(30)

    init(loop: EventLoop, background: BackgroundThread, loader: DeploymentLoader, toldTopics: ToldTopics, log: Log) {
        self.loop = loop
        self.background = background
        self.loader = loader
        self.toldTopics = toldTopics
        self.log = log
    }

    /// Loads for the first time.
    func begin(_ completion: @escaping (DeploymentLoader.Result) -> Void) {
        isLoading = true
        load(completion)
    }

    /// Watches from now on.
    func watch() throws(TransportError) {
        events = try DirectoryEvents(loop: loop, folders: loader.reader.folders) { [weak self] in self?.noteChange() }
        scheduleRescan()
    }

    func stop() {
        events?.close()
        events = nil
    }

    private func scheduleRescan() {
        loop.schedule(after: Self.rescan) { [weak self] in
            guard let self, self.events != nil else { return }
            self.request()
            self.scheduleRescan()
        }
    }

    private func noteChange() {
        if let quiet { loop.cancel(quiet) }
        quiet = loop.schedule(after: Self.debounce) { [weak self] in
            self?.quiet = nil
            self?.request()
        }
    }

    private func request() {
        guard !isLoading else {
            isAskedAgain = true
            return
        }
        isLoading = true
        load { [self] result in
            switch result {
            case .live(let number):
                log.info("generation \(number) is live")
                sayWhatIsNotDelivered()
                whenLive()
            case .rejected(let errors):
                log.error(
                    "the change was not taken (\(errors) \(errors == 1 ? "error" : "errors")); the generation before keeps serving"
                )
            case .unchanged: break
            }
        }
    }

    private func sayWhatIsNotDelivered() {
        guard let deployment = loader.generations.newest else { return }
        for topic in toldTopics.missing(in: deployment) {
            log.warn(
                "the sidecar does not deliver a topic that was added now: it asked for subscriptions before. "
                    + "Restart the sidecar, and it will",
                [("topic", topic.text)])
        }
    }

    private func load(_ completion: @escaping (DeploymentLoader.Result) -> Void) {
        let known = fingerprint
        let loader = loader
        do throws(BackgroundQueueFull) {
            try background.submit({ loader.load(unlessFingerprint: known) }, on: loop) { [self] result, fingerprint in
                self.fingerprint = fingerprint ?? self.fingerprint
                isLoading = false
                completion(result)
                if isAskedAgain {
                    isAskedAgain = false
                    request()
                }
            }
        } catch {
            log.error("the change was not looked at: \(error); it will be at the next scan")
            isLoading = false
            completion(.unchanged)
        }
    }
}
