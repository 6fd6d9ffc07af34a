// Type+Fit.swift: may a value of this type stand where that one is wanted?
//
// `never` is reported, `maybe` is checked when it runs, `always` costs nothing.

internal import Machine

extension Declarations {
    /// Whether a value of type `from` is right where `wanted` is asked for.
    func fit(_ from: Type, _ wanted: Type) -> Type.Fit {
        switch (from, wanted) {
        case (.never, _), (_, .any): .always
        case (.error, _), (_, .error), (.any, _): .maybe
        case (.null, .optional), (.null, .null): .always
        case (.optional(let one), .optional(let two)): fit(one, two) == .always ? .always : .maybe
        case (_, .optional(let two)): fit(from, two)
        case (.optional, .null): .maybe
        case (.optional(let one), _): min(.maybe, fit(one, wanted))
        case (.int, .float), (.float, .int): .maybe
        case (.list(let one), .list(let two)): fit(one, two)
        case (.dictionary(let one), .dictionary(let two)): max(.maybe, fit(one, two))
        case (.object(let fields), .dictionary(let value)): fields.map { fit($0.type, value) }.min() ?? .always
        case (.object(let fields), .object(let others)): fitFields(fields, others)
        case (.object(let fields), .record(let index)): fitRecord(fields, records[index.rawValue])
        case (.record, .record): from == wanted ? .always : .maybe
        case (.record, .dictionary), (.dictionary, .record), (.record, .object), (.dictionary, .object),
            (.object, .event), (.object, .request), (.dictionary, .event), (.dictionary, .request),
            (.event, .object), (.event, .dictionary), (.request, .object), (.request, .dictionary):
            .maybe
        case (.event, .event), (.request, .request): from == wanted ? .always : .maybe
        case (.literals(let ones), .literals(let twos)): fitLiterals(ones, twos)
        case (.literals(let ones), _): ones.map { fit($0.type, wanted) }.max() ?? .maybe
        case (_, .literals(let twos)): twos.contains { fit(from, $0.type) > .never } ? .maybe : .never
        default: from == wanted ? .always : .never
        }
    }

    private func fitLiterals(_ ones: [Constant], _ twos: [Constant]) -> Type.Fit {
        let shared = ones.filter(twos.contains)
        return shared.isEmpty ? .never : shared.count == ones.count ? .always : .maybe
    }

    private func fitFields(_ fields: [Type.Field], _ others: [Type.Field]) -> Type.Fit {
        others.map { other in
            fields.last { $0.name == other.name }.map { fit($0.type, other.type) } ?? .maybe
        }.min() ?? .always
    }

    /// An object whose keys are known, where a record is wanted. (Defaults and constraints are filled in and
    /// checked when it runs, so it is never `always`.)
    private func fitRecord(_ fields: [Type.Field], _ record: RecordDeclaration) -> Type.Fit {
        for wanted in record.fields {
            guard let given = fields.last(where: { $0.name == wanted.name }) else { continue }
            if fit(given.type, wanted.type) == .never { return .never }
        }
        return .maybe
    }

    /// Whether two values of these types can ever be equal.
    func mayEqual(_ one: Type, _ two: Type) -> Bool {
        if one.isOpen || two.isOpen { return true }
        if case .literals = one, case .literals = two { return fit(one, two) > .never }
        if one.isNumber, two.isNumber { return true }
        // A secret equals the text that it is.
        if one == .secret || two == .secret {
            return [one, two].allSatisfy { [.secret, .string, .bytes].contains($0) || $0.isText }
        }
        if case .optional = one, case .optional = two { return true }
        if case .optional(let inner) = one { return two == .null || mayEqual(inner, two) }
        if case .optional(let inner) = two { return one == .null || mayEqual(one, inner) }
        return fit(one, two) > .never || fit(two, one) > .never
    }

    /// As people write it.
    func describe(_ type: Type) -> String {
        switch type {
        case .error, .any: "any"
        case .never: "nothing"
        case .list(let item): item.isOpen ? "list" : "[\(describe(item))]"
        case .dictionary(let value): "{\(describe(value))}"
        case .object: "object"
        case .record(let index): records[index.rawValue].name
        case .optional(.literals(let constants)): "(\(describe(.literals(constants))))?"
        case .optional(let inner): describe(inner) + "?"
        case .literals(let constants): constants.map(\.text).joined(separator: " | ")
        case .event(let data): data.isOpen ? "Event" : "Event<\(describe(data))>"
        case .request(let body): body.isOpen ? "Request" : "Request<\(describe(body))>"
        default: type.kindName ?? "any"
        }
    }
}
