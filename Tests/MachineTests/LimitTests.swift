import Diagnostics
import Testing

@testable import Machine

struct LimitTests {
    private func endless(_ body: (inout Assembler) -> Void) throws -> Workbench {
        try Workbench { code in
            let head = code.newLabel()
            code.emit(.beginList, 0, at: nowhere)
            code.emit(.loadConstant, 1, word: code.constant(.string(String(repeating: "x", count: 1000))), at: nowhere)
            code.bind(head)
            body(&code)
            code.emitJump(.loop, to: head, at: nowhere)
        }
    }

    @Test func `an endless loop runs out of fuel`() throws {
        let bench = try endless { _ in }
        bench.limits.fuelSteps = 5000
        #expect(bench.run() == .fault(.outOfFuel, "ran out of fuel after 5000 steps"))
    }

    @Test func `values that grow without end run out of memory, to the byte`() throws {
        let bench = try endless { code in
            code.emit(.concatenate, 2, 1, 1, at: nowhere)
            code.emit(.append, 0, 2, at: nowhere)
        }
        bench.limits.arenaBytesMax = 100_000
        #expect(bench.run() == .fault(.outOfMemory, "the run's values take more than 100000 bytes"))
        let doubling = try endless { code in
            code.emit(.move, 2, 1, at: nowhere)
            code.emit(.concatenate, 1, 1, 2, at: nowhere)
        }
        doubling.limits.fuelSteps = 100_000_000
        #expect(doubling.run() == .fault(.outOfMemory, "the run's values take more than 67108864 bytes"))
    }

    @Test func `calls end at their depth`() throws {
        var code = Assembler()
        let deep = code.declareFunction(name: "deep", parameterCount: 1, range: nowhere)
        code.begin(deep)
        let more = code.newLabel()
        code.emitJump(.jumpUnlessLessInt, 0, imm16: 1, to: more, at: nowhere)
        code.emit(.returnValue, 0, at: nowhere)
        code.bind(more)
        code.emit(.addInt, 200, 0, -1, at: nowhere)
        code.emit(.call, 1, 200, word: deep.rawValue, at: nowhere)
        code.emit(.returnValue, 1, at: nowhere)
        code.end(registerCount: 255)
        let bench = Workbench(program: try code.finish())
        #expect(bench.run([.int(64)]) == .returned(.int(0)))
        #expect(bench.run([.int(65)]) == .fault(.callDepthExceeded, "calls are nested deeper than 64"))
    }

    @Test func `a value nested too deep can be made, but not compared or written`() throws {
        let bench = try Workbench(parameters: 1) { code in
            let step = code.newLabel(), body = code.newLabel()
            code.emit(.loadInt, 1, imm16: 0, at: nowhere)
            code.emit(.iterateRange, 2, 1, 0, word: 1, at: nowhere)
            code.emit(.newList, 6, 1, 1, at: nowhere)
            code.emitJump(.jump, to: step, at: nowhere)
            code.bind(body)
            code.emit(.newList, 6, 6, 1, at: nowhere)
            code.bind(step)
            code.emitJump(.nextInt, 2, 5, 5, to: body, at: nowhere)
            code.emit(.newList, 7, 6, 1, at: nowhere)
            code.emit(.newList, 8, 6, 1, at: nowhere)
            code.emit(.equal, 9, 7, 8, at: nowhere)
            code.emit(.callBuiltin, 9, 7, 1, word: Builtin.index(named: "to_json")!, at: nowhere)
            code.emit(.returnValue, 9, at: nowhere)
        }
        guard case .returned(.string) = bench.run([.int(100)]) else {
            Issue.record("a hundred levels are fine")
            return
        }
        guard case .fault(.nestedTooDeep, _) = bench.run([.int(200)]) else {
            Issue.record("two hundred levels are not")
            return
        }
    }

