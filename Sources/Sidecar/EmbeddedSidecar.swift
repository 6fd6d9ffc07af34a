// EmbeddedSidecar.swift: a Dapr-compatible sidecar in this process: start it, ask it, stop it.
//
// It has a thread with a loop of its own, and one more per SQLite store. Sidecars of one session share a SharedBroker
// and an AppRegistry, and meet nowhere else.
// Neighbours: SidecarConfiguration.swift, SidecarService.swift (what happens on the loop).

internal import Synchronization
package import Transport

/// Why a sidecar does not start. The description names everything that is wrong, one line each.
package enum SidecarStartError: Error, Sendable, CustomStringConvertible {
    case resources([ResourceProblem])
    case transport(TransportError)

    package var description: String {
        switch self {
        case .resources(let problems): problems.map(\.description).joined(separator: "\n")
        case .transport(let error): error.description
        }
    }
}

/// A running sidecar.
package final class EmbeddedSidecar: Sendable {
    /// The port of its HTTP API; a free one when 0 was asked for.
    package let httpPort: Int
    package let appID: String
    private let service: SidecarService
    private let server: HTTPServer
    private let client: HTTPClient
    private let thread: LoopThread
    private let apps: AppRegistry
    private let components: LoadedComponents
    private let isStopped = Mutex(false)

    /// Reads the resources, opens the stores, binds the port and starts. Blocks while it does; when it returns, the
    /// APIs answer. The app may start later: its subscriptions are asked for once its port is open.
    package static func start(
        _ configuration: SidecarConfiguration, broker: SharedBroker, apps: AppRegistry,
        locks: SharedLocks = SharedLocks()
    ) throws(SidecarStartError) -> EmbeddedSidecar {
        let resources = Resources.read(folders: configuration.resourceFolders, appID: configuration.appID)
        var loader = ComponentLoader(configuration)
        loader.load(resources.components)
        let problems = resources.notes.problems + loader.problems
        guard problems.isEmpty else {
            loader.closeStores()
            throw .resources(problems)
        }
        do {
            return try EmbeddedSidecar(
                configuration, components: loader.loaded, resources: resources,
                warnings: resources.notes.warnings + loader.ignored, broker: broker, apps: apps,
                locks: locks)
        } catch {
            loader.closeStores()
            throw .transport(error)
        }
    }

    private init(
        _ configuration: SidecarConfiguration, components: LoadedComponents, resources: Resources,
        warnings: [ResourceProblem], broker: SharedBroker, apps: AppRegistry, locks: SharedLocks
    ) throws(TransportError) {
        let loop = try EventLoop()
        var clientOptions = HTTPClientOptions.standard
        clientOptions.replyBytesMax = configuration.limits.bodyBytesMax
        client = HTTPClient(loop: loop, options: clientOptions)
        service = SidecarService(
            configuration, components: components, resources: resources, broker: broker, apps: apps,
            locks: locks, client: client)
        var serverOptions = HTTPServerOptions.standard
        serverOptions.bodyBytesMax = configuration.limits.bodyBytesMax
        server = try HTTPServer(
            loop: loop, address: configuration.httpAddress, port: configuration.httpPort,
            options: serverOptions,
            handler: service)
        httpPort = server.port
        appID = configuration.appID
        self.apps = apps
        self.components = components
        thread = try LoopThread.start(loop, name: "sidecar-\(configuration.appID)")
        if let port = configuration.appPort {
            apps.register(
                configuration.appID,
                AppRegistry.Entry(
                    host: configuration.appHost, port: port, namespace: configuration.namespace,
                    appToken: configuration.appToken))
        }
        for warning in warnings { service.log(.warning, warning.description) }
        service.log(.info, "the sidecar of `\(appID)` answers on \(configuration.httpAddress):\(httpPort)")
        loop.execute { [service] in service.begin() }
    }

    /// What it counted so far.
    package var counters: SidecarCounters { service.counters.snapshot }

    /// The app was asked for its subscriptions, and they are running.
    package var isReady: Bool { service.isReady }

    /// Returns once `isReady`, or when the sidecar stops.
    package func untilReady() async {
        await withCheckedContinuation { continuation in
            service.whenReady { continuation.resume() }
        }
    }

    /// Delivers nothing more and waits for the deliveries under way, at most so long; the APIs go on.
    package func stopDelivering(atMost limit: Duration) async {
        await withCheckedContinuation { continuation in
            thread.loop.execute { [service] in
                service.stopDelivering(atMost: limit) { continuation.resume() }
            }
        }
    }

    /// Stops: takes no more events, waits for the deliveries under way, answers the requests under way, closes the
    /// stores. Undelivered events stay in the broker. After `limit` it waits for nobody.
    /// A second call returns at once.
    package func stop(drainingAtMost limit: Duration) async {
        let isFirst = isStopped.withLock { isStopped in
            defer { isStopped = true }
            return !isStopped
        }
        guard isFirst else { return }
        await withCheckedContinuation { continuation in
            thread.loop.execute { [service, server, client, apps, appID] in
                service.stopDelivering(atMost: limit) {
                    server.drain(atMost: limit) {
                        client.close()
                        continuation.resume()
                    }
                }
                // Whoever sees that the app is gone can rely on it that no further event goes to it.
                apps.unregister(appID)
            }
        }
        thread.stop()
        components.close()
    }
}
