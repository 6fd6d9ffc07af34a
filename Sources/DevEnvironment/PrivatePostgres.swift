// PrivatePostgres.swift: a PostgreSQL server of one's own, from the system's programs, in a folder of its own.
//
// It listens on a socket in a folder that only its user (and root) can enter, and on no port. Started again when it
// dies, stopped with us, its data kept. As root it runs as another user, because PostgreSQL refuses to be root.
// On its loop only. Neighbours: PrivatePostgres+Starting, PrivatePostgresFolder, Transport/ChildProcess, Postgres.

internal import Diagnostics
internal import Glibc
package import Postgres
package import Transport

package final class PrivatePostgres {
    /// How to reach it.
    package struct Credentials: Sendable, Equatable {
        /// The socket's folder.
        package let host: String
        package let port = "5432"
        package let username = "patchbay"
        package let password: String
        package let database: String

        /// As the secret that a `database` resource reads.
        package var secretEntries: [(key: String, value: String)] {
            [
                ("host", host), ("port", port), ("username", username), ("password", password),
                ("database", database),
            ]
        }

        package func target() throws(ConnectionTargetError) -> ConnectionTarget {
            try ConnectionTarget(secret: Dictionary(uniqueKeysWithValues: secretEntries.map { ($0.key, $0.value) }))
        }
    }

    let loop: EventLoop
    let requestedPath: String
    let schemaFiles: [String]
    let databaseName: String
    private let log: (String) -> Void

    var folder: PrivatePostgresFolder?
    var installation: PostgresInstallation?
    private var server: ChildProcess?
    private var isStopping = false
    private var startedNanoseconds: UInt64 = 0
    private var quickDeaths = 0
    private var restartTimer: TimerToken?
    private var onServerEnd: [() -> Void] = []
    /// How often it was started again.
    package private(set) var restarts = 0

    /// - Parameters:
    ///   - folder: for data, password and log; the folder above must exist.
    ///   - schemaFiles: run at every start, so they must be idempotent.
    ///   - log: what people should know, one line each.
    package init(
        loop: EventLoop, folder: String, schemaFiles: [String], database: String = "patchbay",
        log: @escaping (String) -> Void
    ) {
        self.loop = loop
        requestedPath = folder
        self.schemaFiles = schemaFiles
        databaseName = database
        self.log = log
    }

    /// The server's process; nil while it is not running.
    package var processID: Int32? { server?.exit == nil ? server?.processID : nil }

    // MARK: the server process

    func launch() throws(PrivatePostgresError) {
        guard let folder, let installation else {
            preconditionFailure("a server is launched before its folder is made")
        }
        folder.trimLog()
        let settings = [
            "listen_addresses=", "unix_socket_directories=\(folder.socketFolder)", "unix_socket_permissions=0700",
            "logging_collector=off", "log_checkpoints=off", "log_destination=stderr",
        ]
        let arguments = ["-D", folder.dataPath] + settings.flatMap { ["-c", $0] }
        let command = folder.user.command("\(installation.folder)/postgres", arguments)
        startedNanoseconds = loop.nowNanoseconds
        do throws(TransportError) {
            server = try ChildProcess.start(
                command, output: .file(path: folder.logPath), on: loop, onExit: { [self] in serverEnded($0) })
        } catch {
            throw .failed(step: "start", lines: [error.description])
        }
    }

    private func serverEnded(_ exit: ChildExit) {
        server = nil
        let waiting = onServerEnd
        onServerEnd = []
        for resume in waiting { resume() }
        guard !isStopping, let folder else { return }
        // A second life that ends at once is not helped by starting it faster.
        let lived = loop.nowNanoseconds &- startedNanoseconds
        quickDeaths = lived < 5_000_000_000 ? quickDeaths + 1 : 0
        let pause = Duration.milliseconds(min(50 << min(quickDeaths, 7), 5_000))
        log("PostgreSQL ended (\(exit)); it is started again")
        if quickDeaths > 3 { for line in folder.lastLogLines(3) { log("PostgreSQL: \(line)") } }
        // The lock of a dead postmaster's shared memory is held by its backends; it cannot start beside them.
        PrivatePostgresProcesses.signal(PrivatePostgresProcesses.working(in: folder.dataPath), SIGKILL)
        restartTimer = loop.schedule(after: pause) { [self] in restart(folder) }
    }

    private func restart(_ folder: PrivatePostgresFolder) {
        restartTimer = nil
        guard !isStopping else { return }
        guard PrivatePostgresProcesses.working(in: folder.dataPath).isEmpty else {
            PrivatePostgresProcesses.signal(PrivatePostgresProcesses.working(in: folder.dataPath), SIGKILL)
            restartTimer = loop.schedule(after: .milliseconds(20)) { [self] in restart(folder) }
            return
        }
        do throws(PrivatePostgresError) {
            try launch()
            restarts += 1
        } catch {
            log(error.diagnostic.title)
            restartTimer = loop.schedule(after: .seconds(1)) { [self] in restart(folder) }
        }
    }

    func say(_ line: String) { log(line) }

    /// Calls back once when the server that runs now has ended.
    func whenServerEnds(_ body: @escaping () -> Void) { onServerEnd.append(body) }

    /// Waits for the current server to end; false when it still runs after `limit`.
    func serverEnds(within limit: Duration) async -> Bool {
        guard server != nil else { return true }
        await withCheckedContinuation { continuation in
            var isResumed = false
            let resume = {
                guard !isResumed else { return }
                isResumed = true
                continuation.resume()
            }
            onServerEnd.append(resume)
            loop.schedule(after: limit, resume)
        }
        return server == nil
    }

    /// Ends the server: at once for its clients, cleanly for its data; with force when that takes too long.
    package func stop() async {
        isStopping = true
        if let restartTimer { loop.cancel(restartTimer) }
        for (signal, limit) in [(SIGINT, Duration.seconds(10)), (SIGQUIT, .seconds(3)), (SIGKILL, .seconds(3))] {
            server?.signal(signal)
            if await serverEnds(within: limit) { break }
        }
        if let folder {
            PrivatePostgresProcesses.signal(PrivatePostgresProcesses.working(in: folder.dataPath), SIGKILL)
            folder.removeSocketFolder()
        }
        folder = nil
    }
}
