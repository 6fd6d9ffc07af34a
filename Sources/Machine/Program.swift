// Program.swift: a compiled deployment's code: immutable, shared by every loop, swapped whole on reload.
//
// Law 4: a fiber keeps the program that it began with. Built by Assembler.swift, run by Fiber+Dispatch.swift.

package import Diagnostics

/// Position in `Program.functions`.
package struct FunctionIndex: Hashable, Sendable {
    package let rawValue: UInt32
    package init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

/// One compiled handler, function, rule predicate or rule block.
package struct FunctionCode: Sendable {
    /// As people write it: `widgets.save`.
    package let name: String
    /// Offset of its first word in `Program.code`.
    package let entry: Int
    package let wordCount: Int
    /// Registers of its frame, arguments first.
    package let registerCount: Int
    package let parameterCount: Int
    package let range: SourceRange

    package init(
        name: String, entry: Int, wordCount: Int, registerCount: Int, parameterCount: Int, range: SourceRange
    ) {
        self.name = name
        self.entry = entry
        self.wordCount = wordCount
        self.registerCount = registerCount
        self.parameterCount = parameterCount
        self.range = range
    }
}

/// A stretch of code whose failures are caught. The innermost is listed first.
package struct CatchRange: Sendable {
    /// Offsets in `Program.code`; the failing instruction begins inside.
    package let words: Range<Int>
    /// Where it goes on, as an offset in `Program.code`.
    package let target: Int
    /// The register that gets the failure.
    package let register: UInt8

    package init(words: Range<Int>, target: Int, register: UInt8) {
        self.words = words
        self.target = target
        self.register = register
    }
}

/// From this word on, code stems from this place in the source. There is one for nearly every instruction of a
/// deployment, so it is packed into sixteen bytes.
package struct CodePlace: Sendable {
    private let wordOffset: UInt32
    private let file: UInt32
    private let start: UInt32
    private let end: UInt32

    package var word: Int { Int(wordOffset) }
    package var range: SourceRange { SourceRange(file: SourceFileID(file), start: start, end: end) }

    package init(word: Int, range: SourceRange) {
        wordOffset = UInt32(truncatingIfNeeded: word)
        file = range.file.rawValue
        start = range.start
        end = range.end
    }

    func isSamePlace(as other: CodePlace) -> Bool { start == other.start && end == other.end && file == other.file }
}

/// What the dispatch loop reads, as plain memory.
@unsafe struct ProgramImage {
    var code: UnsafePointer<UInt32>
    var constants: UnsafePointer<Value>
    var functions: UnsafePointer<FunctionEntry>
    var functionCount: Int
    var keyLists: UnsafePointer<UnsafeMutablePointer<Value>>
    var builtins: UnsafePointer<BuiltinBody>
    var catches: CatchTable
    var trie: FieldTrie
    /// As many `missing` as there are slots: what an event that was not scanned has.
    var missingSlots: UnsafeMutablePointer<Value>
    var sites: UnsafePointer<SiteEntry>
    /// By `ShapeIndex`.
    var fits: UnsafePointer<CompiledShape>
    /// By the numbers that stand in the code.
    var patterns: UnsafePointer<PatternEntry>
    var patternCount: Int
}

/// Where an effect's operands stand.
struct SiteEntry {
    let firstOperand: Int
    let operandCount: Int
}

@unsafe struct FunctionEntry {
    var code: UnsafePointer<UInt32>
    /// Sixteen a register.
    var registerBytes: UInt32
    var parameterCount: UInt32

    var registerCount: Int { unsafe Int(registerBytes) / MemoryLayout<Value>.stride }
}

/// The program.
///
/// SAFETY: everything is written in `init` and only read afterwards, by any number of threads; lists and objects
/// among its constants are whole, with their index built, so that reading one never writes.
@safe package final class Program: @unchecked Sendable {
    package let functions: [FunctionCode]
    package let catchRanges: [CatchRange]
    package let places: [CodePlace]
    package let effectSites: [EffectSite]
    package let shapes: [Shape]
    /// The path of each slot below the event's envelope.
    package let slotPaths: [[PathStep]]
    package let slotOfType = 0
    package let slotOfID = 1
    package let slotOfSource = 2
    let code: [UInt32]
    let constants: [Constant]
    let keyLists: [[String]]
    /// Kept alive for the image.
    let patterns: [Pattern]

    /// Functions by their entry, for `function(atWord:)`.
    private let byEntry: [(entry: Int, index: Int)]
    private let memory: OwnedArena
    let image: UnsafePointer<ProgramImage>

    init(_ parts: ProgramParts) {
        functions = parts.functions
        catchRanges = parts.catchRanges
        places = parts.places
        effectSites = parts.effectSites
        shapes = parts.shapes
        slotPaths = parts.slotPaths
        code = parts.code
        constants = parts.constants
        keyLists = parts.keyLists
        patterns = parts.patterns
        byEntry = parts.functions.enumerated().map { ($0.element.entry, $0.offset) }.sorted { $0.0 < $1.0 }
        memory = OwnedArena(limitBytes: Int.max / 4)
        let arena = memory.arena
        unsafe image = unsafe arena.image(of: parts)
    }

    /// The place in the source that an instruction stems from.
    package func range(atWord word: Int) -> SourceRange? {
        var low = 0
        var high = places.count
        while low < high {
            let middle = (low + high) / 2
            if places[middle].word <= word { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : places[low - 1].range
    }

    /// The function that an instruction belongs to.
    package func function(atWord word: Int) -> FunctionIndex? {
        var low = 0
        var high = byEntry.count
        while low < high {
            let middle = (low + high) / 2
            if byEntry[middle].entry <= word { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : FunctionIndex(UInt32(byEntry[low - 1].index))
    }
}

extension Arena {
    /// Writes a program's tables into this arena, which lives as long as the program.
    func image(of parts: ProgramParts) -> UnsafePointer<ProgramImage> {
        let code = unsafe table(parts.code)
        let functions = unsafe parts.functions.map {
            unsafe FunctionEntry(
                code: code + $0.entry, registerBytes: UInt32($0.registerCount * MemoryLayout<Value>.stride),
                parameterCount: UInt32($0.parameterCount))
        }
        let keyLists = unsafe parts.keyLists.map { keys in
            unsafe UnsafeMutablePointer(mutating: table(keys.map { programValue(.string($0)) }))
        }
        return unsafe table([
            ProgramImage(
                code: code, constants: table(parts.constants.map { programValue($0) }), functions: table(functions),
                functionCount: functions.count, keyLists: table(keyLists), builtins: Builtin.bodies,
                catches: catchTable(of: parts),
                trie: FieldTrie(paths: parts.slotPaths, in: self),
                missingSlots: UnsafeMutablePointer(mutating: table(parts.slotPaths.map { _ in Value.missing })),
                sites: table(
                    parts.effectSites.map {
                        SiteEntry(firstOperand: Int($0.firstOperand), operandCount: $0.operandCount)
                    }),
                fits: table(parts.shapes.map { unsafe CompiledShape($0, in: self) }),
                patterns: table(parts.patterns.map { unsafe entry(of: $0) }), patternCount: parts.patterns.count)
        ])
    }

    private func entry(of pattern: Pattern) -> PatternEntry {
        unsafe PatternEntry(
            handle: pattern.handle,
            groups: UnsafeMutablePointer(mutating: table(pattern.groups.map { programValue(.string($0)) })),
            groupCount: pattern.groups.count)
    }

    private func catchTable(of parts: ProgramParts) -> CatchTable {
        let entries = unsafe parts.catchRanges.map {
            unsafe CatchTable.Entry(
                from: Int32($0.words.lowerBound), to: Int32($0.words.upperBound), target: Int32($0.target),
                register: $0.register)
        }
        // Ranges stand in the order of their functions, so both are gone through once.
        var next = 0
        let groups = parts.functions.map(\.entry).sorted().map { entry in
            while next < parts.catchRanges.count, parts.catchRanges[next].words.lowerBound < entry { next += 1 }
            return (word: Int32(entry), entry: Int32(next))
        }
        return unsafe CatchTable(
            entries: table(entries), count: entries.count, groups: table(groups), groupCount: groups.count)
    }

    func table<Element>(_ elements: [Element]) -> UnsafePointer<Element> {
        let memory = unsafe allocateOverdrawing(max(1, elements.count) * MemoryLayout<Element>.stride)
        let typed = unsafe memory.bindMemory(to: Element.self, capacity: max(1, elements.count))
        for (offset, element) in elements.enumerated() { unsafe (typed + offset).initialize(to: element) }
        return unsafe UnsafePointer(typed)
    }

    /// A constant as a value that is never written again.
    func programValue(_ constant: Constant) -> Value {
        let value = self.value(of: constant)
        seal(value)
        return value
    }

    private func seal(_ value: Value) {
        guard value.isList || value.isObject else { return }
        let aggregate = Aggregate(value)
        for position in 0..<aggregate.count { seal(aggregate.value(at: position)) }
        if value.isObject, aggregate.count > Aggregate.scannedMax { aggregate.buildIndex() }
        unsafe aggregate.header.pointee.arena = 0
    }
}
