// NestingLimitTests.swift: how deep a source may be nested, and that the stack bears what may be asked for.
//
// Neighbours: Language/SourceLimits.swift, CompilerRobustnessTests.swift (what is deeper than any limit).

import Diagnostics
import Foundation
import Language
import Machine
import Routing
import Testing

struct NestingLimitTests {
    /// What the threads that compile have (Transport/Loop/LoopThread.swift).
    private static let stackBytes = 8 << 20

    private static func compile(_ body: String, nesting: Int) -> [Diagnostic] {
        let limits = SourceLimits(bytesMax: 1 << 20, nestingMax: nesting)
        let script = SourceFile(path: "scripts/main.bay", text: "fn f(a) = a\nhandler run(event) { \(body) }\n")
        let routes = SourceFile(
            path: "routes/a/r.bay", text: "subscribe \"p/t\" (dead_letter: \"d\") { on \"x\" => main.run }\n")
        let files = [
            DeploymentFile(source: routes, module: nil), DeploymentFile(source: script, module: "main"),
        ]
        let found = Compiler.compile(files, limits: limits, explaining: true).diagnostics
        _ = Formatter.format(script, limits: limits)
        return found
    }

    /// SAFETY: written by one thread before the semaphore that the other waits for.
    private final class Outcome<Value>: @unchecked Sendable {
        var value: Value
        init(_ value: Value) { self.value = value }
    }

    private static func onThreadOfItsOwn<Value: Sendable>(
        or standard: Value, _ work: @escaping @Sendable () throws -> Value
    ) -> Value {
        let outcome = Outcome(standard)
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            if let value = try? work() { outcome.value = value }
            done.signal()
        }
        thread.stackSize = stackBytes
        thread.start()
        done.wait()
        return outcome.value
    }

    private static let shapes: [(open: String, inner: String, close: String)] = [
        ("(", "1", ")"), ("[", "1", "]"), ("{ a: ", "1", " }"), ("f(", "1", ")"), ("\"${", "1", "}\""),
        ("if event.a { ", "1", " }"), ("match event.a { otherwise { ", "1", " } }"), ("not ", "true", ""),
        ("-", "1", ""),
        ("[1 for _ in ", "event.a", "]"), ("together [", "uuid()", "]"), ("if true { } else { ", "1", " }"),
        ("for _ in event.a { ", "", " }"), ("uuid() catch e { ", "1", " }"), ("event.a ?? (", "1", ")"),
    ]

    @Test(arguments: shapes.indices)
    func `the deepest nesting that can be asked for fits on the stack`(shape: Int) {
        let (open, inner, close) = Self.shapes[shape]
        for levels in [SourceLimits.nestingCeiling - 3, SourceLimits.nestingCeiling + 3, 5_000] {
            let body = String(repeating: open, count: levels) + inner + String(repeating: close, count: levels)
            let found = Self.onThreadOfItsOwn(or: []) { Self.compile(body, nesting: SourceLimits.nestingCeiling) }
            if levels > SourceLimits.nestingCeiling {
                #expect(found.first { $0.severity == .error }?.code == .nestingTooDeep, "\(open)")
            }
        }
    }

    @Test(arguments: [10, 50, 200, 400])
    func `the limit is a number of levels, and the first beyond it is named`(nesting: Int) throws {
        func lists(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        // The handler's block is a level as well.
        #expect(Self.compile("return \(lists(nesting - 1))", nesting: nesting).isEmpty)
        let found = try #require(Self.compile("return \(lists(nesting))", nesting: nesting).first)
        #expect(found.code == .nestingTooDeep)
        #expect(found.primary?.text == "this is level \(nesting + 1) of at most \(nesting)")
        #expect(Int(found.primary?.range.start ?? 0) == "fn f(a) = a\nhandler run(event) { return ".count + nesting - 1)
    }

    // JSON.

    private static let walker = """
        record Tree { kids: [Tree]? }
        handler run(event: Event<Tree>) {
          let again = event.data.to_json().from_json()
          return [event.data == again, event.data.to_json().length()]
        }

        """

    /// Runs the handler above with data that has as many levels, twice as many as there are trees in trees.
    private static func run(levels: Int, limit: UInt16) throws -> String {
        let routes = SourceFile(
            path: "routes/a/r.bay", text: "subscribe \"p/t\" (dead_letter: \"d\") { on \"x\" => main.run }\n")
        let script = SourceFile(path: "scripts/main.bay", text: walker)
        let files = [DeploymentFile(source: routes, module: nil), DeploymentFile(source: script, module: "main")]
        let deployment = try #require(Compiler.compile(files).deployment)
        var limits = FiberLimits.standard
        limits.jsonDepthMax = limit
        let slab = FiberSlab(fibersMax: 1)
        let fiber = try #require(slab.create(program: deployment.program, limits: limits))
        defer { slab.release(fiber) }
        // Around the data stands the event: one level.
        let trees = (levels - 1) / 2
        let data = String(repeating: "{\"kids\":[", count: trees) + String(repeating: "]}", count: trees)
        let event = "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"x\",\"data\":\(data)}"
        let value: Value
        do throws(JSONError) {
            value = try slab.scan(Array(event.utf8), for: fiber)
        } catch {
            return "\(error)"
        }
        let action = try #require(deployment.subscriptions.first?.rules.first?.action)
        let arena = try #require(slab.arena(of: fiber))
        switch slab.start(fiber, action, argument: value) {
        case .finished(.returned(let value)): return String(decoding: try value.json(), as: UTF8.self)
        case .faulted(let fault): return "\(fault.code.rawValue) \(fault.message)"
        case .finished(.invalidInput(let failure)): return failure.field("message", in: arena).asString ?? ""
        case .finished, .suspended, .forked: return "something else"
        }
    }

    @Test(arguments: [
        (levels: 127, limit: 128 as UInt16, gives: "[true,693]"),
        (131, 128, "nested deeper than 128 at byte"),
        (131, 132, "[true,715]"),
        (999, FiberLimits.jsonDepthCeiling, "[true,5489]"),
        (1_003, FiberLimits.jsonDepthCeiling, "nested deeper than 1000 at byte"),
        (200_001, FiberLimits.jsonDepthCeiling, "nested deeper than 1000 at byte"),
    ])
    func `JSON is read, fitted and compared as deep as the limit says, within the stack`(
        levels: Int, limit: UInt16, gives: String
    ) {
        let found = Self.onThreadOfItsOwn(or: "a thrown error") { try Self.run(levels: levels, limit: limit) }
        #expect(found.hasPrefix(gives), "\(found)")
    }
}
