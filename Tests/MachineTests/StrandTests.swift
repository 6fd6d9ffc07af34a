import Diagnostics
import Testing

@testable import Machine

/// A `together` over the arguments: each branch asks for `shelf.get(argument)` and then runs `write`, with the argument
/// in register 0 and the reply in register 1.
private func fork(
    over arguments: [Constant], limits: FiberLimits = .standard,
    branch write: (inout Assembler) -> Void = { $0.emit(.returnValue, 1, at: nowhere) }
) throws -> Forked {
    var code = Assembler()
    let main = code.declareFunction(name: "main", parameterCount: 0, range: nowhere)
    let branch = code.declareFunction(name: "branch", parameterCount: 1, range: nowhere)
    code.begin(main)
    let from = code.newLabel(), to = code.newLabel(), target = code.newLabel()
    code.emit(.beginList, 0, at: nowhere)
    for argument in arguments {
        code.emit(.loadConstant, 2, word: code.constant(argument), at: nowhere)
        code.emit(.branch, 0, 2, word: branch.rawValue, at: nowhere)
    }
    code.bind(from)
    code.emit(.join, 1, 0, at: nowhere)
    code.bind(to)
    code.emit(.returnValue, 1, at: nowhere)
    code.bind(target)
    code.emit(.getField, 1, 3, word: code.constant(.string("message")), at: nowhere)
    code.emit(.returnValue, 1, at: nowhere)
    code.catchRange(from: from, to: to, target: target, register: 3)
    code.end(registerCount: 4)
    code.begin(branch)
    let site = code.effectSite(
        EffectSite(
            kind: .stateGet, resource: ResourceIndex(0), firstOperand: 0, positionalCount: 1, options: [], template: [],
            label: "shelf.get", handler: "main", ordinal: 0, range: nowhere))
    code.emit(.effect, 1, word: site.rawValue, at: nowhere)
    write(&code)
    code.end(registerCount: 6)
    let bench = Workbench(program: try code.finish())
    bench.limits = limits
    return Forked(bench)
}

/// A run that has come to its `together`.
private final class Forked {
    let bench: Workbench
    let ref: FiberRef
    let arena: Arena
    var slab: FiberSlab { bench.slab }
    /// By the text of the operand.
    private(set) var strands: [Int64: Strand] = [:]
    private(set) var asked: [Int64] = []
    private(set) var end: Outcome?

    init(_ bench: Workbench) {
        self.bench = bench
        ref = bench.create()
        arena = bench.slab.arena(of: ref)!
        let step = slab.start(ref, FunctionIndex(0), arguments: [])
        if case .forked = step { goOn(slab.proceed(ref)) } else { end = Outcome(step, arena) }
    }

    deinit { slab.release(ref) }

    private func goOn(_ first: (strand: Strand, step: Step)?) {
        var next = first
        while let (strand, step) = next {
            guard case .suspended = step else {
                end = Outcome(step, arena)
                return
            }
            let operand = slab.operand(0, of: ref, strand).asInt!
            strands[operand] = strand
            asked.append(operand)
            next = slab.proceed(ref)
        }
    }

    func reply(_ operand: Int64, _ value: Value) { goOn(slab.resume(ref, strands[operand]!, value: value)) }
    func fail(_ operand: Int64, _ message: String) {
        let failure = arena.failure(class: .unavailable, message: message, origin: .effect)
        goOn(slab.resume(ref, strands[operand]!, failure: failure))
    }
}

struct StrandTests {
    @Test func `branches ask in source order, and their values come in that order whatever replies first`() throws {
        let run = try fork(over: [.int(1), .int(2), .int(3)])
        #expect(run.asked == [1, 2, 3])
        run.reply(2, .int(20))
        run.reply(3, .int(30))
        #expect(run.end == nil)
        run.reply(1, .int(10))
        #expect(run.end == .returned(.list([.int(10), .int(20), .int(30)])))
    }

    @Test func `all branches are waited for, then the first failure in source order is raised`() throws {
        let run = try fork(over: [.int(1), .int(2), .int(3)])
        run.fail(3, "third")
        run.fail(2, "second")
        #expect(run.end == nil)
        run.reply(1, .null)
        #expect(run.end == .returned(.string("second")))
    }

