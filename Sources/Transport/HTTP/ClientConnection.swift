// ClientConnection.swift: one connection to an origin, one request on it at a time.
//
// Neighbours: ClientConnection+Reply.swift (reading), OriginPool.swift (who uses it when).
internal import CLinux
internal import Glibc
internal import Wire

final class ClientConnection: DescriptorHandler {
    enum Phase {
        case connecting
        case idle
        /// A request is under way: sent or being sent, its reply not complete.
        case busy(ClientCall)
        case closed
    }
    enum ReplyPhase {
        case head
        case body(remaining: Int)
        case chunkedBody
        case untilClose
    }

    let pool: OriginPool
    let client: HTTPClient
    let loop: EventLoop
    private(set) var phase = Phase.connecting
    private(set) var idleSinceNanoseconds: UInt64 = 0

    // The reply so far.
    var replyPhase = ReplyPhase.head
    var replyHead: ResponseHead?
    var body = MessageBody()
    var decoder = ChunkedDecoder(bodyBytesMax: 0)
    /// An incomplete head.
    var held: [UInt8] = []
    var hasReplyBytes = false

    private var descriptor: Int32 = -1
    private var registration: Registration?
    private var interest: Interest = []
    private var addresses: [SocketAddress] = []
    private var deadline = Deadline()
    private var unsent: [UInt8] = []
    private var unsentStart = 0
    private var sentBytes = 0
    private var requestsServed = 0

    init(pool: OriginPool) {
        self.pool = pool
        client = pool.client
        loop = pool.client.loop
    }

    // MARK: Connecting

    func connect() {
        expire(atNanoseconds: loop.nowNanoseconds &+ client.options.connectTimeout.wholeNanoseconds)
        if let known = NameResolver.immediate(pool.origin, nowNanoseconds: loop.nowNanoseconds) {
            addresses = known.reversed()
            // Later, so that whoever asked has returned before anything fails.
            return loop.atEndOfTurn { [self] in connectToNext(after: nil) }
        }
        NameResolver.lookUp(pool.origin, on: loop) { [self] result in
            guard case .connecting = phase else { return }
            switch result {
            case .success(let found):
                addresses = found.reversed()
                connectToNext(after: nil)
            case .failure(let error):
                let reason = if case .nameNotFound(_, let reason) = error { reason } else { error.description }
                failConnecting(.nameNotFound(pool.origin, reason: reason))
            }
        }
    }

    private func connectToNext(after reason: SystemReason?) {
        guard case .connecting = phase else { return }
        releaseDescriptor()
        guard let address = addresses.popLast() else {
            let reason = reason ?? SystemReason(EADDRNOTAVAIL)
            return failConnecting(.connectFailed(pool.origin, reason: reason))
        }
        descriptor = clinux_socket(address.family)
        guard descriptor >= 0 else { return connectToNext(after: SystemReason(result: descriptor)) }
        _ = clinux_set_no_delay(descriptor)
        let result = unsafe clinux_connect(descriptor, address.bytes, UInt32(address.bytes.count))
        guard result == 0 || result == -EINPROGRESS else { return connectToNext(after: SystemReason(result: result)) }
        do throws(TransportError) {
            interest = .writable
            registration = try loop.register(descriptor, for: interest, handler: self)
        } catch {
            connectToNext(after: SystemReason(EMFILE))
        }
    }

    private func finishConnecting() {
        let error = clinux_socket_error(descriptor)
        guard error == 0 else { return connectToNext(after: SystemReason(abs(error))) }
        becomeIdle()
        pool.connected(self)
    }

    private func failConnecting(_ error: HTTPClientError) {
        release()
        pool.connectFailed(self, error)
    }

    // MARK: Requests

    func begin(_ call: ClientCall) {
        phase = .busy(call)
        (replyPhase, replyHead, body, hasReplyBytes) = (.head, nil, MessageBody(), false)
        sentBytes = 0
        expire(atNanoseconds: call.deadlineNanoseconds)
        let request = call.request
        client.output.removeAll()
        client.output.appendRequestHead(
            method: request.method, target: request.target, host: pool.hostField, fields: request.headers,
            bodyBytes: request.body.count)
        client.output.append(request.body)
        let total = client.output.count
        let sent = unsafe client.output.withUnsafeBytes { bytes in
            unsafe Int(clinux_send(descriptor, bytes.baseAddress, bytes.count))
        }
        if sent == total {
            sentBytes = total
        } else if sent >= 0 || sent == -Int(EAGAIN) || sent == -Int(EINTR) {
            sentBytes = max(sent, 0)
            unsent = unsafe client.output.withUnsafeBytes { bytes in unsafe Array(bytes[sentBytes...]) }
            unsentStart = 0
        }
        // A refused send shows again as an event, which finds out whether a reply came before the end.
        updateInterest()
    }

