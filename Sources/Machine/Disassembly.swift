// Disassembly.swift: a program as text, for `explain --bytecode` and for tests.
//
// Neighbours: Instruction.swift (what each operand is).

extension Program {
    /// One line an instruction: offset, name, operands; functions under their names.
    package func disassembly() -> String {
        functions.sorted { $0.entry < $1.entry }.map { disassembly(of: $0) }.joined(separator: "\n")
    }

    package func disassembly(of function: FunctionCode) -> String {
        var lines = ["\(function.name): \(function.parameterCount) parameters, \(function.registerCount) registers"]
        var position = function.entry
        let end = function.entry + function.wordCount
        while position < end, let instruction = Instruction(at: position, in: code) {
            lines.append("  \(Self.padded(position)) \(text(of: instruction, at: position))")
            position += instruction.wordCount
        }
        for range in catchRanges where function.entry <= range.words.lowerBound && range.words.upperBound <= end {
            lines.append(
                "  catch \(range.words.lowerBound)..<\(range.words.upperBound) -> \(range.target), r\(range.register)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func text(of instruction: Instruction, at position: Int) -> String {
        let layout = instruction.opcode.layout
        var operands: [String] = []
        for (use, operand) in [(layout.a, instruction.a), (layout.b, instruction.b), (layout.c, instruction.c)] {
            switch use {
            case .unused: break
            case .reads, .writes, .readsAndWrites: operands.append("r\(operand)")
            case .readsPair: operands.append("r\(operand)..r\(operand + 1)")
            case .readsTriple, .loopState: operands.append("r\(operand)..r\(operand + 2)")
            case .readsWindow: operands.append("r\(operand)..<r\(operand + instruction.c)")
            case .readsArguments: operands.append("r\(operand)..")
            case .count: break
            case .flag: operands.append("\(operand)")
            case .immediate: operands.append("\(Int8(truncatingIfNeeded: operand))")
            case .kind: operands.append(Value.Kind(rawValue: UInt8(operand)).map { "\($0)" } ?? "?")
            case .failureClass: operands.append(FailureClass(rawValue: UInt8(operand))?.name ?? "?")
            case .immediate16: operands.append("\(instruction.immediate16)")
            case .constant16: operands.append(Self.text(of: constants[instruction.wide]))
            case .slot: operands.append("slot \(path(ofSlot: instruction.wide))")
            }
        }
        if let word = instruction.word { operands.append(text(of: word, instruction, at: position)) }
        return ([String(describing: instruction.opcode)] + [operands.joined(separator: ", ")])
            .filter { !$0.isEmpty }.joined(separator: " ")
    }

    private func text(of word: UInt32, _ instruction: Instruction, at position: Int) -> String {
        let number = Int(word)
        return switch instruction.opcode.layout.word {
        case .none: ""
        case .forward, .backward: "-> \(position + 2 + instruction.offset)"
        case .constant: Self.text(of: constants[number])
        case .key: ".\(Self.text(of: constants[number]))"
        case .keyList: "{\(keyLists[number].joined(separator: ", "))}"
        case .function: functions[number].name
        case .builtin: Builtin.all[number].name
        case .effectSite: effectSites[number].label
        case .shape: "shape \(number)"
        case .flag: "\(number)"
        }
    }

    /// `event.data.lines[0]`
    package func path(ofSlot slot: Int) -> String {
        slotPaths[slot].reduce("event") { text, step in
            switch step {
            case .key(let key): "\(text).\(key)"
            case .index(let index): "\(text)[\(index)]"
            }
        }
    }

    private static func text(of constant: Constant) -> String {
        switch constant {
        case .string(let text): "\"\(text)\""
        case .int(let value): "\(value)"
        case .float(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .null: "null"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .time(let value): "time \(value)"
        case .duration(let value): "duration \(value)"
        case .list(let items): "[\(items.map { text(of: $0) }.joined(separator: ", "))]"
        case .object(let entries): "{\(entries.map { "\($0.key): \(text(of: $0.value))" }.joined(separator: ", "))}"
        }
    }

    private static func padded(_ position: Int) -> String {
        let text = String(position)
        return String(repeating: " ", count: max(0, 5 - text.count)) + text
    }
}
