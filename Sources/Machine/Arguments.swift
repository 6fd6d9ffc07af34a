// Arguments.swift: what a builtin's body sees: its receiver, its arguments, the run's memory and fuel.
//
// Neighbours: Builtin.swift, Builtins/.

internal import Diagnostics

/// The registers of one call. Reading beyond what was passed gives null.
struct Arguments: BitwiseCopyable {
    let block: FiberBlock
    private let registers: Registers
    let count: Int

    init(block: FiberBlock, registers: Registers, count: Int) {
        self.block = block
        self.registers = registers
        self.count = count
    }

    var arena: Arena { block.arena }
    var receiver: Value { registers[0] }
    /// 0 is the receiver.
    subscript(position: Int) -> Value { position < count ? registers[position] : .null }

    /// Charges work in steps of sixty-four bytes.
    func charge(bytes: Int) throws(Fault) { try block.charge(bytes / 64) }
    /// Charges work in steps of eight items.
    func charge(items: Int) throws(Fault) { try block.charge(items / 8) }

    func wrongKind(_ name: String, _ position: Int, wants: String) -> Fault {
        let which = position == 0 ? "works on" : "takes"
        return Fault(.wrongKind, "`\(name)` \(which) \(wants), got \(FiberBlock.withArticle(self[position].kind))")
    }

    func string(_ position: Int, _ name: String) throws(Fault) -> Value {
        let value = self[position]
        guard value.isString else { throw wrongKind(name, position, wants: "a string") }
        return value
    }
    func int(_ position: Int, _ name: String) throws(Fault) -> Int64 {
        let value = self[position]
        if value.isInt { return value.int64 }
        if value.isFloat, let exact = Int64(exactly: value.double) { return exact }
        throw wrongKind(name, position, wants: "an int")
    }
    func number(_ position: Int, _ name: String) throws(Fault) -> Value {
        let value = self[position]
        guard value.isNumber else { throw wrongKind(name, position, wants: "a number") }
        return value
    }
    /// False when it is not given.
    func flag(_ position: Int, _ name: String) throws(Fault) -> Bool {
        let value = self[position]
        guard value.isNull || value.kind == .bool else { throw wrongKind(name, position, wants: "a bool") }
        return value.isTrue
    }
    func list(_ position: Int, _ name: String) throws(Fault) -> Aggregate {
        guard self[position].isList else { throw wrongKind(name, position, wants: "a list") }
        return Aggregate(try opened(position))
    }
    func object(_ position: Int, _ name: String) throws(Fault) -> Aggregate {
        guard self[position].isObject else { throw wrongKind(name, position, wants: "an object") }
        return Aggregate(try opened(position))
    }
    /// A pattern of the program by its number.
    func pattern(_ position: Int, _ name: String) throws(Fault) -> PatternEntry {
        let value = self[position]
        let image = unsafe block.header.pointee.image
        guard value.isInt, value.int64 >= 0, unsafe value.int64 < Int64(image.pointee.patternCount) else {
            throw Fault(.badArgument, "`\(name)` takes a pattern that was compiled at load")
        }
        return unsafe image.pointee.patterns[Int(value.int64)]
    }
    /// An aggregate argument, opened in its register too.
    func opened(_ position: Int) throws(Fault) -> Value {
        let value = try arena.open(self[position])
        if position < count { registers[position] = value }
        return value
    }

    /// A new list of the items that `body` gives for each position.
    func list(count: Int, _ body: (Int) throws(Fault) -> Value) throws(Fault) -> Value {
        let result = try arena.aggregate(.list, count: count, capacity: count)
        for position in 0..<count { Aggregate(result).setValue(try body(position), at: position) }
        return result
    }

    func slice(_ text: Value, from start: Int, count: Int) -> Value {
        Value(.string, text: text.text + start, count: count)
    }
}
