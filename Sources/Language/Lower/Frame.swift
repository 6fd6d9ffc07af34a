// Frame.swift: the registers and names of the function that is being lowered.
//
// Registers are a stack: locals and temporaries alike are taken from the top and given back in order, so the
// values of a call or an effect always stand side by side above everything that lives.

internal import Diagnostics
internal import Machine

struct Frame {
    struct Name {
        let symbol: Symbol
        let register: Int
        let isVariable: Bool
    }
    struct Loop {
        let next: CodeLabel
        let end: CodeLabel
    }
    /// Where `keep` goes on.
    struct Update {
        let keep: CodeLabel
        let loopDepth: Int
    }
    /// A lock that is held here.
    struct Lock {
        let key: Int
        let owner: Int
        let resource: Int
        let label: String
        let loopDepth: Int
    }
    /// An event or request whose data was fitted to a type: `event.data` is in a register of its own.
    struct Fitted {
        let symbol: Symbol
        let key: String
        let register: Int
    }

    var file = 0
    var tree = Frame.noTree
    var names: [Name] = []
    var next = 0
    var highest = 0
    var loops: [Loop] = []
    var updates: [Update] = []
    var locks: [Lock] = []
    var fitted: Fitted?
    var isPredicate = false
    /// The place that took a register too many.
    var overflow: SourceRange?

    private static let noTree = SyntaxTree(file: SourceFileID(0))
    /// The most registers of a function. (Operands are bytes, and a call's window stands above.)
    static let registersMax = 250

    mutating func take(at range: SourceRange) -> Int {
        if next >= Self.registersMax {
            overflow = overflow ?? range
            return Self.registersMax - 1
        }
        next += 1
        highest = max(highest, next)
        return next - 1
    }
}

extension Lowering: TestReading {
    var tree: SyntaxTree { frame.tree }
    func isCoerced(_ node: NodeID) -> Bool { checked.coercions[key(node)] != nil }
    func isLocal(_ name: NodeID) -> Bool { self.name(name) != nil || word(name) == "event" }

    func kind(_ node: NodeID) -> NodeKind { frame.tree.kind(of: node) }
    func range(_ node: NodeID) -> SourceRange { frame.tree.range(of: node) }
    func child(_ position: Int, _ node: NodeID) -> NodeID { frame.tree.child(position, of: node) }
    func children(_ node: NodeID) -> ArraySlice<NodeID> { frame.tree.children(of: node) }
    func key(_ node: NodeID) -> NodeKey { NodeKey(file: frame.file, node: node) }
    func callee(_ node: NodeID) -> Callee? { checked.callees[key(node)] }

    func word(_ node: NodeID) -> String {
        switch kind(node) {
        case .name: declarations.symbols[frame.tree.symbol(of: node)]
        case .string: frame.tree.string(of: node)
        default: ""
        }
    }

    /// The constant that holds a name: the same name stands in thousands of handlers.
    func constant(named node: NodeID) -> UInt32 {
        guard kind(node) == .name else { return assembler.constant(.string(word(node))) }
        let symbol = frame.tree.symbol(of: node)
        let known = nameConstants[Int(symbol.rawValue)]
        if known > 0 { return known - 1 }
        let number = assembler.constant(.string(declarations.symbols[symbol]))
        nameConstants[Int(symbol.rawValue)] = number + 1
        return number
    }

    /// A new register on top.
    func take(_ node: NodeID) -> Int { frame.take(at: range(node)) }

    /// Gives back every register that `work` took.
    func scoped<Result>(_ work: (Lowering) -> Result) -> Result {
        let mark = frame.next
        let names = frame.names.count
        let result = work(self)
        frame.next = mark
        frame.names.removeSubrange(names...)
        return result
    }

    func bind(_ node: NodeID, to register: Int, isVariable: Bool = false) {
        guard kind(node) == .name else { return }
        frame.names.append(
            Frame.Name(symbol: frame.tree.symbol(of: node), register: register, isVariable: isVariable))
    }

    func name(_ node: NodeID) -> Frame.Name? {
        guard kind(node) == .name else { return nil }
        let symbol = frame.tree.symbol(of: node)
        return frame.names.last { $0.symbol == symbol }
    }

    /// Loads a constant.
    func load(_ constant: Constant, into register: Int, at place: SourceRange) {
        switch constant {
        case .null: assembler.emit(.loadNull, register, at: place)
        case .bool(let value): assembler.emit(.loadBool, register, value ? 1 : 0, at: place)
        case .int(let value) where Int16(exactly: value) != nil:
            assembler.emit(.loadInt, register, imm16: Int(value), at: place)
        default:
            let number = assembler.constant(constant)
            assembler.emit(.loadConstant, register, word: number, at: place)
        }
    }

    func move(_ source: Int, into target: Int, at place: SourceRange) {
        if source != target { assembler.emit(.move, target, source, at: place) }
    }

    func jump(to label: CodeLabel, at place: SourceRange) {
        assembler.emitJump(.jump, to: label, at: place)
    }

    /// Takes a register for a moment when the constant's number does not fit the instruction.
    func jump(to label: CodeLabel, unless value: Int, equals constant: Constant, at place: SourceRange) {
        let number = assembler.constant(constant)
        if let short = Int16(exactly: number) {
            assembler.emitJump(.jumpUnlessEqualConstant, value, imm16: Int(short), to: label, at: place)
            return
        }
        scoped { lowering in
            let expected = lowering.frame.take(at: place)
            lowering.load(constant, into: expected, at: place)
            lowering.assembler.emitJump(.jumpUnlessEqual, value, expected, to: label, at: place)
        }
    }
}
