// DevSession.swift: one machine: apps, their sidecars and a private PostgreSQL, wired together over real sockets.
//
// Order: compile every app (errors first, before anything is started), the database when one is declared and none is
// given, then each app's engine and its sidecar; ready when every sidecar has subscribed. The end goes the other way.
// Neighbours: PortPlan.swift, PrivatePostgres.swift, Engine, Sidecar.

internal import Dapr
package import Diagnostics
package import Engine
internal import Language
internal import Machine
package import Sidecar
package import Transport

/// What a dev session is told.
package struct DevConfiguration: Sendable {
    /// One app each; an app is called as its folder.
    package var routeFolders: [String]
    package var scriptFolders: [String]
    /// Folders with Dapr's Component files.
    package var resourceFolders: [String]
    /// 3000, or another base, or 0 for any free ports.
    package var portBase: UInt16 = 3000
    /// Where databases, state and secrets live.
    package var stateFolder = ".patchbay"
    /// A PostgreSQL of one's own, as URL or conninfo; nil starts a private one when an app declares a database.
    package var database: String?
    package var loopCount: Int
    package var drainTimeoutNanoseconds: UInt64 = 25_000_000_000
    /// Of every app's engine.
    package var limits = EngineLimits.standard

    package init(routeFolders: [String], scriptFolders: [String], resourceFolders: [String], loopCount: Int) {
        self.routeFolders = routeFolders
        self.scriptFolders = scriptFolders
        self.resourceFolders = resourceFolders
        self.loopCount = loopCount
    }
}

/// One app of a session and its addresses.
package struct DevApp: Sendable {
    package let name: String
    package let publicURL: String
    package let appURL: String
    package let adminURL: String
    package let sidecarURL: String
}

/// A session cannot start.
package enum DevError: Error, Sendable {
    case engine(app: String, EngineStartError)
    case sidecar(app: String, reason: String)
    case database(Diagnostic)
    case stateFolder(path: String, reason: String)
    case twoAppsOfOneName(String)
}

