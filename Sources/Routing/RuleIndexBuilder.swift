// RuleIndexBuilder.swift: files each conjunction of each rule under one access test, and writes the index.
//
// The access test is the one that the fewest conjunctions share: an event then meets few that do not fit it. A
// conjunction that names its types is filed under each of them; what has nothing to look up goes to its type's plain
// list. All of it works on compiled tests, which are plain memory: a hundred thousand rules are indexed at every reload.
// Neighbours: NormalForm.swift (conjunctions), RuleIndexBuilder+Tests.swift (compiles tests), AccessChoice.swift (what
// a test can be looked up by), Filing.swift (keys to lists), IndexImage.swift (the result).

internal import Machine

/// An object, as the checker is: its many tables were copied wherever a helper read one of them.
final class RuleIndexBuilder {
    /// So few conjunctions are tried one by one: that is cheaper than any look-up.
    static let scannedMax = 16
    /// The same within one type.
    static let scannedOfTypeMax = 3

    /// A conjunction on its way into the index.
    struct Draft: BitwiseCopyable {
        /// As `CompiledClause.outcome`.
        let outcome: UInt32
        /// In `tests`, those of its types not among them.
        var firstTest: UInt32
        var testCount: UInt32
        /// In `draftTypes`; none: any.
        var firstType: UInt32
        var typeCount: UInt32
    }

    let memory = IndexMemory()
    var drafts: [Draft] = []
    var draftTypes: [UInt32] = []
    var tests: [CompiledTest] = []
    var members: [Member] = []
    var ranges: [CompiledRange] = []
    var networks: [IPNetwork] = []
    var itemTests: [ItemTest] = []
    /// The first is that of the item itself.
    var paths = [Stretch(first: 0, count: 0)]
    var pathNumbers: [[ByteText]: UInt32] = [[]: 0]
    var keys: [Value] = []
    var texts = TextPool()
    var types = TextPool()
    var typeNames: [Value] = [.null]
    /// How long the texts are that strings of a slot are looked up by their ends.
    var endLengths = EndLengths()
    private var slotsNeeded = 1

    // MARK: rules

    func add(_ rule: Rule, at position: UInt32) {
        guard !rule.isOtherwise else { return }
        let globs = rule.typePatterns.filter { $0.utf8.contains(UInt8(ascii: "*")) }
        let names =
            globs.isEmpty ? rule.typePatterns : rule.typePatterns.filter { !$0.utf8.contains(UInt8(ascii: "*")) }
        let alternatives = globs.count + (names.isEmpty && !globs.isEmpty ? 0 : 1)
        var conditions = rule.predicate == nil ? [Clause.always] : NormalForm.clauses(of: rule.condition)
        // Only the condition may become a residue: the machine's predicate does not know the types.
        if alternatives > 1, conditions.count > 1, alternatives * conditions.count > NormalForm.clausesMax {
            conditions = [.opaque]
        }
        for condition in conditions {
            if alternatives > globs.count { draft(condition, position, names: names, glob: nil) }
            for glob in globs { draft(condition, position, names: [], glob: glob) }
        }
    }

    /// - Parameter names: types by which the rule takes events; empty: any, or those that fit the glob.
    private func draft(_ clause: Clause, _ rule: UInt32, names: [String], glob: String?) {
        let first = UInt32(tests.count)
        let firstType = UInt32(draftTypes.count)
        var isTyped = !names.isEmpty
        for name in names { addType(typeNumber(ByteText(name)), since: Int(firstType)) }
        if let glob { compile(Atom(slot: 0, .isLike(ByteText(glob))).simplified) }
        for atom in clause.atoms {
            if atom.slot == 0, let wanted = atom.equalStrings {
                let numbers = wanted.map { typeNumber($0) }
                if isTyped {
                    let kept = draftTypes[Int(firstType)...].filter { numbers.contains($0) }
                    draftTypes.replaceSubrange(Int(firstType)..., with: kept)
                } else {
                    for number in numbers { addType(number, since: Int(firstType)) }
                }
                isTyped = true
            } else {
                compile(atom.simplified)
            }
            slotsNeeded = max(slotsNeeded, atom.slot + 1)
        }
        let typeCount = UInt32(draftTypes.count) - firstType
        if isTyped && typeCount == 0 {
            tests.removeSubrange(Int(first)...)
            return
        }
        order(from: Int(first))
        for position in Int(first)..<tests.count { endLengths.note(tests[position]) }
        drafts.append(
            Draft(
                outcome: rule << 1 | (clause.isExact ? 0 : 1), firstTest: first, testCount: UInt32(tests.count) - first,
                firstType: firstType, typeCount: typeCount))
    }

    private func addType(_ number: UInt32, since first: Int) {
        if !draftTypes[first...].contains(number) { draftTypes.append(number) }
    }

    private func typeNumber(_ name: ByteText) -> UInt32 {
        let value = text(name)
        let number = types.number(of: value)
        if Int(number) + 1 == typeNames.count { typeNames.append(value) }
        return number + 1
    }

