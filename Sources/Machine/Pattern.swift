// Pattern.swift: a regular expression, compiled once for a deployment, on RE2.
//
// The only file that sees RE2. Matching takes time in proportion to the text, whatever the pattern; a pattern that
// would need more memory than its share is refused. Neighbours: Builtins/Matches.swift, Builtins/Capture.swift,
// Program.swift (keeps the patterns), Language/Check (makes them, so that a bad one is an error at load).

internal import CRE2

/// Why a text is no regular expression.
package struct PatternError: Error, Equatable {
    /// `missing )`
    package let reason: String
    /// The part of the pattern that is to blame, in bytes; empty when RE2 does not say.
    package let part: Range<Int>
}

/// SAFETY: RE2 matches from several threads at once; the handle is freed once, when nobody holds the pattern.
@safe package final class Pattern: @unchecked Sendable {
    /// What a pattern's automaton may take. RE2's own default is eight times this; a hundred patterns stay below 100 MB.
    package static let memoryBytesMax = 1 << 20
    /// More groups than anybody reads; what `capture` needs of the run's memory grows with them.
    package static let groupsMax = 100

    package let text: String
    /// The groups in their order: a name, or the group's number.
    package let groups: [String]
    let handle: OpaquePointer

    package init(_ text: String) throws(PatternError) {
        self.text = text
        var problem = CRE2Problem()
        var copy = text
        let made = copy.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                // RE2 reads nothing of an empty text, but wants a place.
                unsafe cre2_compile(characters.baseAddress, characters.count, Int64(Self.memoryBytesMax), &problem)
            }
        }
        guard let made = unsafe made else { throw PatternError(problem, in: text) }
        unsafe handle = made
        let count = unsafe cre2_group_count(made)
        guard Int(count) <= Self.groupsMax else {
            unsafe cre2_free(made)
            throw PatternError(reason: "more than \(Self.groupsMax) groups", part: 0..<text.utf8.count)
        }
        groups = (0..<count).map { number in
            var name: [CChar] = Array(repeating: 0, count: 128)
            return unsafe cre2_group_name(made, number + 1, &name, name.count) ? swiftString(name) : "\(number + 1)"
        }
    }

    deinit { unsafe cre2_free(handle) }
}

extension PatternError {
    init(_ problem: CRE2Problem, in pattern: String) {
        var message = unsafe withUnsafeBytes(of: problem.message) { unsafe swiftString($0.bindMemory(to: CChar.self)) }
        let part = unsafe withUnsafeBytes(of: problem.part) { unsafe swiftString($0.bindMemory(to: CChar.self)) }
        if !part.isEmpty, message.hasSuffix(": \(part)") { message.removeLast(part.count + 2) }
        reason = message
        self.part = Self.place(of: Array(part.utf8), in: Array(pattern.utf8))
    }

    /// The last place where the part stands: RE2 reads from the left and stops there.
    private static func place(of part: [UInt8], in pattern: [UInt8]) -> Range<Int> {
        guard !part.isEmpty, part.count <= pattern.count else { return 0..<0 }
        for start in (0...(pattern.count - part.count)).reversed()
        where pattern[start..<(start + part.count)].elementsEqual(part) {
            return start..<(start + part.count)
        }
        return 0..<0
    }
}

/// Up to the first zero.
private func swiftString(_ characters: some Sequence<CChar>) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// A pattern in its program's memory.
///
/// SAFETY: the program holds the `Pattern` that owns the handle, and the names are in the program's memory.
@unsafe struct PatternEntry {
    let handle: OpaquePointer
    /// Strings: what `capture` calls its groups.
    let groups: UnsafeMutablePointer<Value>
    let groupCount: Int
}

extension PatternEntry {
    func matches(_ text: Value) -> Bool {
        unsafe cre2_matches(handle, text.characters, text.length)
    }

    /// An object of the groups, null when the pattern does not occur in the text.
    func capture(_ text: Value, in arena: Arena) throws(Fault) -> Value {
        let memory = unsafe try arena.allocate(groupCount * MemoryLayout<CRE2Group>.stride)
        let found = unsafe memory.bindMemory(to: CRE2Group.self, capacity: groupCount)
        guard unsafe cre2_capture(handle, text.characters, text.length, found, Int32(groupCount)) else { return .null }
        let object = unsafe try arena.object(sharedKeys: groups, count: groupCount)
        for number in unsafe 0..<groupCount {
            let group = unsafe found[number]
            let value: Value =
                group.start < 0 ? .null : Value(.string, text: text.text + Int(group.start), count: Int(group.count))
            Aggregate(object).setValue(value, at: number)
        }
        return object
    }
}

extension Value {
    /// A text's first byte, as C sees it.
    var characters: UnsafePointer<CChar>? { unsafe UnsafePointer(bitPattern: UInt(text.addressBits)) }
}
