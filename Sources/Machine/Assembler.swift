// Assembler.swift: builds a program, function by function; what lowering writes to.
//
// Everything is named by index from the start; jumps go to labels. `finish` verifies what was written.
// Neighbours: Language/Lower (drives it), Verifier.swift (checks), Program.swift (the result).

package import Diagnostics

/// A place in the code, known once it is bound. Belongs to one function.
package struct CodeLabel: Hashable, Sendable {
    let number: Int
}

/// One step of a slot's path below the event: `data`, then `lines`, then `[0]`.
package enum PathStep: Sendable {
    case key(String)
    case index(Int)
}

/// Registers are 0...255 of the function's frame, arguments first. Instructions take plain ints for `a`, `b`, `c`;
/// one that does not fit is a `VerificationError` of `finish`.
package struct Assembler {
    private var code: [UInt32] = []
    private var functions: [FunctionCode] = []
    private var declared: [(name: String, parameterCount: Int, range: SourceRange, isDefined: Bool)] = []
    private var catchRanges: [CatchRange] = []
    private var places: [CodePlace] = []
    private var effectSites: [EffectSite] = []
    private var constants: [Constant] = []
    private var constantNumbers: [Constant: UInt32] = [:]
    private var keyLists: [[String]] = []
    private var keyListNumbers: [[ByteText]: UInt32] = [:]
    private var shapes: [Shape?] = []
    private var slots: [[PathStep]] = []
    private var slotNumbers: [[PathStep]: Int] = [:]
    private var patterns: [Pattern] = []
    private var patternNumbers: [ByteText: Int] = [:]
    private var errors: [VerificationError] = []

    /// Of the function under way.
    private var current: FunctionIndex?
    private var functionStart = 0
    private var labels: [Int?] = []
    private var jumps: [(word: Int, label: CodeLabel)] = []
    private var pendingCatches: [(from: CodeLabel, to: CodeLabel, target: CodeLabel, register: Int)] = []

    /// Slots of the paths `type`, `id` and `source` always exist and come first, in this order.
    package init() {
        for key in ["type", "id", "source"] { _ = slot(path: [.key(key)]) }
    }

    // MARK: tables

    /// Equal constants share one number.
    package mutating func constant(_ constant: Constant) -> UInt32 {
        if let known = constantNumbers[constant] { return known }
        let number = UInt32(constants.count)
        constants.append(constant)
        constantNumbers[constant] = number
        return number
    }

    /// The keys of a `newObject`, which must differ from each other.
    package mutating func keyList(_ keys: [String]) -> UInt32 {
        let name = keys.map { ByteText($0) }
        if let known = keyListNumbers[name] { return known }
        let number = UInt32(keyLists.count)
        keyLists.append(keys)
        keyListNumbers[name] = number
        return number
    }

    /// A number for a shape that is defined later, so that records may recur.
    package mutating func reserveShape() -> ShapeIndex {
        shapes.append(nil)
        return ShapeIndex(UInt32(shapes.count - 1))
    }

    package mutating func define(_ index: ShapeIndex, as shape: Shape) { shapes[Int(index.rawValue)] = shape }

    package mutating func shape(_ shape: Shape) -> ShapeIndex {
        shapes.append(shape)
        return ShapeIndex(UInt32(shapes.count - 1))
    }

    /// The slot of a path below the event's envelope: `[.key("data"), .key("qty")]`.
    package mutating func slot(path: [PathStep]) -> Int {
        if let known = slotNumbers[path] { return known }
        slots.append(path)
        slotNumbers[path] = slots.count - 1
        return slots.count - 1
    }

    /// The number by which `matches` and `capture` get a pattern.
    package mutating func pattern(_ pattern: Pattern) -> Int {
        if let known = patternNumbers[ByteText(pattern.text)] { return known }
        patterns.append(pattern)
        patternNumbers[ByteText(pattern.text)] = patterns.count - 1
        return patterns.count - 1
    }

    package mutating func effectSite(_ site: EffectSite) -> EffectSiteIndex {
        effectSites.append(site)
        return EffectSiteIndex(UInt32(effectSites.count - 1))
    }

    // MARK: functions

    package mutating func declareFunction(name: String, parameterCount: Int, range: SourceRange) -> FunctionIndex {
        declared.append((name, parameterCount, range, false))
        functions.append(
            FunctionCode(
                name: name, entry: 0, wordCount: 0, registerCount: 0, parameterCount: parameterCount, range: range))
        return FunctionIndex(UInt32(functions.count - 1))
    }

    package mutating func begin(_ function: FunctionIndex) {
        current = function
        functionStart = code.count
        labels = []
        jumps = []
        pendingCatches = []
    }

    /// Offset of the next word.
    package var position: Int { code.count }

    package mutating func emit(_ opcode: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, at range: SourceRange) {
        note(range)
        // One test for nearly every instruction.
        if (a | b | c) & ~0xff != 0 { checkOperands(opcode, a, b, c) }
        code.append(Instruction.encode(opcode, a, b, c))
    }

    private mutating func checkOperands(_ opcode: Opcode, _ a: Int, _ b: Int, _ c: Int) {
        for operand in [a, b, c] where !(-128...255).contains(operand) {
            errors.append(
                VerificationError(
                    word: code.count, function: currentName, "\(opcode): operand \(operand) does not fit a byte"))
        }
    }

    package mutating func emit(_ opcode: Opcode, _ a: Int, imm16: Int, at range: SourceRange) {
        if Int16(exactly: imm16) == nil {
            errors.append(
                VerificationError(word: code.count, function: currentName, "\(opcode): \(imm16) does not fit 16 bits"))
        }
        emit(opcode, a, imm16 & 0xff, (imm16 >> 8) & 0xff, at: range)
    }

    package mutating func emit(
        _ opcode: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, word: UInt32, at range: SourceRange
    ) {
        emit(opcode, a, b, c, at: range)
        code.append(word)
    }

    // MARK: labels

    package mutating func newLabel() -> CodeLabel {
        labels.append(nil)
        return CodeLabel(number: labels.count - 1)
    }

    /// The label is where the next instruction goes.
    package mutating func bind(_ label: CodeLabel) { labels[label.number] = code.count }

    /// Any instruction whose `+word` is an offset.
    package mutating func emitJump(
        _ opcode: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, to label: CodeLabel, at range: SourceRange
    ) {
        emit(opcode, a, b, c, at: range)
        jumps.append((code.count, label))
        code.append(0)
    }

    /// A jump with a 16-bit immediate or constant number.
    package mutating func emitJump(
        _ opcode: Opcode, _ a: Int, imm16: Int, to label: CodeLabel, at range: SourceRange
    ) {
        emit(opcode, a, imm16: imm16, at: range)
        jumps.append((code.count, label))
        code.append(0)
    }

    /// Failures of instructions from `from` up to `to` go on at `target`, with the failure in `register`. State inner
    /// ranges before outer ones.
    package mutating func catchRange(from: CodeLabel, to: CodeLabel, target: CodeLabel, register: Int) {
        pendingCatches.append((from, to, target, register))
    }

    /// - Parameter registerCount: registers of the frame, arguments and call windows included; at most 255.
    package mutating func end(registerCount: Int) {
        guard let current else { return }
        for jump in jumps {
            guard let target = labels[jump.label.number] else {
                errors.append(
                    VerificationError(word: jump.word, function: currentName, "a jump to a label that was never bound"))
                continue
            }
            code[jump.word] = UInt32(bitPattern: Int32(target - jump.word - 1))
        }
        for pending in pendingCatches {
            guard let from = labels[pending.from.number], let to = labels[pending.to.number],
                let target = labels[pending.target.number], from <= to
            else {
                errors.append(
                    VerificationError(word: code.count, function: currentName, "a catch range with an unbound label"))
                continue
            }
            guard from < to else { continue }
            catchRanges.append(
                CatchRange(words: from..<to, target: target, register: UInt8(truncatingIfNeeded: pending.register)))
        }
        let declaration = declared[Int(current.rawValue)]
        declared[Int(current.rawValue)].isDefined = true
        functions[Int(current.rawValue)] = FunctionCode(
            name: declaration.name, entry: functionStart, wordCount: code.count - functionStart,
            registerCount: max(registerCount, 1), parameterCount: declaration.parameterCount,
            range: declaration.range)
        self.current = nil
    }

    /// The program, verified. A `VerificationError` is a mistake of the compiler, never of a script.
    package consuming func finish() throws(VerificationError) -> Program {
        if let error = errors.first { throw error }
        for declaration in declared where !declaration.isDefined {
            throw VerificationError(word: 0, function: declaration.name, "declared but never defined")
        }
        var defined: [Shape] = []
        for shape in shapes {
            guard let shape else {
                throw VerificationError(word: 0, function: "", "shape \(defined.count) is reserved but not defined")
            }
            defined.append(shape)
        }
        let parts = ProgramParts(
            code: code, functions: functions, catchRanges: catchRanges, places: places, effectSites: effectSites,
            constants: constants, keyLists: keyLists, shapes: defined, slotPaths: slots, patterns: patterns)
        try parts.verify()
        return Program(parts)
    }

    private mutating func note(_ range: SourceRange) {
        let place = CodePlace(word: code.count, range: range)
        if let last = places.last, last.isSamePlace(as: place) { return }
        places.append(place)
    }
    private var currentName: String { current.map { functions[Int($0.rawValue)].name } ?? "" }
}

/// What an assembler has gathered, before it becomes memory.
struct ProgramParts {
    var code: [UInt32]
    var functions: [FunctionCode]
    var catchRanges: [CatchRange]
    var places: [CodePlace]
    var effectSites: [EffectSite]
    var constants: [Constant]
    var keyLists: [[String]]
    var shapes: [Shape]
    var slotPaths: [[PathStep]]
    var patterns: [Pattern]
}
