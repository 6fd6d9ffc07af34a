// ServerConnection.swift: one connection of a server: reads requests one after the other, writes their replies.
//
// One request is in flight at a time; what a pipelining client sends meanwhile waits in `held` (and, beyond a bound,
// in the kernel), so replies are in order by construction. A connection that ends after a reply is shut down for
// writing and then read until its peer ends too: closing over unread bytes would make the kernel reset the connection,
// and the peer could lose the reply.
// Neighbours: ServerConnection+Reading.swift, ServerConnection+Writing.swift, HTTPServer.swift (shared buffers).
internal import CLinux
internal import Glibc
internal import Wire

/// SAFETY: touched on its loop only.
final class ServerConnection: DescriptorHandler, @unchecked Sendable {
    enum Phase {
        /// Waiting for a request, or for the rest of its head.
        case head
        case body(remaining: Int)
        case chunkedBody
        /// The handler has the request.
        case handling
        /// The reply waits for the peer to read.
        case writing
        /// The last reply is written; waiting for the peer to end.
        case lingering
        case closed
    }
    /// Bytes of progress that earn a slow peer another time span.
    static let progressBytes = 16 << 10
    static let lingerNanoseconds: UInt64 = 2_000_000_000

    let server: HTTPServer
    let loop: EventLoop
    let descriptor: Int32
    var phase = Phase.head
    /// Received and not yet understood: part of a head, or requests behind the one in flight.
    var held: [UInt8] = []
    /// Whether part of a head is here, and its time runs.
    var isHeadStarted = false
    var isProcessing = false

    var requestHead: RequestHead?
    var body = MessageBody()
    var decoder = ChunkedDecoder(bodyBytesMax: 0)
    var progress = 0

    var requestNumber: UInt64 = 0
    var isHeadRequest = false
    var announcesKeepAlive = false
    var endsAfterReply = false
    var isPeerFinished = false
    /// The part of a reply that the peer has not taken yet.
    var unsent: [UInt8] = []
    var unsentStart = 0

    private var registration: Registration?
    private var interest: Interest = .readable
    private var deadline = Deadline()

    init(server: HTTPServer, descriptor: Int32) {
        self.server = server
        self.loop = server.loop
        self.descriptor = descriptor
    }

    /// Whether the loop took it.
    func start() -> Bool {
        guard let registration = try? loop.register(descriptor, for: interest, handler: self) else {
            _ = clinux_close(descriptor)
            phase = .closed
            return false
        }
        self.registration = registration
        expire(afterNanoseconds: server.idleNanoseconds)
        return true
    }

    func descriptorReady(_ readiness: Readiness) {
        // With both directions ended, or reset, nobody can read a reply any more.
        if readiness.contains(.failed) || readiness.contains(.hungUp) { return close() }
        if readiness.contains(.writable) { writeUnsent() }
        if readiness.contains(.readable) { read() }
    }

    func close() {
        if case .closed = phase { return }
        phase = .closed
        if let registration { loop.deregister(registration) }
        registration = nil
        deadline.cancel(on: loop)
        _ = clinux_close(descriptor)
        (held, unsent, requestHead, body) = ([], [], nil, MessageBody())
        server.ended(self)
    }

    /// Lets a request in flight finish, and ends.
    func drain() {
        endsAfterReply = true
        if case .head = phase, held.isEmpty { close() }
    }

    /// What the loop is to tell us, told to it only when it changes.
    func updateInterest() {
        guard let registration else { return }
        var wanted: Interest = []
        if !isPeerFinished, !isReadingPaused { wanted.insert(.readable) }
        if case .writing = phase { wanted.insert(.writable) }
        guard wanted != interest else { return }
        interest = wanted
        loop.modify(registration, to: wanted)
    }

    // MARK: Time

    func expire(afterNanoseconds limit: UInt64) {
        deadline.set(loop.nowNanoseconds &+ limit, on: loop, fired: { [weak self] in self?.timerFired() })
    }

    func expireNever() { deadline.clear() }

    private func timerFired() {
        guard deadline.isReached(on: loop, fired: { [weak self] in self?.timerFired() }) else { return }
        switch phase {
        case .head where held.isEmpty: close()
        case .head: reject(HTTPRejection(408, "the head took too long"))
        case .body, .chunkedBody: reject(HTTPRejection(408, "the body took too long"))
        case .writing:
            server.counters.slowReaders += 1
            close()
        case .lingering: close()
        case .handling, .closed: break
        }
    }
}
