// Disassembly.swift: a program as text that people read: `patchbay explain --bytecode`, and tests.
//
// Each function under its name, each instruction with its offset, its operands by what they are, jumps by label, and, when
// the sources are at hand, every line of them above the code that it became.
// Neighbours: Instruction.swift (what each operand is), Opcode.swift (what each instruction does).

package import Diagnostics

extension Program {
    /// A line of the source: its number, from 1, and its text.
    package typealias SourceLine = (number: Int, text: String)

    /// All functions, in the order of their code.
    package func disassembly(lines: (SourceRange) -> SourceLine? = { _ in nil }) -> String {
        functions.sorted { $0.entry < $1.entry }.map { disassembly(of: $0, lines: lines) }.joined(separator: "\n")
    }

    /// - Parameter lines: the line on which a range of the source begins.
    package func disassembly(
        of function: FunctionCode, lines: (SourceRange) -> SourceLine? = { _ in nil }
    ) -> String {
        let listing = Listing(program: self, function: function)
        var text = [
            "\(function.name): \(Self.counted(function.parameterCount, "parameter")), "
                + Self.counted(function.registerCount, "register")
        ]
        var shown: Int?
        for (position, instruction) in listing.instructions {
            if let range = range(atWord: position), let line = lines(range), line.number != shown {
                shown = line.number
                text.append("\(Self.padded("\(line.number)", 5)) | \(line.text)")
            }
            let label = listing.labels[position].map { "L\($0):" } ?? ""
            let name = "\(instruction.opcode)"
            let operands = listing.operands(of: instruction, at: position)
            let gap = operands.isEmpty ? "" : String(repeating: " ", count: listing.nameWidth - name.count + 1)
            let tail = label.isEmpty ? "" : label + String(repeating: " ", count: max(0, 5 - label.count))
            text.append("\(tail.isEmpty ? "     " : tail)\(Self.padded("\(position)", 5))  \(name)\(gap)\(operands)")
        }
        for range in listing.catches {
            let target = listing.labels[range.target].map { "L\($0)" } ?? "\(range.target)"
            text.append(
                "     failures of \(range.words.lowerBound)..<\(range.words.upperBound) go on at \(target), in r\(range.register)"
            )
        }
        return text.joined(separator: "\n") + "\n"
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

    private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

/// One function, taken apart.
private struct Listing {
    /// Texts and lists longer than this are cut.
    static let constantWidthMax = 60

    let program: Program
    let instructions: [(position: Int, instruction: Instruction)]
    let catches: [CatchRange]
    /// Numbers of the places that something jumps to, in the order of the code.
    let labels: [Int: Int]
    let nameWidth: Int

    init(program: Program, function: FunctionCode) {
        self.program = program
        var instructions: [(position: Int, instruction: Instruction)] = []
        var position = function.entry
        let end = function.entry + function.wordCount
        while position < end, let instruction = Instruction(at: position, in: program.code) {
            instructions.append((position, instruction))
            position += instruction.wordCount
        }
        self.instructions = instructions
        catches = program.catchRanges.filter { function.entry <= $0.words.lowerBound && $0.words.upperBound <= end }
        let jumps = instructions.compactMap { Self.target(of: $0.instruction, at: $0.position) }
        let targets = Set(jumps + catches.map(\.target)).sorted()
        labels = Dictionary(uniqueKeysWithValues: targets.enumerated().map { ($0.element, $0.offset + 1) })
        nameWidth = instructions.map { "\($0.instruction.opcode)".count }.max() ?? 0
    }

    private static func target(of instruction: Instruction, at position: Int) -> Int? {
        switch instruction.opcode.layout.word {
        case .forward, .backward: position + 2 + instruction.offset
        default: nil
        }
    }

    func operands(of instruction: Instruction, at position: Int) -> String {
        let layout = instruction.opcode.layout
        var operands: [String] = []
        for (use, operand) in [(layout.a, instruction.a), (layout.b, instruction.b), (layout.c, instruction.c)] {
            switch use {
            case .unused, .count: break
            case .reads, .writes, .readsAndWrites: operands.append("r\(operand)")
            case .readsPair: operands.append("r\(operand)..r\(operand + 1)")
            case .readsTriple, .loopState: operands.append("r\(operand)..r\(operand + 2)")
            case .readsWindow: operands.append(Self.window(operand, instruction.c))
            case .readsArguments: operands.append(arguments(operand, of: instruction))
            case .flag: operands.append("\(operand == 1)")
            case .immediate: operands.append("\(Int8(truncatingIfNeeded: operand))")
            case .kind: operands.append(Value.Kind(rawValue: UInt8(operand)).map { "\($0)" } ?? "?")
            case .failureClass: operands.append(FailureClass(rawValue: UInt8(operand))?.name ?? "?")
            case .immediate16: operands.append("\(instruction.immediate16)")
            case .constant16, .text16: operands.append(Self.text(of: program.constants[instruction.wide]))
            case .slot: operands.append(program.path(ofSlot: instruction.wide))
            }
        }
        if let word = instruction.word { operands.append(text(of: word, instruction, at: position)) }
        return operands.joined(separator: ", ")
    }

    private static func window(_ first: Int, _ count: Int) -> String {
        switch count {
        case 0: "nothing"
        case 1: "r\(first)"
        default: "r\(first)..r\(first + count - 1)"
        }
    }

    private func arguments(_ first: Int, of instruction: Instruction) -> String {
        Self.window(first, instruction.word.map { program.functions[Int($0)].parameterCount } ?? 0)
    }

    private func text(of word: UInt32, _ instruction: Instruction, at position: Int) -> String {
        let number = Int(word)
        switch instruction.opcode.layout.word {
        case .none: return ""
        case .forward, .backward:
            let target = position + 2 + instruction.offset
            return "to " + (labels[target].map { "L\($0)" } ?? "\(target)")
        case .constant: return Self.text(of: program.constants[number])
        case .key:
            guard case .string(let key) = program.constants[number] else { return "?" }
            return ".\(key)"
        case .keyList: return "{\(program.keyLists[number].joined(separator: ", "))}"
        case .function: return program.functions[number].name
        case .builtin: return Builtin.all[number].name
        case .effectSite: return text(of: program.effectSites[number])
        case .shape: return "shape \(number)"
        case .flag: return number == 1 ? "without the end" : "with the end"
        }
    }

    /// `inventory.exec(r4..r6) "INSERT …"`; options by their names.
    private func text(of site: EffectSite) -> String {
        let first = Int(site.firstOperand)
        let options = site.options.enumerated().map {
            "\($0.element): r\(first + Int(site.positionalCount) + $0.offset)"
        }
        let positional = site.positionalCount == 0 ? [] : [Self.window(first, Int(site.positionalCount))]
        let template = site.template.isEmpty ? "" : " " + Self.cut("\"\(site.template.joined(separator: "${…}"))\"")
        return "\(site.label)(\((positional + options).joined(separator: ", ")))\(template)"
    }

    /// One line, at most `constantWidthMax` characters.
    private static func cut(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }.joined(separator: " ")
        return line.count <= constantWidthMax ? line : line.prefix(constantWidthMax - 1) + "…"
    }

    private static func text(of constant: Constant) -> String {
        switch constant {
        case .string(let text): cut("\"\(text)\"")
        case .int(let value): "\(value)"
        case .float(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .null: "null"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .time(let value): "time \(value) ns"
        case .duration(let value): "duration \(value) ns"
        case .list(let items): cut("[\(items.map { text(of: $0) }.joined(separator: ", "))]")
        case .object(let entries):
            cut("{\(entries.map { "\($0.key): \(text(of: $0.value))" }.joined(separator: ", "))}")
        }
    }
}
