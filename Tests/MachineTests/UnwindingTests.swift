import Diagnostics
import Testing

@testable import Machine

struct UnwindingTests {
    private static func site(_ code: inout Assembler) -> UInt32 {
        code.effectSite(
            EffectSite(
                kind: .stateGet, resource: ResourceIndex(0), firstOperand: 0, positionalCount: 1, options: [.timeout],
                template: [],
                label: "shelf.get", handler: "main", ordinal: 0, range: nowhere)
        ).rawValue
    }

    /// `inner(x)` fails with x; `main` calls it inside of a catch, or not.
    private func program(catches: Bool) throws -> Program {
        var code = Assembler()
        let main = code.declareFunction(name: "main", parameterCount: 1, range: nowhere)
        let inner = code.declareFunction(name: "inner", parameterCount: 1, range: nowhere)
        code.begin(main)
        let from = code.newLabel(), to = code.newLabel(), target = code.newLabel()
        code.bind(from)
        code.emit(.move, 2, 0, at: nowhere)
        code.emit(.call, 1, 2, word: inner.rawValue, at: nowhere)
        code.bind(to)
        code.emit(.returnValue, 1, at: nowhere)
        code.bind(target)
        code.emit(.getField, 4, 3, word: code.constant(.string("class")), at: nowhere)
        code.emit(.getField, 5, 3, word: code.constant(.string("message")), at: nowhere)
        code.emit(.getField, 6, 3, word: code.constant(.string("details")), at: nowhere)
        code.emit(.newList, 7, 4, 3, at: nowhere)
        code.emit(.returnValue, 7, at: nowhere)
        if catches { code.catchRange(from: from, to: to, target: target, register: 3) }
        code.end(registerCount: 8)
        code.begin(inner)
        code.emit(.loadConstant, 1, word: code.constant(.string("gone")), at: nowhere)
        code.emit(.move, 2, 0, at: nowhere)
        code.emit(.newFailure, 3, 1, Int(FailureClass.notFound.rawValue), at: nowhere)
        code.emit(.raise, 3, at: nowhere)
        code.end(registerCount: 4)
        return try code.finish()
    }

    @Test func `a failure is caught in the caller`() throws {
        let outcome = Workbench(program: try program(catches: true)).run([.int(7)])
        #expect(outcome == .returned(.list([.string("not_found"), .string("gone"), .int(7)])))
    }

    @Test func `a failure that nobody catches ends the run`() throws {
        #expect(Workbench(program: try program(catches: false)).run([.int(7)]) == .failed(.notFound, "gone"))
    }

    @Test func `an effect's failure is raised where it was asked for, and keeps its origin when raised again`() throws {
        func bench(catches: Bool) throws -> Workbench {
            try Workbench(parameters: 2) { code in
                let from = code.newLabel(), to = code.newLabel(), target = code.newLabel()
                code.bind(from)
                code.emit(.effect, 2, word: Self.site(&code), at: nowhere)
                code.bind(to)
                code.emit(.returnValue, 2, at: nowhere)
                code.bind(target)
                code.emit(.raise, 3, at: nowhere)
                if catches { code.catchRange(from: from, to: to, target: target, register: 3) }
            }
        }
        for catches in [true, false] {
            let bench = try bench(catches: catches)
            let ref = bench.create()
            let arena = bench.slab.arena(of: ref)!
            let step = bench.slab.start(
                ref, FunctionIndex(0), arguments: [arena.string("key"), .duration(nanoseconds: 5)])
            #expect(Outcome(step, arena) == .suspended(0))
            #expect(bench.slab.operand(0, of: ref).asString == "key")
            #expect(bench.slab.operand(.timeout, of: ref)?.asDurationNanoseconds == 5)
            #expect(bench.slab.operand(.etag, of: ref) == nil)
            #expect(bench.slab.pendingSite(of: ref)?.label == "shelf.get")
            let failure = arena.failure(class: .unavailable, message: "down", origin: .effect)
            guard case .finished(.failed(let end)) = bench.slab.resume(ref, failure: failure) else {
                Issue.record("did not fail")
                return
            }
            #expect(end.failureParts?.origin == .effect)
            #expect(end.failureParts?.word == 0 || end.failureParts?.word == 1)
            bench.slab.release(ref)
        }
    }

    @Test func `the innermost catch takes it, and a failure in its handler goes on to the outer one`() throws {
        let bench = try Workbench { code in
            let a = code.newLabel(), b = code.newLabel(), inner = code.newLabel(), end = code.newLabel(),
                outer = code.newLabel()
            code.bind(a)
            code.emit(.loadConstant, 0, word: code.constant(.string("first")), at: nowhere)
            code.emit(.newFailure, 2, 0, Int(FailureClass.invalid.rawValue), at: nowhere)
            code.emit(.raise, 2, at: nowhere)
            code.bind(b)
            code.emit(.returnNull, at: nowhere)
            code.bind(inner)
            code.emit(.loadConstant, 0, word: code.constant(.string("second")), at: nowhere)
            code.emit(.newFailure, 2, 0, Int(FailureClass.conflict.rawValue), at: nowhere)
            code.emit(.raise, 2, at: nowhere)
            code.bind(end)
            code.emit(.returnNull, at: nowhere)
            code.bind(outer)
            code.emit(.getField, 5, 4, word: code.constant(.string("message")), at: nowhere)
            code.emit(.returnValue, 5, at: nowhere)
            code.catchRange(from: a, to: b, target: inner, register: 3)
            code.catchRange(from: a, to: end, target: outer, register: 4)
        }
        #expect(bench.run() == .returned(.string("second")))
    }

    @Test func `a fault is not caught, and knows its place`() throws {
        let place = SourceRange(file: SourceFileID(0), start: 10, end: 12)
        let bench = try Workbench { code in
            let from = code.newLabel(), to = code.newLabel(), target = code.newLabel()
            code.bind(from)
            code.emit(.loadInt, 0, imm16: 0, at: nowhere)
            code.emit(.remainder, 1, 0, 0, at: place)
            code.bind(to)
            code.emit(.returnNull, at: nowhere)
            code.bind(target)
            code.emit(.returnNull, at: nowhere)
            code.catchRange(from: from, to: to, target: target, register: 3)
        }
        let ref = bench.create()
        guard case .faulted(let fault) = bench.slab.start(ref, FunctionIndex(0), arguments: []) else {
            Issue.record("caught a fault")
            return
        }
        #expect(fault.code == .divisionByZero)
        #expect(bench.program.range(atWord: try #require(fault.word)) == place)
        #expect(bench.program.function(atWord: try #require(fault.word)) == FunctionIndex(0))
        bench.slab.release(ref)
    }

    @Test func `a secret stays one through texts, and is written nowhere`() throws {
        let bench = try Workbench(parameters: 1) { code in
            code.emit(.loadConstant, 1, word: code.constant(.string("Bearer ")), at: nowhere)
            code.emit(.move, 2, 0, at: nowhere)
            code.emit(.concatenate, 3, 1, 2, at: nowhere)
            code.emit(.returnValue, 3, at: nowhere)
        }
        let ref = bench.create()
        let arena = bench.slab.arena(of: ref)!
        guard
            case .finished(.returned(let value)) = bench.slab.start(
                ref, FunctionIndex(0), argument: arena.secret("s3cret"))
        else {
            Issue.record("did not return")
            return
        }
        #expect(value.kind == .secret && value.asSecret == "Bearer s3cret" && value.asString == nil)
        #expect(throws: Fault.self) { try arena.list([value]).json() }
        bench.slab.release(ref)
    }
}
