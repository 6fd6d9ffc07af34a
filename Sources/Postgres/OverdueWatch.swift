// OverdueWatch.swift: what happens to a connection whose current statement overran its deadline.
//
// Its caller has been told already. The connection gets no new statements until it is free: after a short wait the
// server is asked to cancel (PQcancel blocks, so on a thread), and if the statement still runs a second later the
// connection is dropped; the server notices that by itself (`client_connection_check_interval`).
// A cancel request hits whatever runs when it arrives; Connection sends an innocent victim again. A statement inside of
// a transaction cannot be sent again, so no transaction begins on a connection while a request is under way.

internal import Transport

struct OverdueWatch {
    /// A statement that was overdue before its turn gets this long to end by itself.
    static let patience = Duration.milliseconds(100)
    static let cancelGrace = Duration.seconds(1)
    /// An error 57014 this long after a cancel request may be a stray hit.
    static let strayNanoseconds: UInt64 = 5_000_000_000

    private var timer: TimerToken?
    private weak var watched: Exchange?
    private var lastCancelNanoseconds: UInt64?
    /// Cancel requests that the server has not taken yet.
    private(set) var cancelsUnderWay = 0

    /// New statements go elsewhere.
    var isSuspect: Bool { watched != nil }

    func hasCancelledLately(on loop: EventLoop) -> Bool {
        lastCancelNanoseconds.map { loop.nowNanoseconds &- $0 < Self.strayNanoseconds } ?? false
    }

    /// A sent statement's deadline passed.
    mutating func overdue(_ request: StatementRequest, on connection: Connection) {
        guard let head = connection.exchanges.first, head.request === request else { return }
        watched = head
        cancel(head, on: connection)
    }

    /// An exchange ended and the next one has its turn.
    mutating func headChanged(on connection: Connection) {
        end(on: connection.loop)
        guard let head = connection.exchanges.first, let request = head.request, request.isAnswered else { return }
        watched = head
        timer = connection.loop.schedule(after: Self.patience) { [weak connection, weak head] in
            guard let connection, let head, connection.exchanges.first === head else { return }
            connection.watch.cancel(head, on: connection)
        }
    }

    private mutating func cancel(_ head: Exchange, on connection: Connection) {
        let loop = connection.loop
        lastCancelNanoseconds = loop.nowNanoseconds
        send(on: connection)
        timer = loop.schedule(after: Self.cancelGrace) { [weak connection, weak head] in
            guard let connection, let head, connection.exchanges.first === head else { return }
            connection.end(connection.lost(reason: "a statement overran its deadline and could not be cancelled"))
        }
    }

    private mutating func send(on connection: Connection) {
        guard let ticket = connection.handle?.cancelTicket() else { return }
        let loop = connection.loop
        let confined = LoopConfined(connection, on: loop)
        let isStarted = runBlocking {
            ticket.cancelBlocking()
            loop.execute { confined.onLoop { $0.cancelArrived() } }
        }
        if isStarted { cancelsUnderWay += 1 }
    }

    /// The server has hung up on the request: whatever it was going to hit has been hit.
    mutating func cancelArrived() { cancelsUnderWay -= 1 }

    mutating func end(on loop: EventLoop) {
        if let timer { loop.cancel(timer) }
        timer = nil
        watched = nil
    }
}
