// DatabaseDoor.swift: one database on one loop: find the credentials, open the pool, pass statements through.
//
// Neighbours: DatabaseDoors.swift (keeps them), Postgres/PostgresPool (does the work).

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
    /// Someone who waits for the pool.
    typealias Visitor = (Result<PostgresPool, Refusal>) -> Void

    private let name: String
    private let target: ResourceTarget
    private let loop: EventLoop
    private let sidecar: SidecarClient
    private let log: Log
    private let connectionsMax: Int
    private var pool: PostgresPool?
    private var visitors: [Visitor] = []
    private var isAsking = false
    /// Visitors that wait for the secret at once; more are refused.
    private static let visitorsMax = 10_000
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
        if let pool { return visitor(.success(pool)) }
        guard visitors.count < Self.visitorsMax else {
            return visitor(.failure(Refusal(message: "too many runs wait for the database `\(name)`")))
        }
        visitors.append(visitor)
        guard !isAsking else { return }
        isAsking = true
        switch target {
        case .text(let conninfo): open { () throws(ConnectionTargetError) in try ConnectionTarget(conninfo: conninfo) }
        case .environment(let variable, _): refuse("the environment variable `\(variable)` is not set")
        case .secret(let store, let secret, let key): ask(store: store, secret: secret, key: key)
        }
    }

    private func ask(store: String, secret: String, key: String?) {
        let deadline = loop.nowNanoseconds + Self.secretTimeoutNanoseconds
        sidecar.secret(store: store, name: secret, deadlineNanoseconds: deadline) { [self] reply in
            switch reply {
            case .failure(let failure): refuse(failure.message)
            case .success(let entries):
                open { () throws(ConnectionTargetError) in
                    try ConnectionTarget(secret: Self.entries(entries, key: key, named: secret))
                }
            }
        }
    }

    /// A secret of one value is a URL or conninfo; with a key only that entry counts.
    private static func entries(
        _ entries: [String: String], key: String?, named secret: String
    ) -> [String: String] {
        if let key { return entries[key].map { ["url": $0] } ?? [:] }
        if entries.count == 1, let only = entries[secret] { return ["url": only] }
        return entries
    }

    private func open(_ target: () throws(ConnectionTargetError) -> ConnectionTarget) {
        do throws(ConnectionTargetError) {
            var options = PostgresPoolOptions()
            options.connectionsMax = connectionsMax
            let opened = PostgresPool(loop: loop, target: try target(), options: options)
            opened.onNotice = { [log] notice in log.debug("PostgreSQL: \(notice.message)") }
            pool = opened
            isAsking = false
            for visitor in takeVisitors() { visitor(.success(opened)) }
        } catch {
            refuse(error.message)
        }
    }

    /// Asked again at the next use, so that a secret that appears later heals by itself.
    private func refuse(_ reason: String) {
        isAsking = false
        let refusal = Refusal(message: "no credentials for the database `\(name)`: \(reason)")
        log.error(refusal.message)
        for visitor in takeVisitors() { visitor(.failure(refusal)) }
    }

    private func takeVisitors() -> [Visitor] {
        defer { visitors = [] }
        return visitors
    }

    /// Ends when its statements are done.
    func close() { pool?.close() }
}
