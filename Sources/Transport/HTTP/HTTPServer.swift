// HTTPServer.swift: a listener and its connections, on one loop.
//
// The read buffer, the parser and the write buffer belong to the server and serve all connections, one at a time; a
// connection keeps bytes of its own only for what is incomplete.
// Neighbours: ServerConnection.swift (one connection), ListenSocket.swift, HTTPResponder.swift.
internal import CLinux
internal import Glibc
internal import Wire

/// A server's limits. Each has a named consequence: a status, or the end of the connection.
package struct HTTPServerOptions: Sendable {
    /// Larger bodies are answered 413 before they are read.
    package var bodyBytesMax: Int
    /// Connections beyond are closed at once, and counted as refused.
    package var connectionsMax: Int
    /// A connection without a request for so long is closed.
    package var idleTimeout: Duration
    /// A head that takes longer is answered 408.
    package var headTimeout: Duration
    /// A body of which 16 KiB take longer is answered 408.
    package var bodyTimeout: Duration
    /// A reader that takes longer for 16 KiB of a reply is cut off.
    package var writeTimeout: Duration

    /// The idle time is longer than that of Dapr's and Go's clients (90 s): they close first, so that no request meets
    /// a connection that we are just closing.
    package static let standard = HTTPServerOptions(
        bodyBytesMax: 4 << 20, connectionsMax: 10_000, idleTimeout: .seconds(120), headTimeout: .seconds(10),
        bodyTimeout: .seconds(30), writeTimeout: .seconds(30))
}

/// What a server has seen since it started.
package struct HTTPServerCounters: Sendable {
    package var connections = 0
    /// Closed at once: over `connectionsMax`, or out of descriptors.
    package var connectionsRefused = 0
    package var requests = 0
    /// Answered by the server itself: not HTTP, or over a limit.
    package var requestsRejected = 0
    /// Answered 500 because the responder was dropped.
    package var requestsForgotten = 0
    /// Second answers to a request.
    package var secondAnswers = 0
    /// Answers for which nobody waited any more.
    package var lateAnswers = 0
    /// Connections cut off because their reader was too slow.
    package var slowReaders = 0
}

