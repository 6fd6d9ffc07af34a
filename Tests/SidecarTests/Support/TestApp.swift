// TestApp.swift: an app behind a sidecar, with a script for what it answers, on a server and a thread of its own.
import Synchronization
import Transport
import Wire

/// SAFETY: the script and the calls are behind mutexes; the server is touched on its loop.
final class TestApp: HTTPRequestHandler, @unchecked Sendable {
    struct Call: Sendable {
        let method: HTTPMethod
        let path: String
        let query: String?
        let headers: HeaderFields
        let body: String
    }

    enum Answer: Sendable {
        case reply(Int, String)
        case replyWith(Int, [(name: String, value: String)], String)
        /// Holds the request until `release`.
        case hold
    }

    typealias Script = @Sendable (_ call: Call, _ nth: Int) -> Answer

    private let relay: Relay
    private let script: Script
    private let calls = Mutex<[Call]>([])
    private let held = Mutex<[HTTPResponder]>([])
    private let server = Mutex<HTTPServer?>(nil)
    private let thread = Mutex<LoopThread?>(nil)
    let port: Int

    /// - Parameter port: 0 takes a free one
    private init(port: Int, loop: EventLoop, script: @escaping Script) throws {
        self.script = script
        let relay = Relay()
        let server = try HTTPServer(
            loop: loop, address: "127.0.0.1", port: port, options: .standard, handler: relay)
        self.port = server.port
        self.relay = relay
        self.server.withLock { $0 = server }
        relay.target.withLock { $0 = self }
    }

    static func start(port: Int = 0, script: @escaping Script) throws -> TestApp {
        let loop = try EventLoop()
        let app = try TestApp(port: port, loop: loop, script: script)
        let thread = try LoopThread.start(loop, name: "test-app")
        app.thread.withLock { $0 = thread }
        return app
    }

    /// Answers `/dapr/subscribe` with a list, `/dapr/config` with 404, and everything else by the script.
    static func start(
        port: Int = 0, subscriptions: String, deliveries: @escaping Script = { _, _ in .reply(200, "") }
    ) throws -> TestApp {
        try start(port: port) { call, nth in
            switch call.path {
            case "/dapr/subscribe": .reply(200, subscriptions)
            case "/dapr/config": .reply(404, "")
            default: deliveries(call, nth)
            }
        }
    }

    func handle(_ request: HTTPRequest, _ response: HTTPResponder) {
        let call = Call(
            method: request.method, path: request.path, query: request.query, headers: request.headers,
            body: request.body.text)
        let nth = calls.withLock { calls in
            calls.append(call)
            return calls.filter { $0.path == call.path }.count
        }
        switch script(call, nth) {
        case .reply(let status, let body):
            response.respond(status: status, headers: [], body: Array(body.utf8))
        case .replyWith(let status, let headers, let body):
            response.respond(status: status, headers: headers, body: Array(body.utf8))
        case .hold:
            held.withLock { $0.append(response) }
        }
    }

    func calls(at path: String) -> [Call] { calls.withLock { $0.filter { $0.path == path } } }
    var heldCount: Int { held.withLock { $0.count } }

    func release(status: Int = 200) {
        let responders = held.withLock { held in
            defer { held = [] }
            return held
        }
        for responder in responders { responder.respond(status: status, headers: [], body: []) }
    }

    /// Closes the port and every connection at once.
    func stop() {
        guard
            let thread = thread.withLock({ thread in
                defer { thread = nil }
                return thread
            })
        else { return }
        let closed = Mutex(false)
        let server = server.withLock { $0 }
        thread.loop.execute {
            server?.close()
            closed.withLock { $0 = true }
        }
        thread.stop()
        if !closed.withLock({ $0 }) { server?.close() }
    }

    /// Keeps the server from holding the app, so that the app can be the handler without a cycle at `init`.
    private final class Relay: HTTPRequestHandler, Sendable {
        let target = Mutex<TestApp?>(nil)

        func handle(_ request: HTTPRequest, _ response: HTTPResponder) {
            let target = target.withLock { $0 }
            target?.handle(request, response)
        }
    }
}
