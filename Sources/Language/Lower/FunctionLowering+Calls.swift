// FunctionLowering+Calls.swift: calls of own functions, builtins and effects.
//
// Arguments and operands stand side by side above everything that lives (Frame.swift).

internal import Diagnostics
internal import Machine

extension Lowering {
    func lowerCall(_ node: NodeID, into register: Int) {
        let place = range(child(0, node))
        switch callee(node) {
        case .member(let member, let arguments): lowerMemberCall(member, arguments, into: register, at: node)
        case .effect(let call): lowerEffect(call, into: register, at: place)
        case .failure(let failureClass, let arguments):
            let base = window(arguments, at: place)
            assembler.emit(.newFailure, register, base, Int(failureClass.rawValue), at: range(node))
        case .response(let arguments):
            let base = window(arguments, at: place)
            if !arguments[0].exists { load(.int(200), into: base, at: place) }
            assembler.emit(.newResponse, register, base, at: range(node))
        case .builtin(let call): lowerBuiltin(call, into: register, at: node)
        case .constant, nil: assembler.emit(.loadNull, register, at: place)
        }
    }

    private func lowerMemberCall(
        _ member: MemberIndex, _ arguments: [NodeID], into register: Int, at node: NodeID
    ) {
        let base = window(arguments, at: range(node))
        if arguments.isEmpty {
            // A handler always has a parameter, and every call a window.
            let empty = take(node)
            assembler.emit(.loadNull, empty, at: range(node))
        }
        let target = function(of: member)
        assembler.emit(.call, register, base, word: target.rawValue, at: range(child(0, node)))
    }

    private func lowerBuiltin(_ call: BuiltinCall, into register: Int, at node: NodeID) {
        let place = range(child(1, child(0, node)))
        let base = take(node)
        lower(call.receiver, into: base)
        let end = assembler.newLabel()
        if call.isQuiet {
            assembler.emit(.loadNull, register, at: place)
            assembler.emitJump(.jumpIfNull, base, to: end, at: place)
        }
        let given = call.arguments.lastIndex { $0.exists }.map { $0 + 1 } ?? 0
        let parameters = Builtin.all[Int(call.index)].parameters
        for (argument, parameter) in zip(call.arguments.prefix(given), parameters) {
            let target = take(node)
            if parameter.isPattern {
                load(.int(Int64(patternNumber(argument))), into: target, at: range(argument))
            } else if !argument.exists {
                assembler.emit(.loadNull, target, at: place)
            } else if kind(argument) == .selector {
                load(.list(children(argument).map { .string(word($0)) }), into: target, at: range(argument))
            } else {
                lower(argument, into: target)
            }
        }
        assembler.emit(.callBuiltin, register, base, given + 1, word: call.index, at: place)
        assembler.bind(end)
    }

    private func patternNumber(_ argument: NodeID) -> Int {
        guard let pattern = checked.patterns[key(argument)] else {
            preconditionFailure("a pattern without a compiled one: the checker accepted a call that it must refuse")
        }
        return assembler.pattern(pattern)
    }

    // Effects.

    private func lowerEffect(_ call: EffectCall, into register: Int, at place: SourceRange) {
        var operands: [NodeID] = []
        var template = call.fixed
        if let text = call.template {
            (template, operands) = pieces(of: text, call.signature.template)
            if call.signature.template == .sql { noteStatement(call, text, template, at: place) }
        }
        let given = Array(call.positional)
        let optional = call.signature.parameters.dropFirst(given.count).map { _ in NodeID.none }
        operands += given + optional
        let base = window(operands + call.options.map(\.value), at: place)
        emitEffect(
            call.signature.kind, resource: call.resource, firstOperand: base, positionalCount: operands.count,
            options: call.options.map(\.option), template: template, label: call.label, into: register, at: place)
    }

    /// For whoever asks the database about it.
    private func noteStatement(
        _ call: EffectCall, _ literal: NodeID, _ template: [String], at place: SourceRange
    ) {
        guard let resource = call.resource, let text = template.first else { return }
        let parts = kind(literal) == .text ? Array(children(literal)) : [literal]
        statements.append(
            CompiledStatement(
                kind: call.signature.kind, resource: ResourceIndex(UInt16(resource)), text: text, label: call.label,
                callee: place, literal: range(literal),
                parts: parts.map {
                    .init(start: range($0).start, end: range($0).end, isParameter: kind($0) != .string)
                }, values: call.bound.map { KnownValue($0) }))
    }

    func emitEffect(
        _ kind: EffectKind, resource: Int?, firstOperand: Int, positionalCount: Int, options: [EffectOption],
        template: [String] = [], label: String, into register: Int, at place: SourceRange
    ) {
        let site = assembler.effectSite(
            EffectSite(
                kind: kind, resource: resource.map { ResourceIndex(UInt16($0)) },
                firstOperand: UInt8(truncatingIfNeeded: firstOperand),
                positionalCount: UInt8(truncatingIfNeeded: positionalCount), options: options, template: template,
                label: label, handler: owner.name, ordinal: effectOrdinals[owner.index, default: 0], range: place))
        effectOrdinals[owner.index, default: 0] += 1
        assembler.emit(.effect, register, word: site.rawValue, at: place)
    }

    /// SQL: one text with `$1 …`. A path: its literal pieces, one more than there are `${…}`.
    private func pieces(of node: NodeID, _ template: EffectSignature.Template) -> ([String], [NodeID]) {
        let parts = kind(node) == .text ? Array(children(node)) : [node]
        var pieces = [""]
        var operands: [NodeID] = []
        for part in parts {
            if kind(part) == .string {
                pieces[pieces.count - 1] += frame.tree.string(of: part)
            } else {
                operands.append(part)
                pieces.append("")
            }
        }
        guard template == .sql else { return (pieces, operands) }
        let sql = pieces.enumerated().map { $0.offset == 0 ? $0.element : "$\($0.offset)\($0.element)" }
        return ([sql.joined()], operands)
    }
}