/// SAFETY: touched on the control loop only.
package final class DevSession: @unchecked Sendable {
    private struct Part {
        let name: String
        let folder: String
        let engine: Engine
        let plan: PortPlan
        var sidecar: EmbeddedSidecar?
    }

    private let configuration: DevConfiguration
    private let control: EventLoop
    private let background: BackgroundThread
    private let renderer: TextRenderer
    private let makeLog: @Sendable (String) -> Log
    private let environment: [String: String]
    private let broker = SharedBroker()
    private let registry = AppRegistry()
    private let locks = SharedLocks()
    private var parts: [Part] = []
    private var postgres: PrivatePostgres?
    package private(set) var apps: [DevApp] = []

    /// - Parameter makeLog: a log whose lines carry this label.
    package init(
        configuration: DevConfiguration, control: EventLoop, background: BackgroundThread, renderer: TextRenderer,
        environment: [String: String], makeLog: @escaping @Sendable (String) -> Log
    ) {
        self.configuration = configuration
        self.control = control
        self.background = background
        self.renderer = renderer
        self.environment = environment
        self.makeLog = makeLog
    }

    /// Starts everything; returns when every app can take events.
    package func start() async throws(DevError) {
        try makeParts()
        for part in parts {
            do throws(EngineStartError) { try await part.engine.load() } catch { throw .engine(app: part.name, error) }
        }
        try makeStateFolder()
        if parts.contains(where: { $0.engine.declares(.database) }) { try await startDatabase() }
        for index in parts.indices { try await start(index) }
        for part in parts { await part.engine.waitForSidecar() }
        for part in parts { await part.sidecar?.untilReady() }
    }

    private func makeParts() throws(DevError) {
        var names = Set<String>()
        for (number, folder) in configuration.routeFolders.enumerated() {
            let name = folder.split(separator: "/").last.map(String.init) ?? folder
            guard names.insert(name).inserted else { throw .twoAppsOfOneName(name) }
            let plan = PortPlan(base: configuration.portBase, app: number)
            var engine = EngineConfiguration(
                appID: name, routeFolders: [folder], scriptFolders: configuration.scriptFolders,
                sidecar: SidecarEndpoint(),
                loopCount: configuration.loopCount)
            engine.publicAddress = "127.0.0.1"
            engine.publicPort = plan.publicPort
            engine.appPort = plan.appPort
            engine.adminPort = plan.adminPort
            engine.drainTimeoutNanoseconds = configuration.drainTimeoutNanoseconds
            engine.limits = configuration.limits
            parts.append(
                Part(
                    name: name, folder: folder,
                    engine: Engine(
                        configuration: engine, control: control, background: background, log: makeLog(name),
                        renderer: renderer, environment: environment), plan: plan, sidecar: nil))
        }
    }

    private func makeStateFolder() throws(DevError) {
        do throws(FileSystemError) {
            try FileSystem.makeFolder(configuration.stateFolder)
        } catch {
            throw .stateFolder(path: configuration.stateFolder, reason: error.reasonText)
        }
    }

    // MARK: The database

    /// Starts the private one unless another is given, and puts its credentials where the secret store reads them.
    private func startDatabase() async throws(DevError) {
        if let given = configuration.database {
            return try writeSecrets(["postgres": ["url": .string(given)]])
        }
        let schemas = parts.map { "\($0.folder)/schema.sql" }.filter(FileSystem.isFile)
        let log = makeLog("postgres")
        let server = PrivatePostgres(
            loop: control, folder: "\(configuration.stateFolder)/postgres",
            schemaFiles: schemas, log: { log.info($0) })
        postgres = server
        let credentials: PrivatePostgres.Credentials
        do throws(PrivatePostgresError) {
            credentials = try await server.start()
        } catch {
            throw .database(error.diagnostic)
        }
        try writeSecrets(["postgres": .object(credentials.secretEntries.map { JSON.Member($0.key, .string($0.value)) })]
        )
    }

    private func writeSecrets(_ secrets: JSON) throws(DevError) {
        let path = "\(configuration.stateFolder)/secrets.json"
        do throws(FileSystemError) {
            try FileSystem.writeFile(path, bytes: secrets.serialized() + [0x0a], mode: 0o600)
        } catch {
            throw .stateFolder(path: path, reason: error.reasonText)
        }
    }

    // MARK: An app and its sidecar

    private func start(_ index: Int) async throws(DevError) {
        let part = parts[index]
        let ports: Engine.Ports
        do throws(EngineStartError) { ports = try part.engine.listen() } catch { throw .engine(app: part.name, error) }
        var configuration = SidecarConfiguration(
            appID: part.name, appPort: ports.appPort, httpPort: Int(part.plan.sidecarHTTPPort),
            resourceFolders: self.configuration.resourceFolders)
        configuration.workingFolder = self.configuration.stateFolder
        let log = makeLog("\(part.name) sidecar")
        configuration.log = { entry in log.write(entry.level.logLevel, entry.message, []) }
        let sidecar: EmbeddedSidecar
        do throws(SidecarStartError) {
            sidecar = try EmbeddedSidecar.start(configuration, broker: broker, apps: registry, locks: locks)
        } catch {
            throw .sidecar(app: part.name, reason: error.description)
        }
        parts[index].sidecar = sidecar
        part.engine.use(sidecarPort: sidecar.httpPort)
        let host = "http://127.0.0.1"
        apps.append(
            DevApp(
                name: part.name, publicURL: "\(host):\(ports.publicPort)", appURL: "\(host):\(ports.appPort)",
                adminURL: "\(host):\(ports.adminPort)", sidecarURL: "\(host):\(sidecar.httpPort)"))
    }

    // MARK: The end

    /// Stops deliveries first, then the engines, then the database.
    package func stop() async {
        let limit = Duration.nanoseconds(configuration.drainTimeoutNanoseconds)
        for part in parts { await part.sidecar?.stopDelivering(atMost: limit) }
        for part in parts { await part.engine.stop() }
        for part in parts { await part.sidecar?.stop(drainingAtMost: limit) }
        await postgres?.stop()
    }

    /// What the sidecar of an app counted so far; nil when there is no such app.
    package func sidecarCounters(of app: String) -> SidecarCounters? {
        parts.first { $0.name == app }?.sidecar?.counters
    }

    /// `{"ready":true,"apps":{"inventory":{"public":"http://127.0.0.1:3000",…}}}`, in one line.
    package var readyLine: String {
        let entries = apps.map { app in
            JSON.Member(
                app.name,
                [
                    "public": .string(app.publicURL), "app": .string(app.appURL), "admin": .string(app.adminURL),
                    "dapr_http": .string(app.sidecarURL),
                ])
        }
        let line: JSON = ["ready": true, "apps": .object(entries)]
        return String(decoding: line.serialized(), as: UTF8.self)
    }
}

extension SidecarLogEntry.Level {
    package var logLevel: LogLevel {
        switch self {
        case .debug: .debug
        case .info: .info
        case .warning: .warn
        case .error: .error
        }
    }
}
