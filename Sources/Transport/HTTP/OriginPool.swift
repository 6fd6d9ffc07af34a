// OriginPool.swift: the connections to one origin, and the requests that wait for one.
//
// A request takes the connection that was used last; without one it waits, and a connection is made for it, up to the
// limit. Whichever comes free first takes the request that has waited longest.
// Neighbours: HTTPClient.swift, ClientConnection.swift.
internal import CLinux
internal import Glibc

final class OriginPool {
    /// A connection idle for longer is looked at before it is used: the other side may have ended it.
    private static let trustedIdleNanoseconds: UInt64 = 50_000_000

    let client: HTTPClient
    let origin: HTTPOrigin
    /// The Host field: the port is left out where it is the default.
    let hostField: String

    /// Most recently used last.
    private var idle: [ClientConnection] = []
    private var connections: [ObjectIdentifier: ClientConnection] = [:]
    private var connecting = 0
    private var waiting: [ClientCall] = []
    private var waitingStart = 0
    private var waitingCount = 0
    private var isClosed = false

    init(client: HTTPClient, origin: HTTPOrigin) {
        self.client = client
        self.origin = origin
        let text = origin.description
        hostField = origin.port == 80 ? String(text.dropLast(3)) : text
    }

    var connectionCount: Int { connections.count }

    func submit(_ call: ClientCall) {
        while let connection = idle.popLast() {
            guard isUsable(connection) else {
                connection.close()
                continue
            }
            return connection.begin(call)
        }
        wait(call)
    }

    private func isUsable(_ connection: ClientConnection) -> Bool {
        guard client.loop.nowNanoseconds - connection.idleSinceNanoseconds > Self.trustedIdleNanoseconds
        else { return true }
        return connection.isQuiet
    }

    // MARK: Waiting

    private func wait(_ call: ClientCall) {
        let loop = client.loop
        let limit = client.options.waitersPerOriginMax
        guard waitingCount < limit else {
            let error = HTTPClientError.poolExhausted(origin, waitersMax: limit)
            return loop.atEndOfTurn { call.finish(.failure(error)) }
        }
        waiting.append(call)
        waitingCount += 1
        call.waitingTimer = loop.schedule(atNanoseconds: call.deadlineNanoseconds) { [weak self, weak call] in
            guard let self, let call, !call.isFinished else { return }
            self.waitingCount -= 1
            self.client.counters.deadlinesExceeded += 1
            call.finish(.failure(.deadlineExceeded(self.origin, isSent: false)))
        }
        connectIfUseful()
    }

    /// The request that has waited longest; those that gave up are passed over.
    private func nextWaiting() -> ClientCall? {
        while waitingStart < waiting.count {
            let call = waiting[waitingStart]
            waitingStart += 1
            guard !call.isFinished else { continue }
            waitingCount -= 1
            client.loop.cancel(call.waitingTimer)
            compactWaiting()
            return call
        }
        compactWaiting()
        return nil
    }

    private func compactWaiting() {
        if waitingStart == waiting.count {
            waiting.removeAll(keepingCapacity: waiting.count <= 64)
            waitingStart = 0
        } else if waitingStart >= 1024, waitingStart * 2 > waiting.count {
            waiting.removeFirst(waitingStart)
            waitingStart = 0
        }
    }

    private func connectIfUseful() {
        while !isClosed, connecting < waitingCount, connections.count < client.options.connectionsPerOriginMax {
            let connection = ClientConnection(pool: self)
            connections[ObjectIdentifier(connection)] = connection
            connecting += 1
            connection.connect()
        }
    }

    // MARK: What connections report

    func connected(_ connection: ClientConnection) {
        connecting -= 1
        client.counters.connections += 1
        offer(connection)
    }

    /// No connection could be made: one waiting request, for which it was meant, is told so.
    func connectFailed(_ connection: ClientConnection, _ error: HTTPClientError) {
        connecting -= 1
        client.counters.connectionsFailed += 1
        connections[ObjectIdentifier(connection)] = nil
        let call = nextWaiting()
        connectIfUseful()
        call?.finish(.failure(error))
        forgetIfUnused()
    }

    /// A connection is free: the next request takes it, or it is kept.
    func offer(_ connection: ClientConnection) {
        if let call = nextWaiting() { return connection.begin(call) }
        idle.append(connection)
    }

    func ended(_ connection: ClientConnection) {
        connections[ObjectIdentifier(connection)] = nil
        if let index = idle.firstIndex(where: { $0 === connection }) { idle.remove(at: index) }
        connectIfUseful()
        forgetIfUnused()
    }

    /// A kept connection was closed under a request without a reply byte. The others of its age are no better.
    func retry(_ call: ClientCall) {
        call.isRetry = true
        client.counters.retries += 1
        for connection in idle where !connection.isQuiet { connection.close() }
        submit(call)
    }

    func close() {
        isClosed = true
        for connection in Array(connections.values) { connection.close(failingWith: .clientClosed) }
        while let call = nextWaiting() { call.finish(.failure(.clientClosed)) }
    }

    private func forgetIfUnused() {
        if connections.isEmpty, waitingCount == 0 { client.forget(self) }
    }
}
