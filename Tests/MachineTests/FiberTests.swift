import Diagnostics
import Testing

@testable import Machine

struct FiberTests {
    @Test func `a fiber suspends, takes the reply and finishes`() throws {
        let bench = try Workbench { code in
            let site = code.effectSite(
                EffectSite(
                    kind: .now, resource: nil, firstOperand: 0, positionalCount: 0, options: [], template: [],
                    label: "now", handler: "main", ordinal: 0, range: nowhere))
            code.emit(.effect, 1, word: site.rawValue, at: nowhere)
            code.emit(.addInt, 2, 1, 5, at: nowhere)
            code.emit(.returnValue, 2, at: nowhere)
        }
        let ref = bench.create()
        let arena = bench.slab.arena(of: ref)!
        #expect(Outcome(bench.slab.start(ref, FunctionIndex(0), arguments: []), arena) == .suspended(0))
        #expect(Outcome(bench.slab.resume(ref, value: .int(7)), arena) == .returned(.int(12)))
        bench.slab.release(ref)
        #expect(!bench.slab.isAlive(ref))
    }

    @Test func `a function calls itself`() throws {
        var code = Assembler()
        let fib = code.declareFunction(name: "fib", parameterCount: 1, range: nowhere)
        code.begin(fib)
        writeFib(&code, fib)
        code.end(registerCount: 5)
        let bench = Workbench(program: try code.finish())
        #expect(bench.run([.int(15)]) == .returned(.int(610)))
    }
}

/// `if n < 2 { n } else { fib(n - 1) + fib(n - 2) }`
func writeFib(_ code: inout Assembler, _ fib: FunctionIndex) {
    let big = code.newLabel()
    code.emitJump(.jumpUnlessLessInt, 0, imm16: 2, to: big, at: nowhere)
    code.emit(.returnValue, 0, at: nowhere)
    code.bind(big)
    code.emit(.addInt, 2, 0, -1, at: nowhere)
    code.emit(.call, 1, 2, word: fib.rawValue, at: nowhere)
    code.emit(.addInt, 3, 0, -2, at: nowhere)
    code.emit(.call, 2, 3, word: fib.rawValue, at: nowhere)
    code.emit(.add, 1, 1, 2, at: nowhere)
    code.emit(.returnValue, 1, at: nowhere)
}
