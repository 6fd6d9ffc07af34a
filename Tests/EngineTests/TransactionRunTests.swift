// TransactionRunTests.swift: a handler's `transaction` against a real server, with every way in which a run can end.

import Dapr
import Diagnostics
import Foundation
import Language
import Machine
import Routing
import Testing
import Transport

@testable import Engine

/// A private server, and one engine loop that the test drives. SAFETY: made, used and ended one after the other.
private final class Bench: @unchecked Sendable {
    private let server: DatabaseServer
    let core: EngineLoop
    let deployment: Deployment

    private static let script = """
        handler run(event) {
          let sum = transaction db {
            db.exec "UPDATE accounts SET n = n + 1 WHERE id = ${event.data.first}"
            if event.data.how == "fail" { fail invalid("no") }
            if event.data.how == "fault" { event.data.nothing.at_all }
            if event.data.how == "slow" { db.exec("SELECT pg_sleep(30)", timeout: 20s) }
            if event.data.how == "cross" { db.exec "SELECT pg_sleep(0.2)" }
            db.exec "UPDATE accounts SET n = n + 1 WHERE id = ${event.data.second}"
            db.one "SELECT sum(n) AS n FROM accounts"
          }
          return sum.n
        }
        handler total(event) { return db.rows "SELECT id, n FROM accounts ORDER BY id" }
        handler hurried(event) {
          transaction db (timeout: 200ms) { db.exec("SELECT pg_sleep(30)", timeout: 20s) }
        }
        handler beside(event) {
          return together [
            transaction db { db.exec "UPDATE accounts SET n = 10 WHERE id = 1"; db.exec "SELECT pg_sleep(0.8)" },
            transaction db {
              db.exec "UPDATE accounts SET n = 20 WHERE id = 2"
              db.exec "SELECT pg_sleep(0.8)"
              if event.data.how == "fail" { fail invalid("no") }
            },
            db.one "SELECT pg_sleep(0.8) IS NULL AS none",
          ]
        }
        handler reset(event) {
          db.exec "CREATE TABLE IF NOT EXISTS accounts (id int PRIMARY KEY, n int NOT NULL)"
          db.exec "INSERT INTO accounts VALUES (1, 0), (2, 0)"
        }
        """