    private func sendUnsent() {
        guard unsentStart < unsent.count else { return }
        let sent = unsafe unsent.withUnsafeBytes { bytes in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[unsentStart...])
            return unsafe Int(clinux_send(descriptor, rest.baseAddress, rest.count))
        }
        if sent > 0 {
            unsentStart += sent
            sentBytes += sent
        } else if sent != -Int(EAGAIN), sent != -Int(EINTR) {
            // The peer takes no more; a reply that says why may still be there to be read.
            unsentStart = unsent.count
        }
        if unsentStart == unsent.count { (unsent, unsentStart) = ([], 0) }
        updateInterest()
    }

    /// The reply is complete. The connection is free again before the caller hears of it, so that its next request
    /// can use it.
    func finish(_ response: HTTPClientResponse, isReusable: Bool) {
        guard case .busy(let call) = phase else { return }
        requestsServed += 1
        if isReusable, unsent.isEmpty {
            becomeIdle()
            pool.offer(self)
        } else {
            phase = .idle
            close()
        }
        call.finish(.success(response))
    }

    func fail(_ error: HTTPClientError) {
        guard case .busy(let call) = phase else { return close() }
        phase = .idle
        close()
        call.finish(.failure(error))
    }

    /// The connection ended under a request.
    func endedEarly() {
        guard case .busy(let call) = phase else { return close() }
        let isStale = requestsServed > 0 && !hasReplyBytes
        let isUnambiguous = sentBytes == 0 || call.request.isIdempotent
        guard isStale, isUnambiguous, !call.isRetry else {
            return fail(hasReplyBytes ? .closedDuringReply(pool.origin) : .closedBeforeReply(pool.origin))
        }
        phase = .idle
        close()
        pool.retry(call)
    }

    // MARK: Events

    func descriptorReady(_ readiness: Readiness) {
        switch phase {
        case .connecting: finishConnecting()
        // Nothing is expected: it is the end, or bytes that nobody asked for.
        case .idle: close()
        case .busy:
            if readiness.contains(.writable) { sendUnsent() }
            if !readiness.isDisjoint(with: [.readable, .failed, .hungUp]) { read(descriptor) }
        case .closed: break
        }
    }

    /// Whether an idle connection is open and has nothing to say.
    var isQuiet: Bool {
        var byte: UInt8 = 0
        return unsafe clinux_peek(descriptor, &byte, 1) == -Int64(EAGAIN)
    }

    private func becomeIdle() {
        phase = .idle
        (replyPhase, replyHead, body) = (.head, nil, MessageBody())
        idleSinceNanoseconds = loop.nowNanoseconds
        expire(atNanoseconds: loop.nowNanoseconds &+ client.idleNanoseconds)
        updateInterest()
    }

    private func updateInterest() {
        guard let registration else { return }
        let wanted: Interest = unsent.isEmpty ? .readable : [.readable, .writable]
        guard wanted != interest else { return }
        interest = wanted
        loop.modify(registration, to: wanted)
    }

    private func expire(atNanoseconds instant: UInt64) {
        deadline.set(instant, on: loop, fired: { [weak self] in self?.timerFired() })
    }

    private func timerFired() {
        guard deadline.isReached(on: loop, fired: { [weak self] in self?.timerFired() }) else { return }
        switch phase {
        case .connecting: failConnecting(.connectFailed(pool.origin, reason: SystemReason(ETIMEDOUT)))
        case .idle: close()
        case .busy:
            client.counters.deadlinesExceeded += 1
            fail(.deadlineExceeded(pool.origin, isSent: sentBytes > 0))
        case .closed: break
        }
    }

    // MARK: Ending

    func close(failingWith error: HTTPClientError? = nil) {
        if let error, case .busy = phase { return fail(error) }
        if case .closed = phase { return }
        let wasConnecting = if case .connecting = phase { true } else { false }
        release()
        if wasConnecting { pool.connectFailed(self, error ?? .clientClosed) } else { pool.ended(self) }
    }

    private func release() {
        phase = .closed
        deadline.cancel(on: loop)
        releaseDescriptor()
        (unsent, held, body, replyHead) = ([], [], MessageBody(), nil)
    }

    private func releaseDescriptor() {
        if let registration { loop.deregister(registration) }
        registration = nil
        if descriptor >= 0 { _ = clinux_close(descriptor) }
        descriptor = -1
    }
}