/// SAFETY: touched on its loop only, or before the loop runs; the loop's own entries assert it.
@safe package final class HTTPServer: DescriptorHandler, @unchecked Sendable {
    private static let readBytes = 64 << 10
    private static let acceptsPerEvent = 64

    package let loop: EventLoop
    package let address: String
    /// The port that it listens on; the one that was free when 0 was asked for.
    package let port: Int
    package internal(set) var counters = HTTPServerCounters()

    let options: HTTPServerOptions
    /// The options' durations, taken apart once: that costs some 250 instructions each time.
    let idleNanoseconds: UInt64
    let headNanoseconds: UInt64
    let bodyNanoseconds: UInt64
    let writeNanoseconds: UInt64
    let handler: any HTTPRequestHandler
    let readBuffer: UnsafeMutableRawBufferPointer
    var parser = RequestHeadParser(limits: .standard)
    var output = WriteBuffer(capacity: 16 << 10)
    private(set) var isDraining = false

    private var listener: ListenSocket?
    private var registration: Registration?
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var drained: [() -> Void] = []
    /// Held back so that a connection can still be accepted, and closed, when descriptors run out.
    private var spareDescriptor: Int32
    private var dateSecond: UInt64 = .max
    private var date: [UInt8] = []

    /// Listens on a numeric address or `localhost`. Port 0 takes any free one.
    package convenience init(
        loop: EventLoop, address: String, port: Int, options: HTTPServerOptions, handler: any HTTPRequestHandler
    ) throws(TransportError) {
        try self.init(
            loop: loop, listener: .open(address: address, port: port), options: options, handler: handler)
    }

    /// Serves a port that was taken before, alone or as one of a group.
    package init(
        loop: EventLoop, listener: ListenSocket, options: HTTPServerOptions, handler: any HTTPRequestHandler
    ) throws(TransportError) {
        self.loop = loop
        self.listener = listener
        self.options = options
        idleNanoseconds = options.idleTimeout.wholeNanoseconds
        headNanoseconds = options.headTimeout.wholeNanoseconds
        bodyNanoseconds = options.bodyTimeout.wholeNanoseconds
        writeNanoseconds = options.writeTimeout.wholeNanoseconds
        self.handler = handler
        address = listener.address
        port = listener.port
        spareDescriptor = clinux_spare_descriptor()
        unsafe readBuffer = .allocate(byteCount: Self.readBytes, alignment: 64)
        registration = try loop.register(listener.descriptor, for: .readable, handler: self)
    }

    deinit {
        unsafe readBuffer.deallocate()
        if spareDescriptor >= 0 { _ = clinux_close(spareDescriptor) }
    }

    package var connectionCount: Int { connections.count }

    // MARK: Accepting

    package func descriptorReady(_ readiness: Readiness) {
        guard let listener else { return }
        for _ in 0..<Self.acceptsPerEvent {
            let descriptor = clinux_accept(listener.descriptor)
            switch descriptor {
            case 0...: adopt(descriptor)
            case -EMFILE, -ENFILE:
                guard refuseOne(listener) else { return }
            case -ECONNABORTED, -EINTR: continue
            default: return
            }
        }
    }

    private func adopt(_ descriptor: Int32) {
        guard connections.count < options.connectionsMax else {
            counters.connectionsRefused += 1
            _ = clinux_close(descriptor)
            return
        }
        _ = clinux_set_no_delay(descriptor)
        let connection = ServerConnection(server: self, descriptor: descriptor)
        guard connection.start() else { return }
        counters.connections += 1
        connections[ObjectIdentifier(connection)] = connection
    }

    /// Out of descriptors: the waiting connection is accepted with the spare one and closed, or it would be reported
    /// for ever. Without a spare the listener rests for a moment.
    private func refuseOne(_ listener: ListenSocket) -> Bool {
        counters.connectionsRefused += 1
        if spareDescriptor >= 0 {
            _ = clinux_close(spareDescriptor)
            let descriptor = clinux_accept(listener.descriptor)
            if descriptor >= 0 { _ = clinux_close(descriptor) }
            spareDescriptor = clinux_spare_descriptor()
            return descriptor >= 0
        }
        guard let registration else { return false }
        loop.modify(registration, to: [])
        loop.schedule(after: .milliseconds(100)) { [weak self] in
            guard let self else { return }
            self.spareDescriptor = clinux_spare_descriptor()
            self.loop.modify(registration, to: .readable)
        }
        return false
    }

    // MARK: Ending

    /// Takes no new connections; those that are open go on. Connections that the kernel already completed are taken.
    package func stopAccepting() {
        guard let registration else { return }
        descriptorReady(.readable)
        loop.deregister(registration)
        self.registration = nil
        listener = nil
    }

    /// Stops accepting, closes what is idle, lets what is in flight finish, closes everything after `limit`; then calls
    /// `completion` on the loop.
    package func drain(atMost limit: Duration, completion: @escaping () -> Void) {
        stopAccepting()
        isDraining = true
        drained.append(completion)
        for connection in Array(connections.values) { connection.drain() }
        finishDrainingIfEmpty()
        guard !drained.isEmpty else { return }
        loop.schedule(after: limit) { [weak self] in self?.close() }
    }

    /// Closes everything now.
    package func close() {
        if let registration { loop.deregister(registration) }
        registration = nil
        listener = nil
        for connection in Array(connections.values) { connection.close() }
        finishDrainingIfEmpty()
    }

    func ended(_ connection: ServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
        if isDraining { finishDrainingIfEmpty() }
    }

    private func finishDrainingIfEmpty() {
        guard connections.isEmpty else { return }
        let completions = drained
        drained = []
        for completion in completions { completion() }
    }

    /// The Date field as of this second.
    func currentDate() -> [UInt8] {
        let second = loop.nowNanoseconds / 1_000_000_000
        if second != dateSecond {
            dateSecond = second
            date = HTTPDate.bytes(secondsSince1970: Clock.wallNanoseconds() / 1_000_000_000)
        }
        return date
    }
}
