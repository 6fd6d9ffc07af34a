// SidecarService.swift: one sidecar at work: every request on its loop, the app's subscriptions, the end.
//
// Requests: token, trace, route, API. Life: listen → ask the app for subscriptions once its port is open → deliver →
// drain. Neighbours: EmbeddedSidecar.swift (builds it and owns the threads), API/*, PubSub/*.

internal import DaprContract
internal import Synchronization
internal import Transport
internal import Wire

/// SAFETY: mutable state is touched on the loop only, but for `readiness`, which is behind a mutex.
final class SidecarService: HTTPRequestHandler, @unchecked Sendable {
    /// Pauses of `GET /dapr/config` while the app's port is closed, and the limit of one such call.
    private static let portPause: Duration = .milliseconds(100)
    private static let askTimeout: Duration = .seconds(10)
    /// `DaprBuiltInInitializationRetries`.
    private static let askRetries = RetryPolicy(
        pace: .exponential(maxInterval: .seconds(1)), retriesMax: 3, statuses: nil)

    private struct Readiness {
        var isReady = false
        var isStopping = false
        var waiters: [@Sendable () -> Void] = []
    }

    private let configuration: SidecarConfiguration
    private let components: LoadedComponents
    private let resiliency: Resiliency
    private let declarative: [Subscription]
    private let broker: SharedBroker
    private let client: HTTPClient
    private let channel: AppChannel?
    let counters = CounterBox()

    private let state: StateAPI
    private let secrets: SecretsAPI
    private let publishing: PublishAPI
    private let invocation: InvocationAPI
    private let bindings: BindingsAPI
    private let configurationAPI: ConfigurationAPI
    private let locks: LockAPI

    private let jobs: JobsAPI
    private var crons: [CronBinding] = []
    private var dispatchers: [Dispatcher] = []
    private var extendedMetadata: [String: String] = [:]
    private let readiness = Mutex(Readiness())

    init(
        _ configuration: SidecarConfiguration, components: LoadedComponents, resources: Resources,
        broker: SharedBroker, apps: AppRegistry, locks: SharedLocks, client: HTTPClient
    ) {
        self.configuration = configuration
        self.components = components
        self.broker = broker
        self.client = client
        resiliency = resources.resiliency
        declarative = resources.subscriptions.map(\.subscription)
        channel = configuration.appPort.map { port in
            AppChannel(
                appID: configuration.appID, origin: HTTPOrigin(host: configuration.appHost, port: port),
                appToken: configuration.appToken, client: client)
        }
        let log = configuration.log
        let appID = configuration.appID
        jobs = JobsAPI(
            scheduler: channel.map { channel in
                JobScheduler(channel: channel, timeout: configuration.limits.deliveryTimeout) { level, message in
                    log(SidecarLogEntry(level: level, appID: appID, message: message))
                }
            })
        state = StateAPI(stores: components.stateStores)
        secrets = SecretsAPI(stores: components.secretStores)
        configurationAPI = ConfigurationAPI(stores: components.configurationStores)
        bindings = BindingsAPI(
            bindings: components.bindings, client: client, timeout: configuration.limits.invocationTimeout)
        self.locks = LockAPI(stores: components.lockStores, locks: locks)
        publishing = PublishAPI(
            appID: configuration.appID, pubsubs: components.pubsubs, broker: broker, counters: counters)
        invocation = InvocationAPI(
            appID: configuration.appID, namespace: configuration.namespace, apps: apps, client: client,
            timeout: configuration.limits.invocationTimeout)
    }

    func log(_ level: SidecarLogEntry.Level, _ message: String) {
        configuration.log(SidecarLogEntry(level: level, appID: configuration.appID, message: message))
    }

    // MARK: Requests