    @Test func `a fault in one branch ends the run when the others have ended, and wins over their ends`() throws {
        let run = try fork(over: [.int(1), .int(0), .int(3)]) { code in
            code.emit(.remainder, 1, 1, 0, at: nowhere)
            code.emit(.retry, 1, at: nowhere)
        }
        run.reply(0, .int(5))
        #expect(run.slab.branchFault(of: run.ref)?.code == .divisionByZero)
        run.reply(3, .int(5))
        #expect(run.end == nil)
        run.reply(1, .int(5))
        #expect(run.end == .fault(.divisionByZero, "`5 % 0`: division by zero"))
    }

    @Test func `the end of the run in a branch comes when all have ended, the first in source order`() throws {
        let run = try fork(over: [.int(1), .int(2)]) { $0.emit(.drop, 1, at: nowhere) }
        run.reply(2, .string("b", run.arena))
        run.reply(1, .string("a", run.arena))
        #expect(run.end == .drop(.string("a")))
    }

    @Test func `no branches give no values, and a reply to a strand that does not wait is refused`() throws {
        #expect(try fork(over: []).end == .returned(.list([])))
        let run = try fork(over: [.int(1), .int(2)])
        let first = run.strands[1]!
        run.reply(1, .int(10))
        #expect(run.slab.resume(run.ref, first, value: .int(11)) == nil)
        #expect(run.slab.operand(0, of: run.ref, first).isNull)
        guard case .faulted = run.slab.resume(run.ref, value: .null) else {
            Issue.record("the run itself waits for its branches")
            return
        }
        run.reply(2, .int(20))
        #expect(run.end == .returned(.list([.int(10), .int(20)])))
        #expect(run.slab.resume(run.ref, first, value: .int(11)) == nil)
        run.slab.release(run.ref)
        #expect(run.slab.resume(run.ref, first, value: .int(11)) == nil && run.slab.proceed(run.ref) == nil)
    }

    @Test func `a released run takes its branches with it, and its memory serves the next one`() throws {
        let run = try fork(over: (0..<100).map { .int(Int64($0)) })
        let old = run.strands[50]!
        run.slab.release(run.ref)
        #expect(run.slab.liveCount == 0)
        let next = Forked(run.bench)
        #expect(run.slab.resume(run.ref, old, value: .null) == nil)
        for number in 0..<100 { next.reply(Int64(number), .int(number)) }
        #expect(next.end == .returned(.list((0..<100).map { .int(Int64($0)) })))
    }

    @Test func `effects in flight, fuel and memory are limits of the whole run`() throws {
        var limits = FiberLimits.standard
        limits.effectsInFlightMax = 2
        let many = try fork(over: [.int(1), .int(2), .int(3)], limits: limits)
        #expect(many.asked == [1, 2])
        many.reply(1, .null)
        many.reply(2, .null)
        #expect(many.end == .fault(.tooManyEffects, "more than 2 effects are in flight at once"))

        limits = .standard
        limits.fuelSteps = 50
        let loop: (inout Assembler) -> Void = { code in
            let top = code.newLabel()
            code.bind(top)
            code.emitJump(.loop, to: top, at: nowhere)
        }
        let endless = try fork(over: [.int(1), .int(2)], limits: limits, branch: loop)
        endless.reply(1, .null)
        #expect(endless.end == nil)
        endless.reply(2, .null)
        #expect(endless.end == .fault(.outOfFuel, "ran out of fuel after 50 steps"))

        limits = .standard
        limits.arenaBytesMax = 16_384
        let wide = try fork(over: (0..<1000).map { .int(Int64($0)) }, limits: limits)
        #expect(wide.end == .fault(.outOfMemory, "the run's values take more than 16384 bytes"))
    }
}

