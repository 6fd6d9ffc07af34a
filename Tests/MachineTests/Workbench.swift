// Workbench.swift: assembling and running small programs in tests.

import Diagnostics

@testable import Machine

let nowhere = SourceRange(file: SourceFileID(0), start: 0, end: 0)

/// A program of one function, and a slab to run it in.
final class Workbench {
    let program: Program
    let slab = FiberSlab(fibersMax: 256)
    var limits = FiberLimits.standard

    init(
        parameters: Int = 0, registers: Int = 16, _ write: (inout Assembler) -> Void
    ) throws {
        var assembler = Assembler()
        let main = assembler.declareFunction(name: "main", parameterCount: parameters, range: nowhere)
        assembler.begin(main)
        write(&assembler)
        assembler.end(registerCount: registers)
        program = try assembler.finish()
    }

    init(program: Program) { self.program = program }

    func create() -> FiberRef { slab.create(program: program, limits: limits)! }

    /// Runs to the end and gives what came out.
    func run(_ arguments: [Constant] = [], function: UInt32 = 0) -> Outcome {
        let ref = create()
        defer { slab.release(ref) }
        let arena = slab.arena(of: ref)!
        return Outcome(
            slab.start(ref, FunctionIndex(function), arguments: arguments.map { arena.value(of: $0) }), arena)
    }
}

/// A step's result without pointers.
enum Outcome: Equatable {
    case returned(Constant), retry(Constant), drop(Constant)
    case failed(FailureClass, String), invalidInput(String)
    case fault(DiagnosticCode, String)
    case suspended(UInt32)
    case forked

    init(_ step: Step, _ arena: Arena) {
        switch step {
        case .finished(.returned(let value)): self = .returned(value.constant(in: arena))
        case .finished(.retry(let reason)): self = .retry(reason.constant(in: arena))
        case .finished(.drop(let reason)): self = .drop(reason.constant(in: arena))
        case .finished(.failed(let failure)):
            self = .failed(failure.failureParts!.failureClass, failure.failureParts!.message.asString!)
        case .finished(.invalidInput(let failure)): self = .invalidInput(failure.failureParts!.message.asString!)
        case .suspended(let site): self = .suspended(site.rawValue)
        case .forked: self = .forked
        case .faulted(let fault): self = .fault(fault.code, fault.message)
        }
    }
}

extension Value {
    func constant(in arena: Arena) -> Constant {
        switch kind {
        case .bool: .bool(asBool!)
        case .int: .int(asInt!)
        case .float: .float(asDouble!)
        case .string: .string(asString!)
        case .bytes: .bytes(asBytes!)
        case .time: .time(asTimeNanoseconds!)
        case .duration: .duration(asDurationNanoseconds!)
        case .list: .list(items(in: arena)!.map { $0.constant(in: arena) })
        case .object: .object(entries(in: arena)!.map { .init(key: $0.key, value: $0.value.constant(in: arena)) })
        case .secret: .string("‹secret›")
        default: .null
        }
    }
}