    func handle(_ request: HTTPRequest, _ response: HTTPResponder) {
        counters.update { $0.requests += 1 }
        let route = APIRoute(method: request.method, path: request.path)
        let trace = TraceContext(continuing: request.headers)
        let appID = configuration.appID
        let answer: @Sendable (Result<APIReply, APIError>) -> Void = { result in
            var reply: APIReply
            switch result {
            case .success(let good): reply = good
            case .failure(let error): reply = error.reply(appID: appID)
            }
            if !reply.headers.contains(where: { $0.name == HeaderName.traceparent }) {
                reply.headers.append((HeaderName.traceparent, trace.traceparent))
            }
            response.respond(status: reply.status, headers: reply.headers, body: reply.body)
        }
        guard isAllowed(request, route) else { return answer(.success(.badToken)) }
        do throws(APIError) {
            try perform(route, request, trace, answer)
        } catch {
            answer(.failure(error))
        }
    }

    /// The token, when one is asked for; health is asked without.
    private func isAllowed(_ request: HTTPRequest, _ route: APIRoute) -> Bool {
        guard let token = configuration.apiToken, !token.isEmpty, route != .health, route != .healthOutbound
        else {
            return true
        }
        return Self.isEqual(request.headers[HeaderName.apiToken] ?? "", token)
    }