    /// The text in the index's memory, once.
    func text(_ text: ByteText) -> Value {
        memory.withText(text.string) { texts.value(of: $0, in: memory) }
    }

    // MARK: the index

    func finish() -> (IndexImage, IndexMemory) {
        if drafts.count <= Self.scannedMax { forgetTypes() }
        endLengths.choose()
        let choice = AccessChoice(self)
        var filing = Filing(typeCount: typeNames.count)
        var clauses: [CompiledClause] = []
        clauses.reserveCapacity(drafts.count)
        for number in drafts.indices {
            let access = best(of: number, by: choice)
            let draft = drafts[number]
            if let access, access.isImplied { setAside(access.test, of: number) }
            filing.file(UInt32(number), draft, access, self)
            clauses.append(
                CompiledClause(
                    firstTest: draft.firstTest, testCount: drafts[number].testCount, outcome: draft.outcome))
        }
        return (image(clauses, filing), memory)
    }

    /// Puts the test that the look-up asks already behind the others, which are all that the clause asks.
    private func setAside(_ test: UInt32, of number: Int) {
        let last = Int(drafts[number].firstTest + drafts[number].testCount) - 1
        let aside = tests[Int(test)]
        for position in Int(test)..<last { tests[position] = tests[position + 1] }
        tests[last] = aside
        drafts[number].testCount -= 1
    }

    /// Few conjunctions stand in one list, their types among their tests.
    private func forgetTypes() {
        for number in drafts.indices where drafts[number].typeCount > 0 {
            let draft = drafts[number]
            let first = Int(draft.firstType)
            let names = draftTypes[first..<(first + Int(draft.typeCount))].map { typeNames[Int($0)] }
            let own = tests[Int(draft.firstTest)..<Int(draft.firstTest + draft.testCount)]
            drafts[number].firstTest = UInt32(tests.count)
            drafts[number].testCount += 1
            drafts[number].typeCount = 0
            if names.count == 1 {
                tests.append(CompiledTest(operation: .isText, isNegated: false, slot: 0, operand: names[0]))
            } else {
                tests.append(
                    CompiledTest(operation: .isOneOf, isNegated: false, slot: 0, operand: memberRange(of: names)))
            }
            tests += own
        }
        draftTypes = []
        typeNames = [.null]
    }

    private func image(_ clauses: [CompiledClause], _ filing: consuming Filing) -> IndexImage {
        let table = filing.table()
        let (typeSlots, typeMask) = typeTable()
        return IndexImage(
            tests: memory.table(tests), clauses: memory.table(clauses), entries: memory.table(table.entries),
            lists: memory.table(table.lists), slots: memory.table(table.slots),
            slotMask: UInt64(table.slots.count - 1), salt: table.salt, probes: memory.table(table.probes),
            plans: memory.table(table.plans), typeSlots: memory.table(typeSlots), typeMask: typeMask,
            typeNames: memory.table(typeNames), members: memory.table(members), ranges: memory.table(ranges),
            networks: memory.table(networks), itemTests: memory.table(itemTests), paths: memory.table(paths),
            keys: memory.table(keys), trees: memory.table(table.trees), intervals: memory.table(table.intervals),
            slotsNeeded: slotsNeeded, listCount: table.lists.count,
            hasItemProbes: table.probes.contains { $0.kind == .item })
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

/// Texts by number, each once.
struct TextPool {
    private var values: [Value] = []
    /// Numbers + 1; 0 is free. A power of two, at most half full.
    private var slots: [UInt32] = Array(repeating: 0, count: 64)

    /// The number of a text, a new one when it was not there. The text stays where it is.
    mutating func number(of text: Value) -> UInt32 {
        let place = place(of: text)
        if slots[place] != 0 { return slots[place] - 1 }
        insert(text, at: place)
        return UInt32(values.count - 1)
    }

    /// The text in the index's memory, copied there when it is new.
    mutating func value(of text: Value, in memory: IndexMemory) -> Value {
        let place = place(of: text)
        if slots[place] != 0 { return values[Int(slots[place]) - 1] }
        let copy = memory.copy(text)
        insert(copy, at: place)
        return copy
    }

    private mutating func insert(_ text: Value, at place: Int) {
        values.append(text)
        slots[place] = UInt32(values.count)
        guard values.count * 2 > slots.count else { return }
        slots = Array(repeating: 0, count: slots.count * 2)
        for (number, value) in values.enumerated() { slots[self.place(of: value)] = UInt32(number + 1) }
    }

    private func place(of text: Value) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: text.textPlace.hash(text.textCount).mixed) & mask
        while slots[place] != 0 {
            let known = values[Int(slots[place]) - 1]
            if known.meta == text.meta, known.textPlace.holds(text.textCount, of: text.textPlace) { break }
            place = (place + 1) & mask
        }
        return place
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
            return Atom(
                slot: slot, subject: subject, .startsWith(ByteText(String(pattern.dropLast()))), isNegated: isNegated)
        }
        if pattern.hasPrefix("*") {
            return Atom(
                slot: slot, subject: subject, .endsWith(ByteText(String(pattern.dropFirst()))), isNegated: isNegated)
        }
        return self
    }
}
