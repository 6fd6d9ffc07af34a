// Verifier.swift: refuses a program that the dispatch loop could not run safely.
//
// The loop checks no register, jump or index at run time; here it is done once, at load.
// Neighbours: Assembler.swift (calls it), Instruction.swift (what each operand is).

/// The compiler wrote something that must not run.
package struct VerificationError: Error, Sendable, CustomStringConvertible {
    package let word: Int
    package let function: String
    package let message: String

    init(word: Int, function: String, _ message: String) {
        self.word = word
        self.function = function
        self.message = message
    }

    package var description: String { "\(function), word \(word): \(message)" }
}

extension ProgramParts {
    func verify() throws(VerificationError) {
        var starts: [Bool] = Array(repeating: false, count: code.count + 1)
        for function in functions { try verifyFrame(of: function) }
        for function in functions { try verify(function, starts: &starts) }
        let byEntry = functions.sorted { $0.entry < $1.entry }
        // Code that two functions shared would run with the registers of either.
        for (first, second) in zip(byEntry, byEntry.dropFirst()) where first.entry + first.wordCount > second.entry {
            throw VerificationError(word: second.entry, function: second.name, "shares code with `\(first.name)`")
        }
        for range in catchRanges { try verify(range, starts: starts, in: byEntry) }
        for (number, keys) in keyLists.enumerated() where Set(keys).count != keys.count {
            throw VerificationError(word: 0, function: "", "key list \(number) names a key twice")
        }
        for shape in shapes { try verify(shape) }
    }

    /// Before any code is looked at, which may call what comes later.
    private func verifyFrame(of function: FunctionCode) throws(VerificationError) {
        func fail(_ message: String) -> VerificationError {
            VerificationError(word: function.entry, function: function.name, message)
        }
        guard 0...code.count ~= function.entry, function.wordCount > 0,
            function.wordCount <= code.count - function.entry
        else { throw fail("its code is outside of the program") }
        guard 1...255 ~= function.registerCount, 0...function.registerCount ~= function.parameterCount else {
            throw fail("\(function.registerCount) registers do not fit a frame")
        }
    }

    private func verify(_ function: FunctionCode, starts: inout [Bool]) throws(VerificationError) {
        let end = function.entry + function.wordCount
        func fail(_ word: Int, _ message: String) -> VerificationError {
            VerificationError(word: word, function: function.name, message)
        }
        var position = function.entry
        var last: Opcode?
        var targets: [(from: Int, to: Int)] = []
        while position < end {
            guard let instruction = Instruction(at: position, in: code),
                position + instruction.wordCount <= end
            else { throw fail(position, "not an instruction") }
            starts[position] = true
            try verify(instruction, at: position, in: function, targets: &targets)
            last = instruction.opcode
            position += instruction.wordCount
        }
        guard let last, last.endsFlow else { throw fail(end, "runs off its end") }
        for target in targets {
            guard target.to >= function.entry, target.to < end, starts[target.to] else {
                throw fail(target.from, "jumps to \(target.to), which is no instruction of it")
            }
        }
    }

    private func verify(
        _ instruction: Instruction, at position: Int, in function: FunctionCode,
        targets: inout [(from: Int, to: Int)]
    ) throws(VerificationError) {
        func fail(_ message: String) -> VerificationError {
            VerificationError(word: position, function: function.name, "\(instruction.opcode): \(message)")
        }
        let layout = instruction.opcode.layout
        for (use, operand) in [(layout.a, instruction.a), (layout.b, instruction.b), (layout.c, instruction.c)] {
            let registers: Int
            switch use {
            case .unused, .count, .immediate, .immediate16: continue
            case .reads, .writes, .readsAndWrites: registers = 1
            case .readsPair: registers = 2
            case .readsTriple, .loopState: registers = 3
            case .readsWindow: registers = instruction.c
            case .readsArguments: registers = 0
            case .flag:
                guard operand <= 1 else { throw fail("flag \(operand)") }
                continue
            case .kind:
                guard Value.Kind(rawValue: UInt8(operand)) != nil else { throw fail("kind \(operand)") }
                continue
            case .failureClass:
                guard FailureClass(rawValue: UInt8(operand)) != nil else { throw fail("class \(operand)") }
                continue
            case .slot:
                guard instruction.wide < slotPaths.count else { throw fail("no such slot") }
                continue
            case .text16:
                guard instruction.wide < constants.count, case .string = constants[instruction.wide] else {
                    throw fail("no text \(instruction.wide)")
                }
                continue
            case .constant16:
                guard instruction.wide < constants.count else { throw fail("no constant \(instruction.wide)") }
                continue
            }
            guard operand + registers <= function.registerCount else {
                throw fail("register \(operand + registers - 1) of a frame of \(function.registerCount)")
            }
        }
        try verifyWord(of: instruction, at: position, in: function, targets: &targets)
    }

