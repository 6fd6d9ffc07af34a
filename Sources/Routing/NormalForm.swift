// NormalForm.swift: a predicate as a disjunction of conjunctions, with a bound on how many.
//
// What would go beyond the bound becomes a residue: the conjunction is kept as a necessary condition and the machine
// has the last word. So a rule's meaning never depends on how it was taken apart.
// Neighbours: Predicate.swift, RuleIndexBuilder.swift (files the conjunctions).

internal import Machine

/// A test, or its opposite, of a slot or of the items in it.
struct Atom: Hashable {
    enum Subject: Hashable {
        case slot
        case items(keys: [ByteText], isNegated: Bool)
    }
    let slot: Int
    let subject: Subject
    let test: Test
    let isNegated: Bool

    init(slot: Int, subject: Subject = .slot, _ test: Test, isNegated: Bool = false) {
        self.slot = slot
        self.subject = subject
        self.test = test
        self.isNegated = isNegated
    }

    /// A value that the slot must have, when that is what is asked.
    var equalScalars: [Scalar]? {
        guard !isNegated, subject == .slot else { return nil }
        switch test {
        case .equals(let scalar): return [scalar]
        case .isOneOf(let scalars): return scalars
        default: return nil
        }
    }
}

struct Clause {
    var atoms: [Atom]
    /// No: an event that fits all atoms must still be shown to the machine.
    var isExact: Bool
    static let always = Clause(atoms: [], isExact: true)
    static let opaque = Clause(atoms: [], isExact: false)
}

enum NormalForm {
    /// Conjunctions of one `where`.
    static let clausesMax = 64

    /// No clause: never. A clause without atoms: always, or only the machine knows.
    static func clauses(of predicate: Predicate) -> [Clause] { expand(predicate, isNegated: false) }

    private static func expand(_ predicate: Predicate, isNegated: Bool) -> [Clause] {
        switch predicate {
        case .always: return isNegated ? [] : [.always]
        case .never: return isNegated ? [.always] : []
        case .opaque: return [.opaque]
        case .not(let inner): return expand(inner, isNegated: !isNegated)
        case .test(let slot, let test):
            return [Clause(atoms: [Atom(slot: slot, test, isNegated: isNegated)], isExact: true)]
        case .anyItem(let slot, let keys, let test, let isItemNegated):
            let subject = Atom.Subject.items(keys: keys, isNegated: isItemNegated)
            return [Clause(atoms: [Atom(slot: slot, subject: subject, test, isNegated: isNegated)], isExact: true)]
        case .all(let parts) where !isNegated, .any(let parts) where isNegated:
            return conjunction(parts.map { expand($0, isNegated: isNegated) })
        case .all(let parts), .any(let parts):
            return disjunction(parts.map { expand($0, isNegated: isNegated) })
        }
    }

    private static func conjunction(_ parts: [[Clause]]) -> [Clause] {
        if parts.contains(where: \.isEmpty) { return [] }
        // Few alternatives first: when the bound is met, what is given up is what would multiply most.
        var result = [Clause.always]
        for part in parts.sorted(by: { $0.count < $1.count }) {
            if result.count * part.count > clausesMax {
                for position in result.indices { result[position].isExact = false }
                continue
            }
            if part.count == 1 {
                for position in result.indices { result[position].merge(part[0]) }
            } else {
                result = result.flatMap { clause in part.map { clause.merging($0) } }
            }
        }
        return result
    }

    private static func disjunction(_ parts: [[Clause]]) -> [Clause] {
        var result: [Clause] = []
        // Alternatives for one slot's value are one test, however many they are.
        var choices: [Int: [Scalar]] = [:]
        var order: [Int] = []
        for clause in parts.joined() {
            if clause.isExact, clause.atoms.count == 1, let scalars = clause.atoms[0].equalScalars {
                let slot = clause.atoms[0].slot
                if choices[slot] == nil { order.append(slot) }
                choices[slot, default: []] += scalars
            } else if clause.isExact, clause.atoms.isEmpty {
                return [.always]
            } else {
                result.append(clause)
            }
        }
        for slot in order {
            guard let scalars = choices[slot] else { continue }
            result.append(Clause(atoms: [Atom(slot: slot, scalars.asTest)], isExact: true))
        }
        return result.count > clausesMax ? [.opaque] : result
    }
}

extension Clause {
    mutating func merge(_ other: Clause) {
        atoms += other.atoms
        isExact = isExact && other.isExact
    }

    func merging(_ other: Clause) -> Clause {
        var copy = self
        copy.merge(other)
        return copy
    }
}

extension [Scalar] {
    /// Not empty.
    var asTest: Test { count == 1 ? .equals(self[0]) : .isOneOf(self) }
}
