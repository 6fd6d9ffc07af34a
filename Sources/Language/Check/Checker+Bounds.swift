// Checker+Bounds.swift: constants against what a written type allows, and ranges that hold nothing.
//
// Neighbours: Checker+Declarations.swift (defaults of fields), Machine/ShapeCheck.swift (the same for data, in a run).

internal import Diagnostics
internal import Machine
internal import Routing

extension Checker {
    /// Why a constant of the right kind is not of a type all the same, at the node where the type says so.
    func violation(of constant: Constant, _ typeNode: NodeID) -> (why: String, at: NodeID)? {
        switch kind(typeNode) {
        case .typeOptional: return constant == .null ? nil : violation(of: constant, child(0, typeNode))
        case .typeUnion:
            let choices = tree.children(of: typeNode).compactMap { fold($0) }
            return choices.contains { $0.isSame(as: constant) } ? nil : ("\(constant.text) is none of these", typeNode)
        case .typeList:
            guard case .list(let items) = constant else { return nil }
            if let found = violation(of: .int(Int64(items.count)), "its length \(items.count)", child(1, typeNode)) {
                return found
            }
            return items.lazy.compactMap { self.violation(of: $0, self.child(0, typeNode)) }.first
        case .typeDictionary:
            guard case .object(let entries) = constant else { return nil }
            return entries.lazy.compactMap { self.violation(of: $0.value, self.child(0, typeNode)) }.first
        case .typeName:
            guard case .string(let text) = constant else {
                return constant.number == nil ? nil : violation(of: constant, constant.text, child(1, typeNode))
            }
            let count = text.unicodeScalars.count
            return violation(of: .int(Int64(count)), "its length \(count)", child(1, typeNode))
                ?? violation(ofLike: text, child(1, typeNode))
        default: return nil
        }
    }

    private func violation(of number: Constant, _ shown: String, _ bounds: NodeID) -> (why: String, at: NodeID)? {
        guard bounds.exists, kind(bounds) == .boundsInterval, let range = interval(child(0, bounds)),
            let scalar = number.indexScalar
        else { return nil }
        var values = RemainingValues()
        values.keep(range, holds: true)
        values.keep(.equals(scalar), holds: true)
        return values.isEmpty ? ("\(shown) lies outside of it", bounds) : nil
    }

    private func violation(ofLike text: String, _ bounds: NodeID) -> (why: String, at: NodeID)? {
        guard bounds.exists, kind(bounds) == .boundsLike, let pattern = tree.children(of: bounds).first,
            kind(pattern) == .string, !Glob(tree.string(of: pattern)).matches(text)
        else { return nil }
        return ("\"\(text)\" is not like it", bounds)
    }

    /// What an interval of constants takes; nil when an end is not known.
    func interval(_ node: NodeID) -> Test? {
        guard kind(node) == .interval else { return nil }
        var ends: [Bound?] = []
        for place in 0...1 {
            let end = child(place, node)
            guard end.exists else {
                ends.append(nil)
                continue
            }
            guard let scalar = fold(end)?.ordered else { return nil }
            ends.append(Bound(scalar, isIncluded: place == 0 || tree.flag(of: node) != 1))
        }
        if let low = ends[0], let high = ends[1], low.value.isText != high.value.isText { return nil }
        return .isBetween(ends[0], ends[1])
    }

    /// `5..3`, `3..<3`
    func isEmptyInterval(_ node: NodeID) -> Bool {
        guard let range = interval(node) else { return false }
        var values = RemainingValues()
        values.keep(range, holds: true)
        return values.isEmpty
    }

    /// Records that hold a record that holds … themselves, with no field on the way that may be missing.
    func checkRecordsThatNeedThemselves() {
        for (place, record) in declarations.records.enumerated() where needs(RecordIndex(place), RecordIndex(place)) {
            report(
                Diagnostic(
                    code: .endlessRecursion, title: "`\(record.name)` needs itself for ever",
                    primary: Label(record.nameRange, "no data has all of its fields"),
                    help: ["let a field on the way back to it be missing, with a `?` behind its type"]))
        }
    }

    private func needs(_ start: RecordIndex, _ wanted: RecordIndex) -> Bool {
        var seen: Set<RecordIndex> = []
        var open = [start]
        while let index = open.popLast() {
            for field in declarations[index].fields where !field.isOptional && !field.defaultNode.exists {
                guard case .record(let next) = field.type else { continue }
                if next == wanted { return true }
                if seen.insert(next).inserted { open.append(next) }
            }
        }
        return false
    }
}

extension Constant {
    /// Equal as values are: `1` and `1.0` are.
    func isSame(as other: Constant) -> Bool {
        guard let mine = indexScalar, let theirs = other.indexScalar else { return self == other }
        var values = RemainingValues()
        values.keep(.equals(mine), holds: true)
        values.keep(.equals(theirs), holds: true)
        return !values.isEmpty
    }
}

extension Diagnostic {
    static func defaultOutside(_ why: String, at range: SourceRange, bounds: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .badBounds, title: "the default does not fit the field's own type", primary: Label(range, why),
            related: [Label(bounds, "the field takes only this")])
    }

    static func emptyRange(_ title: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .ruleNeverMatches, title: title,
            primary: Label(range, "nothing lies between them: the lower end stands first"))
    }
}
