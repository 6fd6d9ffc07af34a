// TestServer.swift: a private PostgreSQL for the tests: one that all share, or one of a test's own to be killed.

import Foundation
import Synchronization
import Transport

@testable import DevEnvironment
@testable import Postgres

/// A private server on a thread of its own. SAFETY: `server` is touched on `loop` only.
final class TestServer: @unchecked Sendable {
    private let thread: LoopThread
    private let server: PrivatePostgres
    let folder: String
    let credentials: PrivatePostgres.Credentials
    let lines: Lines

    final class Lines: Sendable {
        private let all = Mutex<[String]>([])
        func add(_ line: String) { all.withLock { $0.append(line) } }
        var text: String { all.withLock { $0.joined(separator: "\n") } }
    }

    private init(
        thread: LoopThread, server: PrivatePostgres, folder: String, credentials: PrivatePostgres.Credentials,
        lines: Lines
    ) {
        self.thread = thread
        self.server = server
        self.folder = folder
        self.credentials = credentials
        self.lines = lines
    }

    /// Starts a server and waits for it. Its folder is a new one unless it is given.
    static func start(folder: String? = nil, schemaFiles: [String] = []) async throws -> TestServer {
        let begun = try begin(folder: folder, schemaFiles: schemaFiles)
        return try await begun.value
    }

    /// All of it runs on the server's own loop, so that a test may also wait for it on a thread of Swift's small pool.
    private static func begin(folder given: String?, schemaFiles: [String]) throws -> Task<TestServer, any Error> {
        let folder = given ?? Leftovers.newFolder()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let loop = try EventLoop()
        let thread = try LoopThread.start(loop, name: "postgres-test")
        let lines = Lines()
        return Task(executorPreference: loop) {
            let server = PrivatePostgres(
                loop: loop, folder: "\(folder)/postgres", schemaFiles: schemaFiles, log: { lines.add($0) })
            let credentials = try await server.start()
            let started = TestServer(
                thread: thread, server: server, folder: folder, credentials: credentials, lines: lines)
            running.withLock { $0[ObjectIdentifier(started)] = started }
            return started
        }
    }

    /// Ends it; its folder stays until the run ends.
    func stop() async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                stopBlocking()
                continuation.resume()
            }
        }
    }

    private func stopBlocking() {
        guard Self.running.withLock({ $0.removeValue(forKey: ObjectIdentifier(self)) }) != nil else { return }
        let done = DispatchSemaphore(value: 0)
        Task(executorPreference: thread.loop) { [self] in
            await server.stop()
            done.signal()
        }
        done.wait()
        thread.stop()
    }

    private static let running = Mutex<[ObjectIdentifier: TestServer]>([:])

    /// At the end of the run.
    static func stopAll() {
        for server in running.withLock({ Array($0.values) }) { server.stopBlocking() }
    }

    func restarts() async -> Int {
        await Task(executorPreference: thread.loop) { [self] in server.restarts }.value
    }

    func processID() async -> Int32? {
        await Task(executorPreference: thread.loop) { [self] in server.processID }.value
    }

    var socketPath: String { "\(credentials.host)/.s.PGSQL.5432" }

    func target() throws -> ConnectionTarget { try credentials.target() }

    // MARK: the shared one

    private final class Box: Sendable {
        let result = Mutex<Result<TestServer, any Error>?>(nil)
    }

    private static let sharedServer: Result<TestServer, any Error> = {
        let done = DispatchSemaphore(value: 0)
        let box = Box()
        do {
            let begun = try begin(folder: nil, schemaFiles: [])
            let loop = try EventLoop()
            let waiter = try LoopThread.start(loop, name: "postgres-wait")
            Task(executorPreference: loop) {
                let result = await begun.result
                box.result.withLock { $0 = result }
                done.signal()
            }
            done.wait()
            waiter.stop()
        } catch {
            return .failure(error)
        }
        return box.result.withLock { $0 } ?? .failure(CancellationError())
    }()

    static func shared() throws -> TestServer { try sharedServer.get() }
}

/// Folders of test servers, so that none is left behind, not even by a run that was killed.
enum Leftovers {
    private static let prefix = "/tmp/patchbay-tests-"
    private static let number = Atomic<Int>(0)
    private static let cleaning: Void = {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? [] {
            let path = "/tmp/\(name)"
            guard path.hasPrefix(prefix), let process = Int32(path.dropFirst(prefix.count).prefix { $0.isNumber }),
                kill(process, 0) != 0
            else { continue }
            remove(path)
        }
        atexit {
            TestServer.stopAll()
            Leftovers.removeOwn()
        }
    }()

    static func newFolder() -> String {
        _ = cleaning
        return "\(prefix)\(getpid())-\(number.wrappingAdd(1, ordering: .relaxed).newValue)"
    }

    static func removeOwn() {
        let count = number.load(ordering: .relaxed)
        for one in 1..<(count + 1) { remove("\(prefix)\(getpid())-\(one)") }
    }

    /// Ends whatever works in the folder, then removes it.
    private static func remove(_ folder: String) {
        let data = "\(folder)/postgres/data"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let process = Int32(name),
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(name)/cwd")) == data
            else { continue }
            kill(process, SIGKILL)
        }
        try? FileManager.default.removeItem(atPath: folder)
        for user in [getuid(), getpwnam("postgres")?.pointee.pw_uid ?? 65_534] {
            let name = "patchbay-\(user)-\(PrivatePostgresFolder.shortHash(of: "\(folder)/postgres"))"
            for place in ["/tmp", "/var/tmp"] { try? FileManager.default.removeItem(atPath: "\(place)/\(name)") }
        }
    }
}