    /// Takes as long for a wrong token as for a right one of the same length.
    private static func isEqual(_ given: String, _ token: String) -> Bool {
        let left = Array(given.utf8)
        let right = Array(token.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func perform(
        _ route: APIRoute, _ request: HTTPRequest, _ trace: TraceContext,
        _ answer: @escaping @Sendable (Result<APIReply, APIError>) -> Void
    ) throws(APIError) {
        switch route {
        case .stateGet, .stateDelete, .stateSave, .stateBulkGet, .stateTransaction, .stateQuery:
            try performState(route, request, answer)
        case .publishBulk(let pubsub, let topic):
            answer(
                .success(
                    try publishing.publishBulk(
                        pubsub: pubsub, topic: topic, body: request.body.bytes, metadata: Self.metadata(request),
                        trace: trace)))
        case .configuration(let store):
            answer(.success(try configurationAPI.get(store: store, query: request.query ?? "")))
        case .binding(let name):
            try bindings.call(name, body: request.body.bytes, answer)
        case .publish(let pubsub, let topic):
            answer(
                .success(
                    try publishing.publish(
                        pubsub: pubsub, topic: topic, body: request.body.bytes,
                        contentType: request.headers[HeaderName.contentType],
                        metadata: Self.metadata(request),
                        trace: trace)))
        case .invoke(let app, let path):
            invocation.invoke(app: app, path: path, request, trace: trace, answer)
        case .secret(let store, let name):
            answer(.success(try secrets.get(store: store, secret: name)))
        case .secretsBulk(let store):
            answer(.success(try secrets.bulk(store: store)))
        case .lock(let store):
            answer(.success(try locks.take(store: store, body: request.body.bytes)))
        case .unlock(let store):
            answer(.success(try locks.giveBack(store: store, body: request.body.bytes)))
        case .job(.schedule, let name): answer(.success(try jobs.schedule(name, body: request.body.bytes)))
        case .job(.get, let name): answer(.success(try jobs.get(name)))
        case .job(.delete, let name): answer(.success(try jobs.delete(name)))
        case .metadata:
            answer(.success(.json(picture.text)))
        case .setMetadata(let key):
            try setMetadata(key, request.body.text)
            answer(.success(.noContent))
        case .health:
            answer(health(request))
        case .healthOutbound:
            answer(.success(.noContent))
        case .shutdown:
            answer(.success(.noContent))
            log(.info, "shutdown was asked for through the API")
            configuration.shutdownRequested()
        case .invalid:
            throw APIError(.malformedRequest, "the path is not validly percent-encoded")
        case .none:
            guard let app = InvocationAPI.namedApp(request.headers) else { throw InvocationAPI.noAppID }
            let segments = PercentCoding.segments(ofPath: request.path) ?? []
            invocation.invoke(
                app: app, path: segments.joined(separator: "/"), request, trace: trace, answer)
        }
    }

    private func performState(
        _ route: APIRoute, _ request: HTTPRequest, _ answer: @escaping @Sendable (Result<APIReply, APIError>) -> Void
    ) throws(APIError) {
        switch route {
        case .stateGet(let store, let key):
            try state.get(store: store, key: key, answer)
        case .stateDelete(let store, let key):
            try state.delete(store: store, key: key, etag: request.headers[HeaderName.ifMatch], answer)
        case .stateSave(let store):
            try state.save(store: store, body: request.body.bytes, metadata: Self.metadata(request), answer)
        case .stateBulkGet(let store):
            try state.bulkGet(store: store, body: request.body.bytes, answer)
        case .stateTransaction(let store):
            try state.transact(
                store: store, body: request.body.bytes, metadata: Self.metadata(request), answer)
        case .stateQuery(let store):
            try state.query(store: store)
        default: preconditionFailure("`\(route)` is no route of a state store")
        }
    }

    /// Query parameters `metadata.<name>`, without the prefix.
    private static func metadata(_ request: HTTPRequest) -> [String: String] {
        var metadata: [String: String] = [:]
        for (name, value) in PercentCoding.items(ofQuery: request.query ?? "") ?? [] {
            guard name.hasPrefix(HeaderName.metadataPrefix) else { continue }
            metadata[String(name.dropFirst(HeaderName.metadataPrefix.count))] = value
        }
        return metadata
    }

    private func health(_ request: HTTPRequest) -> Result<APIReply, APIError> {
        let items = PercentCoding.items(ofQuery: request.query ?? "") ?? []
        let wanted = items.first { $0.name == "appid" }?.value
        if let wanted, wanted != configuration.appID {
            return .failure(APIError(.healthAppIDMismatch, "dapr app-id does not match"))
        }
        return isReady
            ? .success(.noContent) : .failure(APIError(.healthNotReady, "dapr is not ready: [app]"))
    }

    /// How many keys `PUT /v1.0/metadata/{key}` may set.
    private static let extendedMax = 100

    private func setMetadata(_ key: String, _ value: String) throws(APIError) {
        guard extendedMetadata[key] != nil || extendedMetadata.count < Self.extendedMax else {
            throw .malformed("\(Self.extendedMax) keys are set already")
        }
        extendedMetadata[key] = value
    }

    private var picture: MetadataPicture {
        MetadataPicture(
            appID: configuration.appID, components: components.summaries,
            subscriptions: dispatchers.map(\.subscription), extended: extendedMetadata,
            app: configuration.appPort.map { (configuration.appHost, $0) })
    }

    // MARK: Readiness

    /// The app's subscriptions were asked for and started; at once without an app.
    var isReady: Bool { readiness.withLock { $0.isReady } }

    /// Calls `body` once ready, or when stopping; at once when that is past. On any thread.
    func whenReady(_ body: @escaping @Sendable () -> Void) {
        let isNow = readiness.withLock { readiness in
            guard !readiness.isReady, !readiness.isStopping else { return true }
            readiness.waiters.append(body)
            return false
        }
        if isNow { body() }
    }

    private func settle(_ change: (inout Readiness) -> Void) {
        let waiters = readiness.withLock { readiness in
            change(&readiness)
            defer { readiness.waiters = [] }
            return readiness.waiters
        }
        for waiter in waiters { waiter() }
    }

    // MARK: Subscriptions

    /// Begins the sidecar's second life: waits for the app, asks it, delivers.
    func begin() {
        guard let channel else { return settle { $0.isReady = true } }
        Task(executorPreference: client.loop) { [self] in
            await waitForPort(channel)
            guard !isStopping else { return }
            if !components.pubsubs.isEmpty { await startSubscriptions(channel) }
            if !isStopping { startCrons(channel) }
            settle { $0.isReady = true }
        }
    }

    private func startCrons(_ channel: AppChannel) {
        crons = components.crons.map { component in
            CronBinding(component, channel: channel, timeout: configuration.limits.deliveryTimeout) {
                [self] level, message in log(level, message)
            }
        }
        for cron in crons { cron.start() }
    }

    private var isStopping: Bool { readiness.withLock { $0.isStopping } }

    /// Until the app answers anything at all to `GET /dapr/config`; without end, as daprd does.
    private func waitForPort(_ channel: AppChannel) async {
        var hasSaidSo = false
        while !isStopping {
            let reply = await channel.ask(AppPath.configuration, within: Self.askTimeout)
            guard case .failure(let error) = reply, error.isUnsent else { return }
            if !hasSaidSo { log(.info, "waiting for the app at \(channel.origin)") }
            hasSaidSo = true
            await pause(Self.portPause)
        }
    }

    private func startSubscriptions(_ channel: AppChannel) async {
        guard let body = await askForSubscriptions(channel) else { return start(declarative, channel) }
        do {
            let programmatic = try SubscriptionList.read(body) { log(.warning, $0) }
            start(SubscriptionList.merge(declarative: declarative, programmatic: programmatic), channel)
        } catch {
            log(
                .error,
                "no subscription is started, for \(AppPath.subscribe) of the app cannot be taken: \(error.reason)"
            )
        }
    }

    /// The body of a 200; nil when the app has no list or cannot be asked.
    private func askForSubscriptions(_ channel: AppChannel) async -> [UInt8]? {
        let began = client.loop.nowNanoseconds
        for failures in 1... {
            switch await channel.ask(AppPath.subscribe, within: Self.askTimeout) {
            case .success(let response) where response.status == SidecarStatus.ok:
                return response.body.bytes
            case .success(let response):
                let level = response.status == 404 ? SidecarLogEntry.Level.debug : .error
                log(
                    level,
                    "the app answered \(response.status) to \(AppPath.subscribe): no subscriptions from it")
                return nil
            case .failure(let error):
                let elapsed = Duration.nanoseconds(Int64(client.loop.nowNanoseconds - began))
                let next = Self.askRetries.pause(
                    afterFailures: failures, elapsed: elapsed, status: nil, random: .random(in: 0..<1))
                guard let next, !isStopping else {
                    log(.error, "cannot ask the app for its subscriptions: \(error)")
                    return nil
                }
                await pause(next)
            }
        }
        return nil
    }

    private func start(_ subscriptions: [Subscription], _ channel: AppChannel) {
        guard !isStopping else { return }
        for subscription in subscriptions {
            guard let pubsub = components.pubsubs[subscription.pubsubName] else {
                log(
                    .error,
                    "the subscription \(subscription.name) names no pub/sub component of this app; there are: "
                        + components.pubsubs.keys.sorted().joined(separator: " "))
                continue
            }
            guard pubsub.scopes.maySubscribe(to: subscription.topic) else {
                log(
                    .error,
                    "the subscription \(subscription.name) is forbidden by the component's topic scopes")
                continue
            }
            let concurrency = subscription.metadata["concurrency"].flatMap { Int($0) } ?? pubsub.concurrency
            let dispatcher = Dispatcher(
                Dispatcher.Settings(
                    subscription: subscription,
                    policy: resiliency.inboundPolicy(pubsub: subscription.pubsubName),
                    concurrency: max(1, concurrency), queueMax: pubsub.queueMax,
                    callTimeout: configuration.limits.deliveryTimeout),
                channel: channel, broker: broker, counters: counters
            ) { [self] level, message in log(level, message) }
            dispatchers.append(dispatcher)
            dispatcher.start()
            log(.info, "delivers \(subscription.name) to \(subscription.path)")
        }
    }

    private func pause(_ duration: Duration) async {
        await withCheckedContinuation { continuation in
            let loop = client.loop
            loop.execute { loop.schedule(after: duration) { continuation.resume() } }
        }
    }

    // MARK: End

    /// Takes no more events, waits at most `limit` for the calls under way, then gives back what is left.
    func stopDelivering(atMost limit: Duration, _ completion: @escaping () -> Void) {
        settle { $0.isStopping = true }
        jobs.scheduler?.stop()
        for cron in crons { cron.stop() }
        crons = []
        var remaining = dispatchers.count
        guard remaining > 0 else { return completion() }
        let timer = client.loop.schedule(after: limit) { [self] in
            for dispatcher in dispatchers { dispatcher.abandon() }
        }
        for dispatcher in dispatchers {
            dispatcher.stop { [self] in
                remaining -= 1
                guard remaining == 0 else { return }
                client.loop.cancel(timer)
                dispatchers = []
                completion()
            }
        }
    }
}
