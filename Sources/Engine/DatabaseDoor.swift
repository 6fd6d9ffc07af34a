// DatabaseDoor.swift: one database on one loop: find the credentials, open the pool, pass statements through.
//
// Neighbours: DatabaseDoors.swift (keeps them), DatabaseCredentials.swift, Postgres/PostgresPool (does the work).

internal import Dapr
internal import Language
internal import Machine
internal import Postgres
internal import Transport

final class DatabaseDoor {
    /// Why there is no pool.
    struct Refusal: Error {
        let message: String
    }
    /// What is behind the door.
    struct Room {
        let pool: PostgresPool
        let tables: DatabaseTables
    }
    /// Someone who waits for the pool.
    typealias Visitor = (Result<Room, Refusal>) -> Void

    private let name: String
    private let target: ResourceTarget
    private let loop: EventLoop
    private let sidecar: SidecarClient
    private let log: Log
    private let connectionsMax: Int
    private var room: Room?
    private var visitors: [Visitor] = []
    private var isAsking = false
    private var said: (message: String, at: UInt64)?
    /// Visitors that wait for the secret at once; more are refused.
    private static let visitorsMax = 10_000
    private static let sayAgainNanoseconds: UInt64 = 60_000_000_000
    private static let secretTimeoutNanoseconds: UInt64 = 5_000_000_000

    init(
        name: String, target: ResourceTarget, loop: EventLoop, sidecar: SidecarClient, log: Log,
        connectionsMax: Int
    ) {
        self.name = name
        self.target = target
        self.loop = loop
        self.sidecar = sidecar
        self.log = log
        self.connectionsMax = connectionsMax
    }

    /// Gives the pool, now or when the credentials are known.
    func enter(_ visitor: @escaping Visitor) {
        if let room { return visitor(.success(room)) }
        guard visitors.count < Self.visitorsMax else {
            return visitor(.failure(Refusal(message: "too many runs wait for the database `\(name)`")))
        }
        visitors.append(visitor)
        guard !isAsking else { return }
        isAsking = true
        let deadline = loop.nowNanoseconds + Self.secretTimeoutNanoseconds
        DatabaseCredentials.find(target, sidecar: sidecar, deadlineNanoseconds: deadline) { [self] found in
            switch found {
            case .success(let target): open(target)
            case .failure(let refusal): refuse(refusal.message)
            }
        }
    }

    private func open(_ target: ConnectionTarget) {
        var options = PostgresPoolOptions()
        options.connectionsMax = connectionsMax
        let opened = PostgresPool(loop: loop, target: target, options: options)
        opened.onNotice = { [log] notice in log.debug("PostgreSQL: \(notice.message)") }
        let made = Room(pool: opened, tables: DatabaseTables(pool: opened, loop: loop, name: name, log: log))
        room = made
        isAsking = false
        for visitor in takeVisitors() { visitor(.success(made)) }
    }

    /// Asked again at the next use, so that a secret that appears later heals by itself.
    private func refuse(_ reason: String) {
        isAsking = false
        let refusal = Refusal(message: "no credentials for the database `\(name)`: \(reason)")
        say(refusal.message)
        for visitor in takeVisitors() { visitor(.failure(refusal)) }
    }

    /// Many may knock in vain: the same is said once a minute.
    private func say(_ message: String) {
        let now = loop.nowNanoseconds
        if let said, said.message == message, now < said.at + Self.sayAgainNanoseconds { return }
        said = (message, now)
        log.error(message)
    }

    private func takeVisitors() -> [Visitor] {
        defer { visitors = [] }
        return visitors
    }

    /// Ends when its statements are done.
    func close() { room?.pool.close() }
}
