// RuleIndexBuilder.swift: files each conjunction of each rule under one access test, and writes the index.
//
// The access test is the one that the fewest conjunctions share: an event then meets few that do not fit it. A
// conjunction that names its types is filed under each of them; what has nothing to look up goes to its type's plain
// list. Neighbours: NormalForm.swift (conjunctions), AccessChoice.swift (what a test can be looked up by),
// RuleIndexBuilder+Tests.swift (compiles tests), IndexImage.swift (the result).

internal import Machine

struct RuleIndexBuilder {
    /// So few conjunctions are tried one by one: that is cheaper than any look-up.
    static let scannedMax = 16
    /// The same within one type.
    static let scannedOfTypeMax = 3
    /// A conjunction that would stand in more lists than this is filed by its types alone.
    static let listsOfClauseMax = 256

    /// A conjunction on its way into the index.
    struct Draft {
        let rule: UInt32
        let isExact: Bool
        /// Type numbers; empty: any.
        let types: [UInt32]
        var atoms: [Atom]
    }

    let memory = IndexMemory()
    var drafts: [Draft] = []
    var tests: [CompiledTest] = []
    var members: [Member] = []
    var ranges: [CompiledRange] = []
    var networks: [IPNetwork] = []
    var itemTests: [ItemTest] = []
    var paths: [Stretch] = []
    var pathNumbers: [[ByteText]: UInt32] = [:]
    var keys: [Value] = []
    var texts: [ByteText: Value] = [:]
    var typeNumbers: [ByteText: UInt32] = [:]
    var typeNames: [Value] = [.null]
    /// How long the texts are that strings of a slot are looked up by their ends.
    var endLengths = EndLengths()

    // MARK: rules

    mutating func add(_ rule: Rule, at position: UInt32) {
        guard !rule.isOtherwise else { return }
        let types = Self.typeClauses(rule.typePatterns)
        var conditions = rule.predicate == nil ? [Clause.always] : NormalForm.clauses(of: rule.condition)
        // Only the condition may become a residue: the machine's predicate does not know the types.
        if types.count > 1, types.count * conditions.count > NormalForm.clausesMax, conditions.count > 1 {
            conditions = [.opaque]
        }
        for type in types {
            for condition in conditions { draft(type.merging(condition), position) }
        }
    }

    /// `on "a", "b.*"`: a test of the type, or one for each glob.
    private static func typeClauses(_ patterns: [String]) -> [Clause] {
        if patterns.isEmpty { return [.always] }
        var names: [Scalar] = []
        var clauses: [Clause] = []
        for pattern in patterns {
            if Glob(pattern).isExact {
                names.append(.string(ByteText(pattern)))
            } else {
                clauses.append(Clause(atoms: [Atom(slot: 0, .isLike(ByteText(pattern)))], isExact: true))
            }
        }
        if !names.isEmpty { clauses.append(Clause(atoms: [Atom(slot: 0, names.asTest)], isExact: true)) }
        return clauses
    }

    private mutating func draft(_ clause: Clause, _ rule: UInt32) {
        var atoms: [Atom] = []
        var types: [ByteText]?
        for atom in clause.atoms {
            let atom = atom.simplified
            if atom.slot == 0, let names = atom.equalStrings {
                types = types.map { $0.filter(names.contains) } ?? names
            } else if !atoms.contains(atom) {
                atoms.append(atom)
                endLengths.note(atom)
            }
        }
        if let types, types.isEmpty { return }
        var numbers: [UInt32] = []
        for type in types ?? [] {
            let number = typeNumber(type)
            if !numbers.contains(number) { numbers.append(number) }
        }
        drafts.append(Draft(rule: rule, isExact: clause.isExact, types: numbers, atoms: atoms))
    }

    private mutating func typeNumber(_ name: ByteText) -> UInt32 {
        if let known = typeNumbers[name] { return known }
        let number = UInt32(typeNames.count)
        typeNumbers[name] = number
        typeNames.append(text(name))
        return number
    }

    mutating func text(_ text: ByteText) -> Value {
        if let known = texts[text] { return known }
        let value = memory.text(text.string)
        texts[text] = value
        return value
    }

    // MARK: the index

