// FakeSidecar.swift: a sidecar that keeps what it is asked and answers as a test tells it.
//
// A real server on a loop of its own. Without a script it keeps state in memory, takes what is published and invoked,
// and is healthy.

import Machine
import Synchronization
import Transport
import Wire

final class FakeSidecar: HTTPRequestHandler, @unchecked Sendable {
    struct Call: Sendable {
        let method: String
        /// Path, and query when there is one.
        let target: String
        let headers: [String: String]
        let body: String
        let at: ContinuousClock.Instant

        var json: JSON { (try? JSON.parse(body)) ?? .null }
    }

    enum Answer: Sendable {
        case reply(Int, String = "")
        /// Not answered until `release`.
        case held
        /// As without a script.
        case usual
    }

    typealias Script = @Sendable (Call) -> Answer

    private struct State {
        var script: Script
        var calls: [Call] = []
        var held: [HTTPResponder] = []
        var saved: [String: String] = [:]
    }

    private let thread: LoopThread
    private let state: Mutex<State>
    private let server = Mutex<HTTPServer?>(nil)
    let port: Int

    init(port: Int = 0, script: @escaping Script = { _ in .usual }) throws {
        let loop = try EventLoop()
        state = Mutex(State(script: script))
        // The handler is needed to make the server, and the port to finish the handler.
        let door = Door()
        let made = try HTTPServer(loop: loop, address: "127.0.0.1", port: port, options: .standard, handler: door)
        self.port = made.port
        thread = try LoopThread.start(loop, name: "fake-sidecar")
        server.withLock { $0 = made }
        loop.execute { door.owner = self }
    }

    /// SAFETY: `owner` is touched on the loop only.
    private final class Door: HTTPRequestHandler, @unchecked Sendable {
        weak var owner: FakeSidecar?
        func handle(_ request: HTTPRequest, _ response: HTTPResponder) { owner?.handle(request, response) }
    }

    /// Closes every connection; its port is free afterwards.
    func stop() async {
        guard server.withLock({ $0 }) != nil else { return }
        await withCheckedContinuation { continuation in
            thread.loop.execute { [self] in
                server.withLock { server in
                    server?.close()
                    server = nil
                }
                continuation.resume()
            }
        }
        thread.stop()
    }

    /// Answers by this from now on.
    func follow(_ script: @escaping Script) { state.withLock { $0.script = script } }

    /// Everything but probes.
    var calls: [Call] { state.withLock { $0.calls } }

    func calls(to prefix: String) -> [Call] { calls.filter { $0.target.hasPrefix(prefix) } }

    /// What a store holds, as JSON text, by `store/key`.
    func saved(_ key: String) -> String? { state.withLock { $0.saved[key] } }

    var heldCount: Int { state.withLock { $0.held.count } }

    /// Answers everything that was held.
    func release(_ status: Int = 204, _ body: String = "") {
        let held = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        for response in held { Self.answer(response, status, body) }
    }

    func handle(_ request: HTTPRequest, _ response: HTTPResponder) {
        let target = request.query.map { "\(request.path)?\($0)" } ?? request.path
        guard !request.path.hasPrefix("/v1.0/healthz") else { return Self.answer(response, 204, "") }
        let call = Call(
            method: request.method.rawValue, target: target,
            headers: Dictionary(request.headers.all.map { ($0.name, $0.value) }) { first, _ in first },
            body: request.body.text, at: .now)
        let script = state.withLock { state in
            state.calls.append(call)
            return state.script
        }
        switch script(call) {
        case .reply(let status, let body): Self.answer(response, status, body)
        case .held: state.withLock { $0.held.append(response) }
        case .usual: usual(call, response)
        }
    }

    private func usual(_ call: Call, _ response: HTTPResponder) {
        let parts = call.target.split(separator: "/").map(String.init)
        guard parts.count >= 3, parts[1] == "state" else {
            return Self.answer(response, parts.dropFirst().first == "invoke" ? 200 : 204, "")
        }
        if call.method == "POST" {
            for item in call.json.array ?? [] {
                guard let key = item["key"]?.string, let value = item["value"] else { continue }
                state.withLock { $0.saved["\(parts[2])/\(key)"] = String(decoding: value.serialized(), as: UTF8.self) }
            }
            return Self.answer(response, 204, "")
        }
        let key = parts.dropFirst(3).joined(separator: "/").split(separator: "?").first.map(String.init) ?? ""
        let value = saved("\(parts[2])/\(key)")
        Self.answer(response, value == nil ? 204 : 200, value ?? "")
    }

    private static func answer(_ response: HTTPResponder, _ status: Int, _ body: String) {
        response.respond(
            status: status, headers: body.isEmpty ? [] : [("content-type", "application/json")], body: Array(body.utf8))
    }
}
