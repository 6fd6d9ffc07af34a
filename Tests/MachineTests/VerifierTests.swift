import Diagnostics
import Foundation
import Testing

@testable import Machine

struct VerifierTests {
    private func error(registers: Int = 4, _ write: (inout Assembler) -> Void) -> String? {
        var code = Assembler()
        let main = code.declareFunction(name: "main", parameterCount: 0, range: nowhere)
        code.begin(main)
        write(&code)
        code.end(registerCount: registers)
        do throws(VerificationError) {
            _ = try code.finish()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func `malformed programs are refused`() {
        #expect(error { $0.emit(.returnNull, at: nowhere) } == nil)
        #expect(
            error { $0.emit(.returnValue, 4, at: nowhere) } == "main, word 0: returnValue: register 4 of a frame of 4")
        #expect(error { $0.emit(.loadNull, 0, at: nowhere) } == "main, word 1: runs off its end")
        #expect(error { _ in } == "main, word 0: its code is outside of the program")
        #expect(
            error {
                $0.emit(.loadConstant, 0, word: 9, at: nowhere); $0.emit(.returnNull, at: nowhere)
            } == "main, word 0: loadConstant: no constant 9")
        #expect(
            error {
                $0.emit(.getField, 0, 0, word: $0.constant(.int(1)), at: nowhere); $0.emit(.returnNull, at: nowhere)
            } == "main, word 0: getField: no key 0")
        #expect(
            error {
                $0.emit(.concatenate, 0, 2, 3, at: nowhere); $0.emit(.returnNull, at: nowhere)
            } == "main, word 0: concatenate: register 4 of a frame of 4")
        #expect(
            error {
                $0.emit(.iterate, 2, 0, at: nowhere); $0.emit(.returnNull, at: nowhere)
            } == "main, word 0: iterate: register 4 of a frame of 4")
        #expect(
            error {
                $0.emit(.callBuiltin, 0, 0, 1, word: 9999, at: nowhere); $0.emit(.returnNull, at: nowhere)
            } == "main, word 0: callBuiltin: no builtin 9999")
        #expect(
            error {
                $0.emit(.callBuiltin, 0, 0, 1, word: Builtin.index(named: "split")!, at: nowhere);
                $0.emit(.returnNull, at: nowhere)
            }
                == "main, word 0: callBuiltin: `split` does not take 0 arguments")
        #expect(
            error {
                $0.emit(.loadSlot, 0, imm16: 77, at: nowhere); $0.emit(.returnNull, at: nowhere)
            } == "main, word 0: loadSlot: no such slot")
        #expect(
            error { $0.emit(.jump, word: 0, at: nowhere) } == "main, word 0: jumps to 2, which is no instruction of it")
        #expect(
            error { $0.emit(.jump, word: UInt32(bitPattern: -2), at: nowhere) }
                == "main, word 0: jump: goes backward without `loop`")
        #expect(
            error { $0.emit(.loadInt, 0, imm16: 70_000, at: nowhere) }
                == "main, word 0: loadInt: 70000 does not fit 16 bits")
        #expect(error { $0.emit(.move, 300, 0, at: nowhere) } == "main, word 0: move: operand 300 does not fit a byte")
        #expect(
            error {
                let label = $0.newLabel(); $0.emitJump(.jump, to: label, at: nowhere)
            } == "main, word 1: a jump to a label that was never bound")
        #expect(
            error {
                _ = $0.keyList(["a", "a"]); $0.emit(.returnNull, at: nowhere)
            } == "key list 0 names a key twice".prefixed)
        #expect(
            error {
                _ = $0.reserveShape(); $0.emit(.returnNull, at: nowhere)
            } == "shape 0 is reserved but not defined".prefixed)
        #expect(
            error {
                _ = $0.declareFunction(name: "f", parameterCount: 0, range: nowhere); $0.emit(.returnNull, at: nowhere)
            } == "f, word 0: declared but never defined")
        #expect(
            error(registers: 300) { $0.emit(.returnNull, at: nowhere) }
                == "main, word 0: 300 registers do not fit a frame")
    }

    @Test func `random words are refused or run, never worse`() throws {
        var random = SeededGenerator(
            state: ProcessInfo.processInfo.environment["PATCHBAY_FUZZ_SEED"].flatMap { UInt64($0) } ?? 5)
        var accepted = 0
        // `make fuzz` asks for more, from elsewhere.
        let environment = ProcessInfo.processInfo.environment
        let rounds = environment["PATCHBAY_VERIFIER_ROUNDS"].flatMap { Int($0) } ?? 3000
        for _ in 0..<rounds {
            var code = Assembler()
            let main = code.declareFunction(name: "main", parameterCount: 1, range: nowhere)
            let texts = ["a", "b", "c"].map { code.constant(.string($0)) }
            code.begin(main)
            for _ in 0..<6 {
                let opcode = Opcode.allCases.randomElement(using: &random)!
                let operands = (0..<3).map { _ in Int.random(in: 0...5, using: &random) }
                if opcode.layout.wordCount == 2 {
                    code.emit(
                        opcode, operands[0], operands[1], operands[2], word: texts.randomElement(using: &random)!,
                        at: nowhere)
                } else {
                    code.emit(opcode, operands[0], operands[1], operands[2], at: nowhere)
                }
            }
            code.emit(.returnValue, 0, at: nowhere)
            code.end(registerCount: 8)
            guard let program = try? code.finish() else { continue }
            accepted += 1
            let bench = Workbench(program: program)
            bench.limits.fuelSteps = 1000
            for argument in [
                Constant.null, .int(3), .string("a"), .list([.int(1)]), .object([.init(key: "a", value: .null)]),
            ] { _ = bench.run([argument]) }
            #expect(!program.disassembly().isEmpty)
        }
        #expect(accepted > 20)
    }

    @Test func `a program can be read`() throws {
        let bench = try Workbench(parameters: 1, registers: 5) { code in
            writeFib(&code, FunctionIndex(0))
        }
        #expect(
            bench.program.disassembly() == """
                main: 1 parameter, 5 registers
                         0  jumpUnlessLessInt r0, 2, to L1
                         2  returnValue       r0
                L1:      3  addInt            r2, r0, -1
                         4  call              r1, r2, main
                         6  addInt            r3, r0, -2
                         7  call              r2, r3, main
                         9  add               r1, r1, r2
                        10  returnValue       r1

                """)
    }

    @Test func `a listing shows what each operand is, and the source above its code`() throws {
        let line1 = SourceRange(file: SourceFileID(0), start: 0, end: 1),
            line2 = SourceRange(file: SourceFileID(0), start: 9, end: 10)
        let bench = try Workbench(parameters: 1, registers: 12) { code in
            let failed = code.newLabel(), from = code.newLabel(), to = code.newLabel(), end = code.newLabel()
            let slot = code.slot(path: [.key("data"), .key("lines"), .index(0)])
            let site = code.effectSite(
                EffectSite(
                    kind: .sqlExecute, resource: nil, firstOperand: 4, positionalCount: 2, options: [.timeout],
                    template: ["INSERT INTO t\n  VALUES ($1, $2)"], label: "inventory.exec", handler: "main",
                    ordinal: 0, range: line2))
            code.emit(.loadSlot, 1, imm16: slot, at: line1)
            code.emit(.loadConstant, 2, word: code.constant(.string(String(repeating: "long ", count: 40))), at: line1)
            code.emitJump(.jumpUnlessEqualConstant, 1, imm16: Int(code.constant(.string("a"))), to: failed, at: line1)
            code.emit(.isKind, 3, 1, Int(Value.Kind.object.rawValue), at: line2)
            code.emit(.newObject, 3, 1, 2, word: code.keyList(["id", "odd key"]), at: line2)
            code.emit(.callBuiltin, 3, 1, 2, word: Builtin.index(named: "starts_with")!, at: line2)
            code.bind(from)
            code.emit(.effect, 3, word: site.rawValue, at: line2)
            code.bind(to)
            code.emitJump(.jump, to: end, at: line2)
            code.bind(failed)
            code.catchRange(from: from, to: to, target: failed, register: 7)
            code.emit(.newFailure, 7, 1, Int(FailureClass.conflict.rawValue), at: line2)
            code.bind(end)
            code.emit(.returnBool, 0, 1, at: line2)
        }
        let lines = [(1, "let a = event"), (2, "  inventory.exec …")]
        #expect(
            bench.program.disassembly { lines[$0.start == 0 ? 0 : 1] } == """
                main: 1 parameter, 12 registers
                    1 | let a = event
                         0  loadSlot                r1, event.data.lines[0]
                         1  loadConstant            r2, "long long long long long long long long long long long lon…
                         3  jumpUnlessEqualConstant r1, "a", to L1
                    2 |   inventory.exec …
                         5  isKind                  r3, r1, object
                         6  newObject               r3, r1..r2, {id, odd key}
                         8  callBuiltin             r3, r1..r2, starts_with
                        10  effect                  r3, inventory.exec(r4..r5, timeout: r6) "INSERT INTO t VALUES ($1, $2)"
                        12  jump                    to L2
                L1:     14  newFailure              r7, r1..r2, conflict
                L2:     15  returnBool              true
                     failures of 10..<12 go on at L1, in r7

                """)
    }

    @Test func `functions share no code, and no shape is an option of itself`() throws {
        var code = Assembler()
        for name in ["one", "two"] {
            let function = code.declareFunction(name: name, parameterCount: 0, range: nowhere)
            code.begin(function)
            code.emit(.loadNull, 0, at: nowhere)
            code.emit(.returnNull, at: nowhere)
            code.end(registerCount: 4)
        }
        let program = try code.finish()
        var functions = program.functions
        functions[1] = FunctionCode(
            name: "two", entry: 1, wordCount: 3, registerCount: 4, parameterCount: 0, range: nowhere)
        let parts = ProgramParts(
            code: program.code, functions: functions, catchRanges: [], places: [], effectSites: [], constants: [],
            keyLists: [], shapes: [], slotPaths: program.slotPaths, patterns: [])
        #expect(throws: VerificationError.self) { try parts.verify() }
        #expect(
            error {
                let shape = $0.reserveShape()
                $0.define(shape, as: .optional(shape))
                $0.emit(.returnNull, at: nowhere)
            } == "a shape that is nothing but an option of itself".prefixed)
    }

    @Test func `every opcode has a layout that fits its comment's operands`() {
        for opcode in Opcode.allCases { #expect(opcode.layout.wordCount == 1 || opcode.layout.word != .none) }
        #expect(Opcode.allCases.count < 128)
    }
}

extension String {
    /// Errors outside of a function.
    fileprivate var prefixed: String { ", word 0: \(self)" }
}
