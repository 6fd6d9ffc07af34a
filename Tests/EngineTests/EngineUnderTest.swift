// EngineUnderTest.swift: an engine over real sockets, its files in a folder of its own, beside a fake sidecar.

import Dapr
import Diagnostics
import Machine
import Synchronization
import Transport
import Wire

@testable import Engine

/// What an engine wrote to its log.
final class LogBook: Sendable {
    private let lines = Mutex<[String]>([])
    private let format: LogFormat

    init(_ format: LogFormat = .text) { self.format = format }

    var log: Log { log(label: "") }

    func log(label: String) -> Log {
        Log(threshold: .debug, label: label, format: format) { [self] line in lines.withLock { $0.append(line) } }
    }

    var text: String { lines.withLock { $0.joined() } }
    func contains(_ text: String) -> Bool { self.text.contains(text) }
}

/// SAFETY: the engine is touched on the control loop only, all else is constant or guards itself.
final class EngineUnderTest: @unchecked Sendable {
    let folder: TemporaryFolder
    let sidecar: FakeSidecar
    let log: LogBook
    let control: ControlThread
    let engine: Engine
    private(set) var ports = Engine.Ports(publicPort: 0, appPort: 0, adminPort: 0)

    /// - Parameters:
    ///   - routes: text of `routes/app/routes.bay`.
    ///   - scripts: by module.
    private init(
        routes: String, scripts: [String: String], sidecar: @escaping FakeSidecar.Script, logging: LogFormat,
        adjust: (inout EngineConfiguration) -> Void
    ) throws {
        log = LogBook(logging)
        folder = try TemporaryFolder()
        try folder.makeFolder("scripts")
        try folder.write("routes/app/routes.bay", routes)
        for (module, text) in scripts { try folder.write("scripts/\(module).bay", text) }
        self.sidecar = try FakeSidecar(script: sidecar)
        control = try ControlThread()
        var configuration = EngineConfiguration(
            appID: "app", routeFolders: [folder("routes/app")], scriptFolders: [folder("scripts")],
            sidecar: SidecarEndpoint(port: UInt16(self.sidecar.port)), loopCount: 1)
        configuration.publicAddress = "127.0.0.1"
        configuration.publicPort = 0
        configuration.appPort = 0
        configuration.adminPort = 0
        configuration.drainTimeoutNanoseconds = 20_000_000_000
        // A test holds a reply back for as long as a busy machine needs.
        configuration.limits.effectTimeoutNanoseconds = 60_000_000_000
        adjust(&configuration)
        engine = Engine(
            configuration: configuration, control: control.loop, background: control.background, log: log.log,
            renderer: TextRenderer(colour: false, ascii: false), environment: [:])
    }

    /// Starts one, waits until it is ready, runs `test`, and stops it, however that ended.
    static func with(
        routes: String, scripts: [String: String] = [:], sidecar: @escaping FakeSidecar.Script = { _ in .usual },
        logging: LogFormat = .text, adjust: (inout EngineConfiguration) -> Void = { _ in },
        _ test: (EngineUnderTest) async throws -> Void
    ) async throws {
        let made = try EngineUnderTest(
            routes: routes, scripts: scripts, sidecar: sidecar, logging: logging, adjust: adjust)
        var failure: (any Error)?
        do {
            try await made.start()
            try await test(made)
        } catch {
            failure = error
        }
        made.sidecar.release(503)
        try await made.control.run { await made.engine.stop() }
        await made.sidecar.stop()
        try await made.control.stop()
        if let failure {
            print("the engine's log:\n\(made.log.text)")
            throw failure
        }
    }

    private func start() async throws {
        ports = try await control.run { [engine] in
            try await engine.load()
            return try engine.listen()
        }
        try await control.run { [engine] in await engine.waitForSidecar() }
    }

    // MARK: What the sidecar does

    /// Delivers bytes as an event; the reply as it is.
    func deliver(
        body: String, to topic: String = "bus/things", headers: [(String, String)] = []
    ) async throws -> Reply {
        let parts = topic.split(separator: "/").map(String.init)
        let named = headers.contains { $0.0 == "content-type" }
        return try await control.send(
            .post, port: ports.appPort, AppChannel.deliveryPath(pubsub: parts[0], topic: parts[1]),
            headers: headers + (named ? [] : [("content-type", "application/cloudevents+json")]),
            body: Array(body.utf8))
    }

    /// Delivers a valid event and gives the word that answered it.
    func deliver(
        _ type: String, id: String = "1", data: String = "{}", to topic: String = "bus/things",
        headers: [(String, String)] = []
    ) async throws -> String {
        let reply = try await deliver(body: Self.event(type, id: id, data: data), to: topic, headers: headers)
        return reply.json["status"]?.string ?? "\(reply.status) \(reply.text)"
    }

    static func event(_ type: String, id: String = "1", data: String = "{}") -> String {
        #"{"specversion":"1.0","id":"\#(id)","source":"test","type":"\#(type)","datacontenttype":"application/json","data":\#(data)}"#
    }

    /// Prunes the inbox of the first resource; gives how many rows that were.
    func prune() async throws -> Int {
        let cores = try await control.perform { [engine] in engine.loops }
        return await withCheckedContinuation { continuation in
            cores[0].loop.execute {
                guard let database = cores[0].deployment()?.resources.first else {
                    return continuation.resume(returning: -1)
                }
                let pruning = InboxPruning(core: cores[0], database: database)
                pruning.prune { count in
                    pruning.stop()
                    continuation.resume(returning: count)
                }
            }
        }
    }

    // MARK: What others do

    func request(
        _ method: HTTPMethod, _ target: String, headers: [(String, String)] = [], body: String = ""
    ) async throws -> Reply {
        try await control.send(method, port: ports.publicPort, target, headers: headers, body: Array(body.utf8))
    }

    func admin(_ path: String) async throws -> Reply { try await control.send(.get, port: ports.adminPort, path) }

    /// How often this outcome was counted.
    func count(_ outcome: String) async throws -> Int64 {
        try await admin("/generations").json["outcomes"]?[outcome]?.int ?? -1
    }

    /// Every outcome that was counted at all.
    func outcomes() async throws -> [String: Int64] {
        let members = try await admin("/generations").json["outcomes"]?.members ?? []
        return Dictionary(
            uniqueKeysWithValues: members.compactMap { member in
                member.value.int.flatMap { $0 == 0 ? nil : (member.key, $0) }
            })
    }

    func number(_ name: String) async throws -> Int64 { try await admin("/generations").json[name]?.int ?? -1 }
    func liveGeneration() async throws -> Int64 { try await number("live") }
}
