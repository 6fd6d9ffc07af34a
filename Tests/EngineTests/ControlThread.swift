// ControlThread.swift: what the program's main thread is to an engine: a loop, a background thread, and an HTTP client.

import Machine
import Transport
import Wire

/// A reply as these tests look at it.
struct Reply: Sendable {
    let status: Int
    let headers: [String: String]
    let text: String

    var json: JSON { (try? JSON.parse(text)) ?? .null }
}

final class ControlThread: Sendable {
    let loop: EventLoop
    let background: BackgroundThread
    private let thread: LoopThread
    private let http: HTTPClient

    init() throws {
        loop = try EventLoop()
        background = try BackgroundThread(name: "test-background", jobsMax: 1024)
        http = HTTPClient(loop: loop, options: .standard)
        thread = try LoopThread.start(loop, name: "test-control")
    }

    /// Runs a task on the loop.
    func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await Task(executorPreference: loop) { try await work() }.value
    }

    /// Runs a piece of work on the loop that does not wait.
    func perform<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let result: Result<Value, any Error> = await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: Result { try work() }) }
        }
        return try result.get()
    }

    func send(
        _ method: HTTPMethod, port: Int, _ target: String, headers: [(String, String)] = [], body: [UInt8] = [],
        within limit: Duration = .seconds(60)
    ) async throws -> Reply {
        let request = HTTPClientRequest(
            origin: HTTPOrigin(host: "127.0.0.1", port: port), method: method, target: target,
            headers: headers.map { (name: $0.0, value: $0.1) }, body: body)
        let response = try await http.send(request, within: limit)
        return Reply(
            status: response.status,
            headers: Dictionary(response.headers.all.map { ($0.name, $0.value) }) { first, _ in first },
            text: response.body.text)
    }

    func stop() async throws {
        try await perform { [http] in http.close() }
        thread.stop()
        background.stop()
    }
}