    consuming func finish() -> (IndexImage, IndexMemory) {
        if drafts.count <= Self.scannedMax { forgetTypes() }
        endLengths.choose()
        var filing = Filing(typeCount: typeNames.count)
        let choices = AccessChoice.choices(of: &self, in: &filing)
        var clauses: [CompiledClause] = []
        clauses.reserveCapacity(drafts.count)
        tests.reserveCapacity(drafts.count * 2)
        for (number, draft) in drafts.enumerated() {
            let choice = choices[number]
            let first = UInt32(tests.count)
            for (place, atom) in draft.atoms.enumerated() where choice?.impliedAtom != place {
                compile(atom)
            }
            order(from: Int(first))
            clauses.append(
                CompiledClause(
                    firstTest: first, testCount: UInt32(tests.count) - first,
                    outcome: draft.rule << 1 | (draft.isExact ? 0 : 1)))
            filing.file(UInt32(number), draft.types, choice, &self)
        }
        return (image(clauses, filing), memory)
    }

    /// Few conjunctions stand in one list, their types among their tests.
    private mutating func forgetTypes() {
        let names = typeNumbers.sorted { $0.value < $1.value }.map(\.key)
        drafts = drafts.map { draft in
            guard !draft.types.isEmpty else { return draft }
            let test = draft.types.map { Scalar.string(names[Int($0) - 1]) }.asTest
            return Draft(rule: draft.rule, isExact: draft.isExact, types: [], atoms: [Atom(slot: 0, test)] + draft.atoms)
        }
        typeNumbers = [:]
        typeNames = [.null]
    }

    private func image(_ clauses: [CompiledClause], _ filing: consuming Filing) -> IndexImage {
        let table = filing.table()
        let (typeSlots, typeMask) = typeTable()
        let slotsNeeded = 1 + (drafts.lazy.flatMap(\.atoms).map(\.slot).max() ?? 0)
        return IndexImage(
            tests: memory.table(tests), clauses: memory.table(clauses), entries: memory.table(table.entries),
            lists: memory.table(table.lists), slots: memory.table(table.slots),
            slotMask: UInt64(table.slots.count - 1), salt: table.salt, probes: memory.table(table.probes),
            plans: memory.table(table.plans), typeSlots: memory.table(typeSlots), typeMask: typeMask,
            typeNames: memory.table(typeNames), members: memory.table(members), ranges: memory.table(ranges), networks: memory.table(networks),
            itemTests: memory.table(itemTests), paths: memory.table(paths), keys: memory.table(keys),
            trees: memory.table(table.trees), intervals: memory.table(table.intervals), slotsNeeded: slotsNeeded,
            listCount: table.lists.count, hasItemProbes: table.probes.contains { $0.kind == .item })
    }

    private func typeTable() -> ([UInt32], UInt64) {
        var size = 4
        while size < typeNames.count * 2 { size *= 2 }
        var slots = Array(repeating: UInt32(0), count: size)
        for number in typeNames.indices.dropFirst() {
            let name = typeNames[number]
            var position = Int(truncatingIfNeeded: name.textPlace.hash(name.textCount).mixed) & (size - 1)
            while slots[position] != 0 { position = (position + 1) & (size - 1) }
            slots[position] = UInt32(number)
        }
        return (slots, UInt64(size - 1))
    }
}

extension Atom {
    /// Strings that the slot must be one of, when that is what is asked and nothing else.
    var equalStrings: [ByteText]? {
        guard let scalars = equalScalars else { return nil }
        var strings: [ByteText] = []
        for scalar in scalars {
            guard case .string(let text) = scalar else { return nil }
            strings.append(text)
        }
        return strings
    }

    /// The same asked in the plainest way.
    var simplified: Atom {
        guard case .isLike(let text) = test else { return self }
        let pattern = text.string
        let stars = pattern.utf8.count { $0 == UInt8(ascii: "*") }
        if stars == 0 { return Atom(slot: slot, subject: subject, .equals(.string(text)), isNegated: isNegated) }
        guard stars == 1, pattern.utf8.count > 1 else { return self }
        if pattern.hasSuffix("*") {
            return Atom(slot: slot, subject: subject, .startsWith(ByteText(String(pattern.dropLast()))), isNegated: isNegated)
        }
        if pattern.hasPrefix("*") {
            return Atom(slot: slot, subject: subject, .endsWith(ByteText(String(pattern.dropFirst()))), isNegated: isNegated)
        }
        return self
    }
}
