// ConstantEvaluation.swift: top-level `let`s, evaluated once at load.
//
// What folds is taken as it is. The rest is compiled into a program of its own, run by the machine like any
// pure code, and its values become constants of the deployment's program; a fault is an error of the file.

internal import Diagnostics
internal import Machine

enum ConstantEvaluation {
    static func run(_ checker: Checker) -> (values: [MemberIndex: Constant], diagnostics: [Diagnostic]) {
        var values: [MemberIndex: Constant] = [:]
        var remaining: [MemberIndex] = []
        for index in checker.declarations.members.indices {
            let member = MemberIndex(index)
            let declaration = checker.declarations[member]
            guard declaration.kind == .constant else { continue }
            let reader = TreeReader(checker.declarations, file: declaration.key.file)
            let expression = reader.child(2, declaration.key.node)
            let key = NodeKey(file: declaration.key.file, node: expression)
            if checker.coercions[key] == nil, let value = reader.fold(expression) {
                values[member] = value
            } else {
                remaining.append(member)
            }
        }
        guard !remaining.isEmpty else { return (values, []) }
        let lowering = Lowering(checker, constants: nil)
        let functions = remaining.map { lowering.function(of: $0) }
        guard let program = lowering.finish() else { return (values, lowering.diagnostics) }
        var diagnostics: [Diagnostic] = []
        for (member, function) in zip(remaining, functions) {
            switch evaluate(function, in: program) {
            case .success(let value): values[member] = value
            case .failure(let problem):
                let place = checker.declarations[member].nameRange
                diagnostics.append(.failingConstant(problem.message, at: problem.range ?? place))
            }
        }
        return (values, diagnostics)
    }

    private struct Problem: Error {
        let message: String
        var range: SourceRange?
    }

    private static func evaluate(_ function: FunctionIndex, in program: Program) -> Result<Constant, Problem> {
        let slab = FiberSlab(fibersMax: 1)
        guard let fiber = slab.create(program: program, limits: .standard), let arena = slab.arena(of: fiber) else {
            return .failure(Problem(message: "there is no room to evaluate it"))
        }
        defer { slab.release(fiber) }
        switch slab.start(fiber, function, arguments: []) {
        case .finished(.returned(let value)):
            guard let constant = constant(of: value, in: arena) else {
                return .failure(Problem(message: "a \(value.kind.name) cannot be kept as a constant"))
            }
            return .success(constant)
        case .finished(.failed(let failure)):
            return .failure(Problem(message: failure.field("message", in: arena).asString ?? "it fails"))
        case .finished, .suspended, .forked: return .failure(Problem(message: "it does not end with a value"))
        case .faulted(let fault):
            return .failure(Problem(message: fault.message, range: fault.word.flatMap { program.range(atWord: $0) }))
        }
    }

    private static func constant(of value: Value, in arena: Arena) -> Constant? {
        switch value.kind {
        case .null, .missing: return .null
        case .bool: return value.asBool.map { .bool($0) }
        case .int: return value.asInt.map { .int($0) }
        case .float: return value.asDouble.map { .float($0) }
        case .string: return value.asString.map { .string($0) }
        case .bytes: return value.asBytes.map { .bytes($0) }
        case .time: return value.asTimeNanoseconds.map { .time($0) }
        case .duration: return value.asDurationNanoseconds.map { .duration($0) }
        case .list:
            var items: [Constant] = []
            for item in value.items(in: arena) ?? [] {
                guard let item = constant(of: item, in: arena) else { return nil }
                items.append(item)
            }
            return .list(items)
        case .object:
            var entries: [Constant.Entry] = []
            for (key, value) in value.entries(in: arena) ?? [] {
                guard let value = constant(of: value, in: arena) else { return nil }
                entries.append(Constant.Entry(key: key, value: value))
            }
            return .object(entries)
        case .failure, .response, .secret, .range: return nil
        }
    }
}

extension Diagnostic {
    static func failingConstant(_ why: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .notConstant, title: "this constant cannot be evaluated", primary: Label(range, why))
    }
}