    private func verifyWord(
        of instruction: Instruction, at position: Int, in function: FunctionCode,
        targets: inout [(from: Int, to: Int)]
    ) throws(VerificationError) {
        guard let rawWord = instruction.word else { return }
        func fail(_ message: String) -> VerificationError {
            VerificationError(word: position, function: function.name, "\(instruction.opcode): \(message)")
        }
        let word = Int(rawWord)
        switch instruction.opcode.layout.word {
        case .none: break
        case .forward:
            guard instruction.offset >= 0 else { throw fail("goes backward without `loop`") }
            targets.append((position, position + 2 + instruction.offset))
        case .backward:
            guard instruction.offset < 0 else { throw fail("goes forward") }
            targets.append((position, position + 2 + instruction.offset))
        case .constant:
            guard word < constants.count else { throw fail("no constant \(word)") }
        case .key:
            guard word < constants.count, case .string = constants[word] else { throw fail("no key \(word)") }
        case .keyList:
            guard word < keyLists.count, keyLists[word].count == instruction.c else {
                throw fail("key list \(word) does not have \(instruction.c) keys")
            }
        case .function:
            guard word < functions.count else { throw fail("no function \(word)") }
            guard instruction.b + functions[word].parameterCount <= function.registerCount else {
                throw fail("arguments beyond the frame")
            }
        case .builtin:
            guard word < Builtin.all.count else { throw fail("no builtin \(word)") }
            guard Builtin.all[word].argumentCounts.contains(instruction.c) else {
                throw fail("`\(Builtin.all[word].name)` does not take \(instruction.c - 1) arguments")
            }
        case .effectSite:
            guard word < effectSites.count else { throw fail("no effect site \(word)") }
            let site = effectSites[word]
            guard Int(site.firstOperand) + site.operandCount <= function.registerCount else {
                throw fail("operands beyond the frame")
            }
        case .shape:
            guard word < shapes.count else { throw fail("no shape \(word)") }
        case .flag:
            guard word <= 1 else { throw fail("flag \(word)") }
        }
    }

    /// - Parameter byEntry: the functions in the order of their code, which is not shared.
    private func verify(
        _ range: CatchRange, starts: [Bool], in byEntry: [FunctionCode]
    ) throws(VerificationError) {
        var low = 0
        var high = byEntry.count
        while low < high {
            let middle = (low + high) / 2
            if byEntry[middle].entry <= range.words.lowerBound { low = middle + 1 } else { high = middle }
        }
        let last = low == 0 ? nil : byEntry[low - 1]
        let home = last.flatMap { range.words.upperBound <= $0.entry + $0.wordCount ? $0 : nil }
        guard let home, range.target >= home.entry, range.target < home.entry + home.wordCount, starts[range.target],
            Int(range.register) < home.registerCount
        else {
            throw VerificationError(
                word: range.words.lowerBound, function: home?.name ?? "", "a catch range that leaves its function")
        }
    }

    private func verify(_ shape: Shape) throws(VerificationError) {
        var inner: [ShapeIndex] = []
        switch shape {
        case .list(let item, _): inner = [item]
        case .dictionary(let item), .optional(let item): inner = [item]
        case .record(let record): inner = record.fields.map(\.shape)
        default: break
        }
        for index in inner where Int(index.rawValue) >= shapes.count {
            throw VerificationError(word: 0, function: "", "no shape \(index.rawValue)")
        }
        // Lists and records take a level off the value at each step; options alone would go round for ever.
        var next = shape
        for _ in 0...shapes.count {
            guard case .optional(let item) = next, Int(item.rawValue) < shapes.count else { return }
            next = shapes[Int(item.rawValue)]
        }
        throw VerificationError(word: 0, function: "", "a shape that is nothing but an option of itself")
    }
}
