// EngineLoop.swift: one core's share of the engine: its fibers, doors to the world, counters and deployment.
//
// Law 3: nothing here is shared with another loop; what crosses is a message. Neighbours: Engine.swift (starts the
// loops), Delivery.swift and EndpointCall.swift (what runs here).

internal import Dapr
internal import Diagnostics
internal import Language
internal import Machine
internal import Routing
internal import Transport

/// SAFETY: made before its loop runs, then touched only by the loop's own thread; `Engine` reaches it by `execute`.
final class EngineLoop: @unchecked Sendable {
    let loop: EventLoop
    /// From 0.
    let number: Int
    let configuration: EngineConfiguration
    let generations: Generations
    let toldTopics: ToldTopics
    let log: Log
    let renderer: TextRenderer
    let fibers: FiberSlab
    /// For the search under way; read out before the next one.
    let matches = MatchBuffer()
    let client: HTTPClient
    let sidecar: SidecarClient
    let databases: DatabaseDoors
    var random: RandomSource
    var counters = LoopCounters()
    /// After SIGTERM: what is in flight ends, nothing is repeated.
    private(set) var isDraining = false
    private var adopted: Deployment?
    private var runsByGeneration: [UInt64: Int] = [:]
    /// Calls that nobody waits for but the end of the engine.
    private var partingCalls = 0
    private var whenIdle: (() -> Void)?
    /// Every loop of the engine by its number, this one too; set before they run.
    var peers: [EngineLoop] = []
    var remembered: RememberedEvents
    /// Relays and prunes; on the first loop alone.
    private(set) lazy var upkeep = DatabaseUpkeep(core: self)
    /// Event types of jobs that must not overlap; on the first loop alone.
    var jobsAtWork: Set<String> = []
    /// The last second of each endpoint with a limit that is this loop's.
    private var endpointWindows: [String: RateWindow] = [:]
    private var rooms: [TopicName: WaitingRoom] = [:]
    /// Of the requests that come in on this loop.
    private(set) lazy var authentication = Authentication(core: self)
    /// Asked on the first loop alone.
    private(set) lazy var keyKeeper = KeyKeeper(core: self, times: configuration.keyTimes)
    private var waitingAdmissions: [ObjectIdentifier: Admission] = [:]

    init(
        loop: EventLoop, number: Int, configuration: EngineConfiguration, generations: Generations,
        toldTopics: ToldTopics, log: Log, renderer: TextRenderer
    ) {
        self.loop = loop
        self.number = number
        self.configuration = configuration
        self.generations = generations
        self.toldTopics = toldTopics
        self.log = log
        self.renderer = renderer
        remembered = RememberedEvents(max: configuration.limits.rememberedEventsPerLoopMax)
        fibers = FiberSlab(fibersMax: configuration.limits.runsPerLoopMax)
        client = HTTPClient(loop: loop, options: .standard)
        sidecar = SidecarClient(client: client, endpoint: configuration.sidecar)
        databases = DatabaseDoors(
            loop: loop, sidecar: sidecar, log: log,
            connectionsMax: configuration.limits.databaseConnectionsPerLoop)
        random = RandomSource(seed: SystemRandom.seed())
    }

    /// The newest deployment; nil before the first one is live.
    func deployment() -> Deployment? {
        if let adopted, adopted.number == generations.number { return adopted }
        adopted = generations.newest
        if let adopted {
            databases.keep(only: adopted.resources)
            authentication.keep(only: adopted.keySources)
            if number == 0 { keyKeeper.keep(only: adopted.keySources) }
        }
        return adopted
    }

    /// The trace that a request came with, or a new one.
    func trace(continuing text: String?) -> TraceParent {
        if let text, let parent = TraceParent(parsing: text) { return parent.child(spanID: random.next()) }
        return .root(high: random.next(), low: random.next(), spanID: random.next())
    }

    /// Asks for the credentials of every declared database, so that a missing secret is told at the start and not by
    /// the first event that needs it.
    func openDatabases() {
        for resource in deployment()?.resources ?? [] where resource.kind == .database {
            databases.door(for: resource).enter { _ in }
        }
    }

    /// Looks after the databases of the live deployment.
    func keepDatabases() {
        if let deployment = deployment() { upkeep.follow(deployment) }
    }

    /// Something was committed to the outbox of a database.
    func relay(_ database: ResourcePlan) {
        let home = peers.first ?? self
        guard home !== self else { return upkeep.relay(database) }
        home.loop.execute { home.upkeep.relay(database) }
    }

    // MARK: Runs

