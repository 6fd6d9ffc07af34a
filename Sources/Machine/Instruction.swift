// Instruction.swift: how instructions are laid out, in one table that verifier, disassembler and assembler share.
//
// Neighbours: Opcode.swift (meaning), Verifier.swift, Disassembly.swift.

/// What one byte of an instruction is.
enum OperandUse: Sendable {
    case unused
    /// A register that is read.
    case reads
    /// A register that is written.
    case writes
    case readsAndWrites
    /// This register and the next one, two, are read.
    case readsPair, readsTriple
    /// This register and the next two are loop state.
    case loopState
    /// The first of as many registers as `c` says.
    case readsWindow
    /// The first of a call's arguments.
    case readsArguments
    /// How many registers the window has.
    case count
    /// 0 or 1.
    case flag
    /// Signed 8-bit immediate.
    case immediate
    case kind
    case failureClass
    /// b and c together are a signed 16-bit immediate.
    case immediate16
    /// b and c together are a constant's number.
    case constant16
    /// b and c together are the number of a constant string.
    case text16
    /// b and c together are a slot's number.
    case slot
}

/// What the word after an instruction is.
enum WordUse: Sendable {
    case none, forward, backward, constant, key, keyList, function, builtin, effectSite, shape, flag
}

struct Layout: Sendable {
    let a: OperandUse
    let b: OperandUse
    let c: OperandUse
    let word: WordUse

    init(_ a: OperandUse = .unused, _ b: OperandUse = .unused, _ c: OperandUse = .unused, word: WordUse = .none) {
        self.a = a
        self.b = b
        self.c = c
        self.word = word
    }

    var wordCount: Int { word == .none ? 1 : 2 }
}

extension Opcode {
    /// By raw value: read for every instruction of a deployment when it is verified.
    private static let layouts: [Layout] = allCases.map(\.tabledLayout)
    var layout: Layout { Self.layouts[Int(rawValue)] }

    private var tabledLayout: Layout {
        switch self {
        case .move: Layout(.writes, .reads)
        case .loadNull: Layout(.writes)
        case .loadBool: Layout(.writes, .flag)
        case .loadInt: Layout(.writes, .immediate16)
        case .loadConstant: Layout(.writes, word: .constant)
        case .loadSlot: Layout(.writes, .slot)
        case .add, .subtract, .multiply, .divide, .remainder, .equal, .less, .lessOrEqual, .contains, .getIndex:
            Layout(.writes, .reads, .reads)
        case .addInt: Layout(.writes, .reads, .immediate)
        case .negate, .not: Layout(.writes, .reads)
        case .isKind: Layout(.writes, .reads, .kind)
        case .jump: Layout(word: .forward)
        case .loop: Layout(word: .backward)
        case .jumpIfFalse, .jumpIfTrue, .jumpIfNull, .jumpIfNotNull: Layout(.reads, word: .forward)
        case .jumpUnlessLess, .jumpUnlessLessOrEqual, .jumpUnlessEqual: Layout(.reads, .reads, word: .forward)
        case .jumpUnlessLessInt, .jumpUnlessLessOrEqualInt, .jumpUnlessGreaterInt, .jumpUnlessGreaterOrEqualInt:
            Layout(.reads, .immediate16, word: .forward)
        case .jumpUnlessEqualConstant: Layout(.reads, .constant16, word: .forward)
        case .jumpUnlessStartsWith: Layout(.reads, .text16, word: .forward)
        case .getField, .getFieldQuiet: Layout(.writes, .reads, word: .key)
        case .concatenate, .newList: Layout(.writes, .readsWindow, .count)
        case .newObject: Layout(.writes, .readsWindow, .count, word: .keyList)
        case .beginList, .beginObject: Layout(.writes)
        case .append, .appendAll, .insertAll: Layout(.readsAndWrites, .reads)
        case .insert: Layout(.readsAndWrites, .reads, .reads)
        case .iterate: Layout(.loopState, .reads)
        case .iterateRange: Layout(.loopState, .reads, .reads, word: .flag)
        case .next, .nextInt: Layout(.loopState, .writes, .writes, word: .backward)
        case .call: Layout(.writes, .readsArguments, word: .function)
        case .branch: Layout(.readsAndWrites, .readsArguments, word: .function)
        case .join: Layout(.writes, .reads)
        case .callBuiltin: Layout(.writes, .readsWindow, .count, word: .builtin)
        case .returnValue, .retry, .drop, .raise: Layout(.reads)
        case .returnNull: Layout()
        case .returnBool: Layout(.unused, .flag)
        case .newFailure: Layout(.writes, .readsPair, .failureClass)
        case .effect: Layout(.writes, word: .effectSite)
        case .fit: Layout(.writes, .reads, .flag, word: .shape)
        case .fitOrNull: Layout(.writes, .reads, word: .shape)
        case .newResponse: Layout(.writes, .readsTriple)
        case .unreachable: Layout(word: .constant)
        }
    }

    /// Does the run never go on at the next instruction?
    var endsFlow: Bool {
        switch self {
        case .jump, .loop, .returnValue, .returnNull, .returnBool, .retry, .drop, .raise, .unreachable: true
        default: false
        }
    }
}

/// One instruction, taken apart for cold readers.
struct Instruction: Sendable {
    let opcode: Opcode
    let a: Int
    let b: Int
    let c: Int
    /// The word behind it, when it has one.
    let word: UInt32?

    /// Nil when the word holds no known opcode or its second word is missing.
    init?(at position: Int, in code: [UInt32]) {
        guard position < code.count else { return nil }
        let first = code[position]
        guard let opcode = Opcode(rawValue: UInt8(truncatingIfNeeded: first)) else { return nil }
        self.opcode = opcode
        a = Int((first >> 8) & 0xff)
        b = Int((first >> 16) & 0xff)
        c = Int(first >> 24)
        if opcode.layout.wordCount == 2 {
            guard position + 1 < code.count else { return nil }
            word = code[position + 1]
        } else {
            word = nil
        }
    }

    var wordCount: Int { word == nil ? 1 : 2 }
    /// b and c as one number.
    var wide: Int { b | c << 8 }
    var immediate16: Int { Int(Int16(bitPattern: UInt16(b | c << 8))) }
    /// Words from the end of this instruction.
    var offset: Int { Int(Int32(bitPattern: word ?? 0)) }

    static func encode(_ opcode: Opcode, _ a: Int, _ b: Int, _ c: Int) -> UInt32 {
        UInt32(opcode.rawValue) | UInt32(a & 0xff) << 8 | UInt32(b & 0xff) << 16 | UInt32(c & 0xff) << 24
    }
}
