// RuleIndex.swift: finds the rules of a subscription that an event satisfies.
//
// First form: exact types are hashed to the list of their rules; globs and rules without a type come in a
// list of their own that is tried one by one; the two lists are merged in source order. A `where` is asked
// only for rules whose type fits. The meaning is that of testing the rules one by one (a test compares).
// Neighbours: Rule.swift, Glob.swift, Machine (runs the predicates).

package import Machine

package struct RuleIndex: Sendable {
    package let rules: [Rule]
    private let types: TypeTable
    /// Positions of rules that name each type, in source order; by the table's number of the type.
    private let exact: [[UInt32]]
    /// Rules that must be tried for every type, in source order.
    private let open: [OpenRule]

    private struct OpenRule: Sendable {
        let position: UInt32
        /// Empty: any type.
        let globs: [Glob]
    }

    /// - Parameter rules: in source order; an `otherwise` comes last.
    package init(rules: [Rule]) {
        self.rules = rules
        var types = TypeTable()
        var exact: [[UInt32]] = []
        var open: [OpenRule] = []
        for (position, rule) in rules.enumerated() {
            let globs = rule.typePatterns.map(Glob.init)
            for glob in globs where glob.isExact {
                let number = types.insert(glob.pattern)
                if number == exact.count { exact.append([]) }
                if exact[number].last != UInt32(position) { exact[number].append(UInt32(position)) }
            }
            let wild = globs.filter { !$0.isExact }
            if globs.isEmpty || !wild.isEmpty { open.append(OpenRule(position: UInt32(position), globs: wild)) }
        }
        self.types = types
        self.exact = exact
        self.open = open
    }

    /// The rules that fit, in source order.
    ///
    /// - Parameters:
    ///   - type: the event's type, UTF-8.
    ///   - all: false ends with the first one (`match: "first"`).
    ///   - evaluate: runs a predicate; it throws when fuel ends it.
    package func matching<Failure: Error>(
        type: Span<UInt8>, all: Bool, evaluate: (FunctionIndex) throws(Failure) -> Bool
    ) throws(Failure) -> [Rule] {
        var found: [Rule] = []
        let named = types.find(type).map { exact[$0] } ?? []
        var nextNamed = 0
        var nextOpen = 0
        while nextNamed < named.count || nextOpen < open.count {
            let byName = nextNamed < named.count ? named[nextNamed] : .max
            let byGlob = nextOpen < open.count ? open[nextOpen].position : .max
            let position = min(byName, byGlob)
            var fits = byName == position
            if fits { nextNamed += 1 }
            if byGlob == position {
                let globs = open[nextOpen].globs
                fits = fits || globs.isEmpty || globs.contains { $0.matches(type) }
                nextOpen += 1
            }
            let rule = rules[Int(position)]
            guard fits, !rule.isOtherwise || found.isEmpty else { continue }
            if let predicate = rule.predicate, try !evaluate(predicate) { continue }
            found.append(rule)
            if !all { break }
        }
        return found
    }

    /// As above, for callers that have the type as text.
    package func matching<Failure: Error>(
        type: String, all: Bool, evaluate: (FunctionIndex) throws(Failure) -> Bool
    ) throws(Failure) -> [Rule] {
        let bytes = Array(type.utf8)
        return try matching(type: bytes.span, all: all, evaluate: evaluate)
    }
}

/// Texts by number, found by their bytes without making a String.
private struct TypeTable: Sendable {
    private var texts: [[UInt8]] = []
    /// Open addressing; -1 is free. A power of two, at most half full.
    private var slots: [Int32] = Array(repeating: -1, count: 16)

    /// The text's number, a new one when it was not there.
    mutating func insert(_ text: String) -> Int {
        let bytes = Array(text.utf8)
        if let known = find(bytes.span) { return known }
        texts.append(bytes)
        if texts.count * 2 > slots.count { grow() } else { place(texts.count - 1) }
        return texts.count - 1
    }

    func find(_ bytes: Span<UInt8>) -> Int? {
        let mask = UInt64(slots.count - 1)
        var slot = Self.hash(bytes) & mask
        while slots[Int(slot)] >= 0 {
            let number = Int(slots[Int(slot)])
            if Self.same(texts[number], bytes) { return number }
            slot = (slot &+ 1) & mask
        }
        return nil
    }

    private mutating func place(_ number: Int) {
        let mask = UInt64(slots.count - 1)
        let text = texts[number]
        var slot = Self.hash(text.span) & mask
        while slots[Int(slot)] >= 0 { slot = (slot &+ 1) & mask }
        slots[Int(slot)] = Int32(number)
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        for number in texts.indices { place(number) }
    }

    private static func same(_ one: [UInt8], _ two: Span<UInt8>) -> Bool {
        guard one.count == two.count else { return false }
        for index in 0..<one.count where one[index] != two[index] { return false }
        return true
    }

    /// FNV-1a, folded so that the low bits depend on all of it.
    private static func hash(_ bytes: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in 0..<bytes.count { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        return hash ^ (hash &>> 32)
    }
}