    /// A fiber for a run of this deployment; nil when as many as may be are in flight.
    func makeFiber(for deployment: Deployment) -> RunFiber? {
        guard let ref = fibers.create(program: deployment.compiled.program, limits: configuration.limits.run),
            let arena = fibers.arena(of: ref)
        else { return nil }
        counters.runsInFlight += 1
        runsByGeneration[deployment.number, default: 0] += 1
        return RunFiber(ref: ref, arena: arena)
    }

    /// Gives back a fiber that no run took.
    func releaseUnused(_ fiber: RunFiber, of deployment: Deployment) {
        fibers.release(fiber.ref)
        left(deployment)
    }

    /// Gives back the fiber of a run that has ended.
    func release(_ run: Run) {
        fibers.release(run.fiber)
        left(run.deployment)
    }

    private func left(_ deployment: Deployment) {
        counters.runsInFlight -= 1
        let count = (runsByGeneration[deployment.number] ?? 1) - 1
        runsByGeneration[deployment.number] = count == 0 ? nil : count
        tellIfIdle()
    }

    private var isIdle: Bool { counters.runsInFlight == 0 && partingCalls == 0 }

    private func tellIfIdle() {
        guard isIdle, let callback = whenIdle else { return }
        whenIdle = nil
        callback()
    }

    /// A call for a run that has ended: the engine's end waits until what this gives is called.
    func beginParting() -> () -> Void {
        partingCalls += 1
        return { [self] in
            partingCalls -= 1
            tellIfIdle()
        }
    }

    /// Runs in flight, by generation.
    var inFlight: [UInt64: Int] { runsByGeneration }

    // MARK: Endpoints with a limit

    /// The loop that counts an endpoint's requests; nil while the engine ends.
    func owner(ofEndpoint position: Int) -> EngineLoop? { peers.isEmpty ? nil : peers[position % peers.count] }

    /// Counts a request; false when the second has as many as may be.
    func admits(_ endpoint: CompiledEndpoint, atMost limit: Int) -> Bool {
        let name = "\(endpoint.method) \(endpoint.path)"
        let now = loop.nowNanoseconds
        guard endpointWindows[name, default: RateWindow()].next(limit: limit, now: now) <= now else { return false }
        endpointWindows[name]?.note(now)
        return true
    }

    // MARK: Deliveries that wait

    var loopCount: Int { configuration.loopCount }

    /// Where deliveries of this topic wait on this loop.
    func waitingRoom(for topic: TopicName) -> WaitingRoom {
        if let known = rooms[topic] { return known }
        let room = WaitingRoom(loop: loop)
        rooms[topic] = room
        return room
    }

    /// False when as many as may be wait already.
    func startsWaiting(_ admission: Admission) -> Bool {
        guard waitingAdmissions.count < configuration.limits.waitingPerLoopMax else { return false }
        waitingAdmissions[ObjectIdentifier(admission)] = admission
        return true
    }

    func stopsWaiting(_ admission: Admission) { waitingAdmissions[ObjectIdentifier(admission)] = nil }

    /// The counters, with what is counted by looking.
    var report: LoopReport {
        var counters = counters
        counters.waiting = waitingAdmissions.count
        counters.remembered = remembered.count
        counters.forgottenEarly = remembered.forgottenEarly
        return LoopReport(counters: counters, inFlight: inFlight)
    }

    // MARK: The end

    /// Repeats nothing from now on, and answers RETRY to whoever has not begun; `callback` comes when no run is in flight.
    func drain(_ callback: @escaping () -> Void) {
        isDraining = true
        for admission in Array(waitingAdmissions.values) { admission.giveUp(.retry) }
        if isIdle { callback() } else { whenIdle = callback }
    }

    /// As `drain`, from the control loop; false when runs were still in flight at the end of `limit`.
    func drained(within limit: Duration) async -> Bool {
        await withCheckedContinuation { continuation in
            loop.execute { [self] in
                let once = Once(continuation)
                loop.schedule(after: limit) { once.resume(false) }
                drain { once.resume(true) }
            }
        }
    }

    /// Closes every connection that effects went through.
    func close() {
        peers = []
        upkeep.stop()
        databases.close()
        keyKeeper.close()
        client.close()
    }
}

/// A continuation that two ends race for. Used on one loop only.
private final class Once {
    private var continuation: CheckedContinuation<Bool, Never>?

    init(_ continuation: CheckedContinuation<Bool, Never>) { self.continuation = continuation }

    func resume(_ value: Bool) {
        continuation?.resume(returning: value)
        continuation = nil
    }
}