    @Test func `what the host adds beyond the limit ends the run at its next step`() throws {
        let bench = try Workbench { code in
            let site = code.effectSite(
                EffectSite(
                    kind: .now, resource: nil, firstOperand: 0, positionalCount: 0, options: [], template: [],
                    label: "now", handler: "main", ordinal: 0,
                    range: nowhere))
            code.emit(.effect, 1, word: site.rawValue, at: nowhere)
            code.emit(.returnNull, at: nowhere)
        }
        bench.limits.arenaBytesMax = 10_000
        let ref = bench.create()
        let arena = bench.slab.arena(of: ref)!
        _ = bench.slab.start(ref, FunctionIndex(0), arguments: [])
        let reply = arena.string(String(repeating: "x", count: 20_000))
        #expect(reply.asString?.count == 20_000)
        #expect(
            Outcome(bench.slab.resume(ref, value: reply), arena)
                == .fault(.outOfMemory, "the run's values take more than 10000 bytes"))
        bench.slab.release(ref)
    }

    @Test func `memory is given back, and taken again`() throws {
        let bench = try endless { code in
            code.emit(.concatenate, 2, 1, 1, at: nowhere)
            code.emit(.append, 0, 2, at: nowhere)
        }
        bench.limits.arenaBytesMax = 1 << 20
        for _ in 0..<50 {
            #expect(bench.run() == .fault(.outOfMemory, "the run's values take more than 1048576 bytes"))
        }
        #expect(bench.slab.liveCount == 0)
    }

    @Test func `a small suspended fiber takes its block of 2 KiB and no more`() throws {
        #expect(MemoryLayout<Value>.size == 16)
        #expect(FiberBlock.byteCount <= 2048)
        #expect(MemoryLayout<FiberHeader>.stride <= 256)
        let bench = try Workbench(parameters: 1, registers: 24) { code in
            let site = code.effectSite(
                EffectSite(
                    kind: .sleep, resource: nil, firstOperand: 0, positionalCount: 1, options: [], template: [],
                    label: "sleep", handler: "main", ordinal: 0,
                    range: nowhere))
            code.emit(.effect, 1, word: site.rawValue, at: nowhere)
            code.emit(.returnValue, 1, at: nowhere)
        }
        let ref = bench.create()
        let arena = bench.slab.arena(of: ref)!
        let event = try arena.json(String(repeating: " ", count: 600) + "{}")
        #expect(Outcome(bench.slab.start(ref, FunctionIndex(0), argument: event), arena) == .suspended(0))
        #expect(arena.usedBytes < 2048)
        #expect(unsafe arena.state.pointee.chunks == nil)
        bench.slab.release(ref)
    }

    @Test func `a slab has an end`() throws {
        let program = try Workbench { $0.emit(.returnNull, at: nowhere) }.program
        let slab = FiberSlab(fibersMax: 70)
        let refs = (0..<70).compactMap { _ in slab.create(program: program, limits: .standard) }
        #expect(refs.count == 70 && Set(refs).count == 70)
        #expect(slab.create(program: program, limits: .standard) == nil)
        slab.release(refs[3])
        let again = try #require(slab.create(program: program, limits: .standard))
        #expect(again.index == refs[3].index && again.generation != refs[3].generation)
        #expect(slab.liveCount(of: program) == 70)
    }

    @Test func `a stale reference is refused everywhere`() throws {
        let bench = try Workbench { $0.emit(.returnNull, at: nowhere) }
        let stale = bench.create()
        bench.slab.release(stale)
        let fresh = bench.create()
        #expect(stale.index == fresh.index)
        bench.slab.release(stale)
        #expect(bench.slab.isAlive(fresh) && !bench.slab.isAlive(stale))
        #expect(bench.slab.arena(of: stale) == nil)
        guard case .faulted = bench.slab.resume(stale, value: .null),
            case .faulted = bench.slab.start(stale, FunctionIndex(0), arguments: [])
        else {
            Issue.record("a stale reference ran")
            return
        }
        // Nor may a fiber be resumed that does not wait.
        guard case .faulted = bench.slab.resume(fresh, value: .null) else {
            Issue.record("resumed what was not suspended")
            return
        }
        bench.slab.release(fresh)
    }
}