/// `nested(n)` begins two branches of `nested(n - 1)`; at 0 it asks for `n`.
private func nested(_ depth: Int64, callDepthMax: UInt16 = 64) throws -> (Outcome?, [[UInt32]]) {
    var code = Assembler()
    let main = code.declareFunction(name: "nested", parameterCount: 1, range: nowhere)
    code.begin(main)
    let leaf = code.newLabel()
    let site = code.effectSite(
        EffectSite(
            kind: .uuid, resource: nil, firstOperand: 0, positionalCount: 0, options: [], template: [], label: "uuid",
            handler: "main", ordinal: 0, range: nowhere))
    code.emit(.loadInt, 1, imm16: 0, at: nowhere)
    code.emit(.equal, 1, 0, 1, at: nowhere)
    code.emitJump(.jumpIfTrue, 1, to: leaf, at: nowhere)
    code.emit(.beginList, 1, at: nowhere)
    code.emit(.addInt, 2, 0, -1, at: nowhere)
    code.emit(.branch, 1, 2, word: main.rawValue, at: nowhere)
    code.emit(.branch, 1, 2, word: main.rawValue, at: nowhere)
    code.emit(.join, 1, 1, at: nowhere)
    code.emit(.loadInt, 2, imm16: 0, at: nowhere)
    code.emit(.loadInt, 3, imm16: 1, at: nowhere)
    code.emit(.getIndex, 2, 1, 2, at: nowhere)
    code.emit(.getIndex, 3, 1, 3, at: nowhere)
    code.emit(.add, 1, 2, 3, at: nowhere)
    code.emit(.returnValue, 1, at: nowhere)
    code.bind(leaf)
    code.emit(.effect, 1, word: site.rawValue, at: nowhere)
    code.emit(.returnValue, 1, at: nowhere)
    code.end(registerCount: 4)
    let bench = Workbench(program: try code.finish())
    bench.limits.callDepthMax = callDepthMax
    let ref = bench.create()
    defer { bench.slab.release(ref) }
    let arena = bench.slab.arena(of: ref)!
    var paths: [[UInt32]] = []
    var waiting: [Strand] = []
    guard case .forked = bench.slab.start(ref, FunctionIndex(0), argument: .int(depth)) else { return (nil, []) }
    var next = bench.slab.proceed(ref)
    while true {
        while let (strand, step) = next {
            guard case .suspended = step else { return (Outcome(step, arena), paths) }
            paths.append(bench.slab.path(of: strand, in: ref))
            waiting.append(strand)
            next = bench.slab.proceed(ref)
        }
        guard let strand = waiting.popLast() else { return (nil, paths) }
        next = bench.slab.resume(ref, strand, value: .int(1))
    }
}

struct NestedStrandTests {
    @Test func `branches have branches, and every one of them a place of its own`() throws {
        let (end, paths) = try nested(3)
        #expect(end == .returned(.int(8)))
        #expect(paths.count == 8 && Set(paths).count == 8)
        #expect(paths.contains([0, 1, 0, 0, 0, 1]))
    }

    @Test func `branches within branches count as calls`() throws {
        #expect(try nested(8, callDepthMax: 4).0 == .fault(.callDepthExceeded, "calls are nested deeper than 4"))
    }

    @Test func `the verifier knows branches and joins`() throws {
        var code = Assembler()
        let main = code.declareFunction(name: "main", parameterCount: 0, range: nowhere)
        let other = code.declareFunction(name: "other", parameterCount: 3, range: nowhere)
        code.begin(main)
        code.emit(.beginList, 0, at: nowhere)
        code.emit(.branch, 0, 1, word: other.rawValue, at: nowhere)
        code.emit(.join, 0, 0, at: nowhere)
        code.emit(.returnValue, 0, at: nowhere)
        code.end(registerCount: 3)
        code.begin(other)
        code.emit(.returnNull, at: nowhere)
        code.end(registerCount: 3)
        let problem = #expect(throws: VerificationError.self) { try code.finish() }
        #expect(problem?.description == "main, word 1: branch: arguments beyond the frame")
    }

    @Test func `a join of what is no list of branches is a fault`() throws {
        let bench = try Workbench { code in
            code.emit(.loadInt, 0, imm16: 7, at: nowhere)
            code.emit(.newList, 1, 0, 1, at: nowhere)
            code.emit(.join, 2, 1, at: nowhere)
            code.emit(.returnValue, 2, at: nowhere)
        }
        #expect(bench.run() == .fault(.unreachableReached, "a branch that is none"))
        #expect(bench.program.disassembly().contains("join        r2, r1\n"))
    }
}

extension Value {
    static func string(_ text: String, _ arena: Arena) -> Value { arena.string(text) }
}
