// Reloading.swift: a saved file becomes the next generation.
//
// Names of changes are never trusted: after a quiet moment the folders are read whole, and nothing happens when their
// content is what it was (a ConfigMap swap touches no file by name). One load at a time; a change during a load asks
// for another. New SQL is prepared on its database before it goes live, for a bounded time (decision 0013).
// Neighbours: DeploymentLoader.swift, StatementCheck.swift, Transport/DirectoryEvents.

internal import Diagnostics
internal import Transport

/// SAFETY: touched on the control loop only; the load itself runs on the background thread and comes back by a message.
final class Reloading: @unchecked Sendable {
    private let loop: EventLoop
    private let background: BackgroundThread
    private let loader: DeploymentLoader
    private let check: StatementCheck
    /// How long a database may take to say what it thinks of the SQL.
    private let patience: Duration
    private let toldTopics: ToldTopics
    private let log: Log
    /// Called when another deployment went live.
    var whenLive: () -> Void = {}
    private var events: DirectoryEvents?
    private var fingerprint: UInt64?
    private var isLoading = false
    private var isAskedAgain = false
    private var completion: (DeploymentLoader.Result) -> Void = { _ in }
    /// Credentials can be had, so databases are asked.
    private var asksDatabases = false
    /// Refused by a database: asked about again when somebody saves, and at each rescan, for a migration may have run.
    private var refused: (candidate: DeploymentLoader.Candidate, said: [Diagnostic])?
    /// Every database of the live generation has said what it thinks.
    private var isLiveChecked = false
    private var isCheckingLive = false
    private var quiet: TimerToken?
    /// Editors write in several steps; this long without a further change ends one save.
    private static let debounce = Duration.milliseconds(50)
    /// Looked at anyway after so long, where a change gives no event (network file systems).
    private let rescan: Duration
    private var isStopped = false

    init(
        loop: EventLoop, background: BackgroundThread, loader: DeploymentLoader, check: StatementCheck,
        patience: Duration, rescan: Duration, toldTopics: ToldTopics, log: Log
    ) {
        self.loop = loop
        self.background = background
        self.loader = loader
        self.check = check
        self.patience = patience
        self.rescan = rescan
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
        isStopped = true
        events?.close()
        events = nil
    }

    private func scheduleRescan() {
        loop.schedule(after: rescan) { [weak self] in
            guard let self, self.events != nil else { return }
            self.request()
            if self.asksDatabases, !self.isLiveChecked { self.checkLive(isRepeated: true) }
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
        self.completion = completion
        let (loader, known, asksDatabases) = (loader, fingerprint, asksDatabases)
        inBackground {
            loader.load(unlessFingerprint: known, asksDatabases: asksDatabases)
        } then: { [self] step, fingerprint in
            self.fingerprint = fingerprint ?? self.fingerprint
            switch step {
            case .ended(.unchanged):
                if let refused { ask(about: refused.candidate, after: refused.said) } else { end(.unchanged) }
            case .ended(let result):
                refused = nil
                end(result)
            case .asking(let candidate):
                refused = nil
                ask(about: candidate, after: nil)
            }
        }
    }

    private func inBackground<Answer: Sendable>(
        _ work: @escaping @Sendable () -> Answer, then: @escaping (Answer) -> Void
    ) {
        do throws(BackgroundQueueFull) {
            try background.submit(work, on: loop, then: then)
        } catch {
            log.error("the change was not looked at: \(error); it will be at the next scan")
            fingerprint = nil
            end(.unchanged)
        }
    }

    private func end(_ result: DeploymentLoader.Result) {
        isLoading = false
        let completion = completion
        self.completion = { _ in }
        completion(result)
        if isAskedAgain {
            isAskedAgain = false
            request()
        }
    }

    // MARK: what the databases say

    /// From now on new SQL is prepared before it goes live; that of the live generation is looked at now. It goes on
    /// serving whatever comes of that.
    func beginAskingDatabases() {
        asksDatabases = true
        checkLive(isRepeated: false)
    }

    /// - Parameter said: what it was refused for before; nothing is said where that is still so.
    private func ask(about candidate: DeploymentLoader.Candidate, after said: [Diagnostic]?) {
        Task(executorPreference: loop) { [self] in
            let answers = await check.ask(candidate.questions, within: patience)
            guard !isStopped else { return end(.unchanged) }
            let loader = loader
            inBackground {
                loader.conclude(candidate, answers, after: said)
            } then: { [self] result, found in
                switch result {
                case .rejected: refused = (candidate, found)
                case .live:
                    refused = nil
                    if !answers.unasked.isEmpty { isLiveChecked = false }
                case .unchanged: break
                }
                end(result)
            }
        }
    }

    private func checkLive(isRepeated: Bool) {
        guard let live = loader.generations.newest, !isCheckingLive else { return }
        isCheckingLive = true
        Task(executorPreference: loop) { [self] in
            defer { isCheckingLive = false }
            guard let questions = try? await background.run({ StatementQuestions(about: live.compiled) }) else {
                return
            }
            let answers = await check.ask(questions, within: patience)
            // Meanwhile another one may have taken its place; that one is looked at by the next rescan.
            guard live === loader.generations.newest, !isStopped else { return }
            isLiveChecked = answers.unasked.isEmpty
            guard isLiveChecked || !isRepeated else { return }
            let loader = loader
            try? background.submit({ loader.say(answers, of: live) }, on: loop) {}
        }
    }
}
