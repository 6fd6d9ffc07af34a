// Engine.swift: the engine as a whole: load, listen, serve, drain.
//
// Start-up order matters to a sidecar: it calls the app only when the app's port answers, and the app may call the
// sidecar only when that one's outbound side is healthy. So: compile, listen, then wait for the sidecar, and be ready.
// Neighbours: EngineLoop.swift (one a core), Reloading.swift, AppPort.swift, AdminPort.swift.

internal import Dapr
package import Diagnostics
package import Language
internal import Synchronization
package import Transport

/// The engine cannot start.
package enum EngineStartError: Error, Sendable {
    /// The deployment has errors; they were shown.
    case deploymentRejected(errors: Int)
    case cannotListen(TransportError)
}

/// SAFETY: `start`, `connect` and `stop` are called one after the other on the control loop; what loops touch is their own.
package final class Engine: @unchecked Sendable {
    /// Where it listens, once it does.
    package struct Ports: Sendable, Equatable {
        package let publicPort: Int
        package let appPort: Int
        package let adminPort: Int
    }

    package private(set) var configuration: EngineConfiguration
    private let control: EventLoop
    private let background: BackgroundThread
    private let log: Log
    private let renderer: TextRenderer
    private let generations: Generations
    private let toldTopics = ToldTopics()
    private let reloading: Reloading
    /// The control loop's own, for the credentials of databases that are asked about SQL.
    private let sidecar: SidecarClient
    private let sidecarConnections: HTTPClient
    private(set) var loops: [EngineLoop] = []
    private var threads: [LoopThread] = []
    private var servers: [(loop: EventLoop, server: HTTPServer)] = []
    private let readiness = Mutex(Readiness())
    private var scheduledJobs: ScheduledJobs?

    private struct Readiness: Sendable {
        var isSidecarHealthy = false
        var isDraining = false
    }

    /// - Parameters:
    ///   - control: the loop that starts and stops things; not one that serves.
    ///   - background: where compiling and reading files is done.
    package init(
        configuration: EngineConfiguration, control: EventLoop, background: BackgroundThread, log: Log,
        renderer: TextRenderer, environment: [String: String]
    ) {
        self.configuration = configuration
        self.control = control
        self.background = background
        self.log = log
        self.renderer = renderer
        generations = Generations(kept: configuration.limits.generationsKept)
        let reader = DeploymentReader(
            routeFolders: configuration.routeFolders, scriptFolders: configuration.scriptFolders,
            limits: configuration.limits)
        sidecarConnections = HTTPClient(loop: control, options: .standard)
        sidecar = SidecarClient(client: sidecarConnections, endpoint: configuration.sidecar)
        reloading = Reloading(
            loop: control, background: background,
            loader: DeploymentLoader(
                reader: reader, generations: generations, log: log, renderer: renderer, environment: environment),
            check: StatementCheck(loop: control, sidecar: sidecar, environment: environment),
            patience: .nanoseconds(configuration.limits.prepareTimeoutNanoseconds),
            rescan: .nanoseconds(configuration.limits.rescanNanoseconds), toldTopics: toldTopics, log: log)
    }

    // MARK: Start

    /// Compiles the deployment. Its errors are shown, all of them.
    package func load() async throws(EngineStartError) {
        let result = await withCheckedContinuation { continuation in
            reloading.begin { continuation.resume(returning: $0) }
        }
        if case .rejected(let errors) = result { throw .deploymentRejected(errors: errors) }
    }

    /// Does the live deployment declare a resource of this kind?
    package func declares(_ kind: ResourceKind) -> Bool {
        generations.newest?.compiled.resources.contains { $0.kind == kind } ?? false
    }

    /// Opens every port and starts the loops.
    package func listen() throws(EngineStartError) -> Ports {
        do throws(TransportError) {
            return try open()
        } catch {
            close()
            throw .cannotListen(error)
        }
    }

    private func open() throws(TransportError) -> Ports {
        let count = configuration.loopCount
        let forAll = try ListenSocket.group(
            address: configuration.publicAddress, port: Int(configuration.publicPort), count: count)
        let forSidecar = try ListenSocket.group(
            address: configuration.localAddress, port: Int(configuration.appPort), count: count)
        let forAdmin = try ListenSocket.open(
            address: configuration.localAddress, port: Int(configuration.adminPort))
        for number in 0..<count {
            let core = EngineLoop(
                loop: try EventLoop(), number: number, configuration: configuration, generations: generations,
                toldTopics: toldTopics, log: log, renderer: renderer)
            loops.append(core)
            try serve(PublicPort(core: core), on: core, forAll[number])
            try serve(AppPort(core: core), on: core, forSidecar[number])
        }
        let view = AdminPort.View(
            isReady: { [weak self] in self?.isReady ?? false },
            waitingFor: { [weak self] in self?.waitingFor ?? "the engine" }, loops: loops, generations: generations)
        try serve(AdminPort(view: view, home: loops[0]), on: loops[0], forAdmin)
        for core in loops {
            core.peers = loops
            threads.append(try LoopThread.start(core.loop, name: "engine-\(core.number)"))
        }
        try reloading.watch()
        return Ports(publicPort: forAll[0].port, appPort: forSidecar[0].port, adminPort: forAdmin.port)
    }

    private func serve(
        _ handler: any HTTPRequestHandler, on core: EngineLoop, _ socket: ListenSocket
    ) throws(TransportError) {
        var options = HTTPServerOptions.standard
        options.bodyBytesMax = configuration.limits.bodyBytesMax
        servers.append(
            (core.loop, try HTTPServer(loop: core.loop, listener: socket, options: options, handler: handler)))
    }

    /// Says where the sidecar is, when that was not known before its own start.
    package func use(sidecarPort: Int) {
        configuration.sidecar.port = UInt16(sidecarPort)
        sidecar.use(port: sidecarPort)
        for core in loops { core.sidecar.use(port: sidecarPort) }
    }

    /// Waits until the sidecar's outbound side is healthy, for as long as it takes; says so now and then.
    package func waitForSidecar() async {
        let endpoint = configuration.sidecar
        let client = loops[0].sidecar
        let patience = Patience(log: log, place: "http://\(endpoint.host):\(endpoint.port)")
        do throws(EffectFailure) {
            try await client.waitUntilReady(atMost: nil) { attempt, reason in patience.note(attempt, reason) }
            readiness.withLock { $0.isSidecarHealthy = true }
            for core in loops { core.loop.execute { core.openDatabases() } }
            adoptNewest()
            keepJobs(at: client)
            reloading.beginAskingDatabases()
        } catch {
            log.error("the sidecar was not found: \(error.message)")
        }
    }

    /// From now on the sidecar's jobs are those of the live deployment.
    private func keepJobs(at client: SidecarClient) {
        let jobs = ScheduledJobs(loop: control, log: log, client: client)
        scheduledJobs = jobs
        reloading.whenLive = { [weak self, generations] in
            jobs.follow(generations.newest)
            self?.adoptNewest()
        }
        jobs.follow(generations.newest)
    }

    /// The first loop keeps the keys of all, and looks after the databases: it takes a new deployment before its first
    /// request.
    private func adoptNewest() {
        guard let first = loops.first else { return }
        first.loop.execute { first.keepDatabases() }
    }

    /// Looks once, some seconds after the start, whether the sidecar delivers a topic twice, and says so. A sidecar that does
    /// not tell is left alone.
    package func warnOfDoubleDelivery() async {
        await withCheckedContinuation { continuation in
            control.schedule(after: .seconds(5)) { continuation.resume() }
        }
        guard let core = loops.first, !Task.isCancelled,
            let metadata = try? await core.sidecar.metadata(within: .seconds(5))
        else { return }
        for topic in DoubleDoors.topics(in: metadata) {
            log.warn(
                "the sidecar delivers a topic through more than one subscription, so each event comes twice: "
                    + "remove the declarative Subscription or the `subscribe`", [("topic", topic)])
        }
    }

    /// Says that the sidecar is waited for: after the sixth attempt (1.3 s), then every tenth.
    private struct Patience: Sendable {
        let log: Log
        let place: String
        func note(_ attempt: Int, _ reason: String) {
            guard attempt == 6 || attempt > 6 && attempt % 10 == 0 else { return }
            log.warn(
                "waiting for the sidecar at \(place): start it, or say where it is with --dapr-http-port or DAPR_HTTP_PORT",
                [("reason", reason)])
        }
    }

    private var isReady: Bool { waitingFor.isEmpty }

    private var waitingFor: String {
        let state = readiness.withLock { $0 }
        if generations.number == 0 { return "a deployment" }
        if state.isDraining { return "the end: the engine is shutting down" }
        return state.isSidecarHealthy ? "" : "the sidecar"
    }

    // MARK: End

    /// Stops taking new work, finishes what is in flight within the drain time-out, closes.
    package func stop() async {
        readiness.withLock { $0.isDraining = true }
        reloading.stop()
        scheduledJobs?.stop()
        let limit = Duration.nanoseconds(configuration.drainTimeoutNanoseconds)
        let began = ContinuousClock.now
        for core in loops {
            let left = max(.zero, limit - (ContinuousClock.now - began))
            if !(await core.drained(within: left)) {
                log.warn("runs were cut off at the drain time-out", [("loop", "\(core.number)")])
            }
        }
        await withDiscardingTaskGroup { group in
            for (loop, server) in servers {
                group.addTask(executorPreference: control) {
                    await withCheckedContinuation { continuation in
                        loop.execute { server.drain(atMost: .milliseconds(500)) { continuation.resume() } }
                    }
                }
            }
        }
        close()
    }

    private func close() {
        control.execute { [sidecarConnections] in sidecarConnections.close() }
        for core in loops where !threads.isEmpty { core.loop.execute { core.close() } }
        for thread in threads { thread.stop() }
        threads = []
        servers = []
        loops = []
    }
}
