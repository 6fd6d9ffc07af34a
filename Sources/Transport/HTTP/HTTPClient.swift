// HTTPClient.swift: requests to other servers, over pooled keep-alive connections of one loop.
//
// Neighbours: OriginPool.swift (who gets which connection), ClientConnection.swift (one request at a time on it),
// HTTPClientRequest.swift, HTTPClientError.swift.
internal import Wire

package struct HTTPClientOptions: Sendable {
    package var connectionsPerOriginMax: Int
    /// Requests that wait for a connection, per origin; one more fails with `poolExhausted`.
    package var waitersPerOriginMax: Int
    /// A kept connection without a request for so long is closed.
    package var idleTimeout: Duration
    /// A connection that is not made by then fails with `connectFailed`.
    package var connectTimeout: Duration
    package var replyBytesMax: Int

    package static let standard = HTTPClientOptions(
        connectionsPerOriginMax: 32, waitersPerOriginMax: 4096, idleTimeout: .seconds(60),
        connectTimeout: .seconds(5), replyBytesMax: 16 << 20)
}

/// What a client has seen since it started.
package struct HTTPClientCounters: Sendable {
    package var requests = 0
    package var connections = 0
    package var connectionsFailed = 0
    /// Requests sent again because a kept connection was closed without a reply byte.
    package var retries = 0
    package var deadlinesExceeded = 0
}

/// SAFETY: touched on its loop only; the loop's own entries assert it.
@safe package final class HTTPClient: @unchecked Sendable {
    package typealias Reply = Result<HTTPClientResponse, HTTPClientError>
    private static let readBytes = 64 << 10

    package let loop: EventLoop
    package internal(set) var counters = HTTPClientCounters()

    let options: HTTPClientOptions
    let idleNanoseconds: UInt64
    let readBuffer: UnsafeMutableRawBufferPointer
    var parser = ResponseHeadParser(limits: .standard)
    var output = WriteBuffer(capacity: 16 << 10)
    private var pools: [HTTPOrigin: OriginPool] = [:]
    private var isClosed = false

    package init(loop: EventLoop, options: HTTPClientOptions) {
        self.loop = loop
        self.options = options
        idleNanoseconds = options.idleTimeout.wholeNanoseconds
        unsafe readBuffer = .allocate(byteCount: Self.readBytes, alignment: 64)
    }

    deinit { unsafe readBuffer.deallocate() }

    /// Sends a request; `completion` is called exactly once, on the loop, after this call returned. On the loop only.
    /// - Parameter deadlineNanoseconds: on the loop's monotonic clock: `loop.nowNanoseconds + …`.
    package func send(
        _ request: HTTPClientRequest, deadlineNanoseconds: UInt64, completion: @escaping (Reply) -> Void
    ) {
        counters.requests += 1
        let call = ClientCall(request: request, deadlineNanoseconds: deadlineNanoseconds, completion: completion)
        if let error = refusal(of: request) {
            return loop.atEndOfTurn { call.finish(.failure(error)) }
        }
        let pool = pools[request.origin] ?? makePool(request.origin)
        pool.submit(call)
    }

    /// Sends a request and waits for its reply. From any task.
    package func send(
        _ request: HTTPClientRequest, within limit: Duration
    ) async throws(HTTPClientError) -> HTTPClientResponse {
        let reply: Reply = await withCheckedContinuation { continuation in
            let start: @Sendable () -> Void = {
                self.send(
                    request, deadlineNanoseconds: self.loop.nowNanoseconds &+ limit.wholeNanoseconds,
                    completion: { continuation.resume(returning: $0) })
            }
            if loop.isCurrent { start() } else { loop.execute(start) }
        }
        return try reply.get()
    }

    /// Closes every connection; what is under way fails with `clientClosed`.
    package func close() {
        isClosed = true
        for pool in Array(pools.values) { pool.close() }
        pools = [:]
    }

    /// Connections to an origin: idle, busy and being made.
    package func connectionCount(to origin: HTTPOrigin) -> Int { pools[origin]?.connectionCount ?? 0 }

    private func refusal(of request: HTTPClientRequest) -> HTTPClientError? {
        if isClosed { return .clientClosed }
        guard HeadWriting.isWritable(target: request.target) else {
            return .requestInvalid("the target `\(request.target)` is not a percent-encoded path")
        }
        guard HeadWriting.areWritable(request.headers) else {
            return .requestInvalid("a header field has a bad name, a control byte, or belongs to the connection")
        }
        guard HeadWriting.isWritable(host: request.origin.host), (1...65_535).contains(request.origin.port) else {
            return .requestInvalid("`\(request.origin)` is not a host and port")
        }
        return nil
    }

    private func makePool(_ origin: HTTPOrigin) -> OriginPool {
        let pool = OriginPool(client: self, origin: origin)
        pools[origin] = pool
        return pool
    }

    /// Called when a pool has neither connections nor requests: origins come and go, and none is kept for ever.
    func forget(_ pool: OriginPool) {
        if pools[pool.origin] === pool { pools[pool.origin] = nil }
    }
}

/// One request under way, from `send` to its completion.
final class ClientCall {
    let request: HTTPClientRequest
    let deadlineNanoseconds: UInt64
    var isRetry = false
    var waitingTimer = TimerToken.none
    private var completion: ((HTTPClient.Reply) -> Void)?

    init(
        request: HTTPClientRequest, deadlineNanoseconds: UInt64, completion: @escaping (HTTPClient.Reply) -> Void
    ) {
        self.request = request
        self.deadlineNanoseconds = deadlineNanoseconds
        self.completion = completion
    }

    var isFinished: Bool { completion == nil }

    func finish(_ reply: HTTPClient.Reply) {
        guard let completion else { preconditionFailure("a request was completed twice") }
        self.completion = nil
        completion(reply)
    }
}