    init() async throws {
        let routes = """
            database db = env("DB")
            subscribe "pubsub/t" (dead_letter: "dead") { on "a" => main.run; on "b" => main.total; on "c" => main.reset; on "d" => main.hurried; on "e" => main.beside }
            """
        let result = Compiler.compile([
            DeploymentFile(source: SourceFile(path: "routes/app/routes.bay", text: routes), module: nil),
            DeploymentFile(source: SourceFile(path: "scripts/main.bay", text: Self.script), module: "main"),
        ])
        try #require(
            result.diagnostics.isEmpty,
            "\(TextRenderer(colour: false, ascii: true).render(result.diagnostics, in: result.sources))")
        let compiled = try #require(result.deployment)
        server = try DatabaseServer()
        try await server.start()
        let conninfo = try await server.schema().conninfo
        deployment = Deployment(
            number: 1, compiled: compiled, environment: ["DB": conninfo])
        let configuration = EngineConfiguration(
            appID: "app", routeFolders: [], scriptFolders: [], sidecar: .init(port: 1), loopCount: 1)
        core = EngineLoop(
            loop: try EventLoop(), number: 0, configuration: configuration, generations: Generations(kept: 1),
            toldTopics: ToldTopics(), log: Log(threshold: .error), renderer: TextRenderer(colour: false, ascii: true))
    }

    func stop() async {
        core.close()
        _ = core.loop.run(until: { false }, atMost: .milliseconds(50))
        await server.stop()
    }

    final class Started {
        var text: String?
        var effects = ""
    }

    func start(_ rule: Int, _ data: String = "{}", within limit: Duration = .seconds(20)) throws -> Started {
        let started = Started()
        let fiber = try #require(core.makeFiber(for: deployment))
        let action = deployment.compiled.subscriptions[0].rules[rule]
        let context = RunContext(
            origin: .rule(action.range), rule: "r", trace: .root(high: 1, low: 1, spanID: 1))
        let run = Run(
            core: core, deployment: deployment, fiber: fiber,
            deadlineNanoseconds: core.loop.nowNanoseconds + limit.wholeNanoseconds, context: context
        ) { run, end in
            started.effects = run.ledger.text(run.deployment.compiled.program.effectSites)
            switch end {
            case .completed(.returned(let value)):
                started.text = String(decoding: (try? value.json()) ?? [], as: UTF8.self)
            case .completed(.failed(let failure)): started.text = failure.failureParts.map { "\($0.failureClass)" }
            case .completed: started.text = "other"
            case .faulted(let fault): started.text = fault.code.rawValue
            case .timedOut: started.text = "timed out"
            }
        }
        run.begin(action.action, argument: try fiber.arena.json(#"{"data":\#(data)}"#))
        return started
    }

    func finish(_ started: [Started]) throws {
        let isDone = core.loop.run(until: { started.allSatisfy { $0.text != nil } }, atMost: .seconds(40))
        try #require(isDone)
    }

    func run(_ rule: Int, _ data: String = "{}", within limit: Duration = .seconds(20)) throws -> Started {
        let started = try start(rule, data, within: limit)
        try finish([started])
        return started
    }
}

struct TransactionRunTests {
    @Test func `a run commits or leaves nothing, and two that block each other both succeed`() async throws {
        let bench = try await Bench()
        // Not on a thread of Swift's small pool, where the other tests would wait for it.
        let outcome = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: Result { try check(bench) }) }
        }
        await bench.stop()
        try outcome.get()
    }

    private func check(_ bench: Bench) throws {
        #expect(try bench.run(2).text == "null")

        let good = try bench.run(0, #"{"first":1,"second":2,"how":""}"#)
        #expect(good.text == "2")
        #expect(good.effects == "db.begin, db.exec, db.exec, db.one, db.commit")

        let failed = try bench.run(0, #"{"first":1,"second":2,"how":"fail"}"#)
        #expect(failed.text == "invalid")
        #expect(failed.effects == "db.rollback")
        let faulted = try bench.run(0, #"{"first":1,"second":2,"how":"fault"}"#)
        #expect(faulted.text == "F0901")
        #expect(faulted.effects == "none")
        // Its row would stay locked, were the transaction still open.
        let late = try bench.run(0, #"{"first":1,"second":2,"how":"slow"}"#, within: .milliseconds(300))
        #expect(late.text == "timeout")
        #expect(try bench.run(3, within: .seconds(15)).text == "timeout")
        #expect(try bench.run(1).text == #"[{"id":1,"n":1},{"id":2,"n":1}]"#)

        let crossed = [
            try bench.start(0, #"{"first":1,"second":2,"how":"cross"}"#),
            try bench.start(0, #"{"first":2,"second":1,"how":"cross"}"#),
        ]
        try bench.finish(crossed)
        #expect(Set(crossed.map(\.text)) == ["4", "6"])
        #expect(crossed.contains { $0.effects.hasPrefix("db.rollback, db.again, db.begin") })
        #expect(try bench.run(1).text == #"[{"id":1,"n":3},{"id":2,"n":3}]"#)
        try checkSideBySide(bench)
    }

    /// Two transactions and a statement at once: three pauses of 0.8 s on three connections. One that fails undoes itself.
    private func checkSideBySide(_ bench: Bench) throws {
        let start = ContinuousClock.now
        let half = try bench.run(4, #"{"how":"fail"}"#)
        #expect(half.text == "invalid")
        #expect(ContinuousClock.now - start < .milliseconds(2300))
        #expect(half.effects.contains("db.rollback") && half.effects.contains("db.begin, db.exec, db.exec, db.commit"))
        #expect(try bench.run(1).text == #"[{"id":1,"n":10},{"id":2,"n":3}]"#)
        #expect(try bench.run(4).text == #"[1,null,{"none":false}]"#)
        #expect(try bench.run(1).text == #"[{"id":1,"n":10},{"id":2,"n":20}]"#)
    }
}
