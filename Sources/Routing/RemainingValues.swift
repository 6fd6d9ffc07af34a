// RemainingValues.swift: what tests, joined by `and`, leave of all the values that could stand at one path.
//
// It only ever keeps too much: a test that it does not understand changes nothing. So "nothing is left" is certain, and
// a rule that is told to match never does never match. Tests/LanguageTests/ContradictionTests.swift asks the machine.
// Neighbours: Predicate.swift (the tests), Ranges.swift, Language/Check/Contradiction.swift (asks).

internal import Machine

package struct RemainingValues {
    /// Values with nothing to compare.
    private struct Kinds: OptionSet {
        let rawValue: UInt8
        static let missing = Kinds(rawValue: 1)
        static let null = Kinds(rawValue: 2)
        static let no = Kinds(rawValue: 4)
        static let yes = Kinds(rawValue: 8)
        /// Lists, objects, and whatever else is neither a number nor a text.
        static let other = Kinds(rawValue: 16)
        static let nothing: Kinds = [.missing, .null]
        static let all: Kinds = [.missing, .null, .no, .yes, .other]
    }

    private var kinds = Kinds.all
    private var numbers = Ranges<ExactNumber>()
    private var texts = Ranges<TextBytes>()
    private var form = TextForm()

    package init() {}

    package var isEmpty: Bool { kinds.isEmpty && numbers.isEmpty && texts.isEmpty }

    /// - Parameters:
    ///   - test: nil: never passed.
    ///   - holds: whether values that pass it stay, or those that do not.
    package mutating func keep(_ test: Test?, holds: Bool) {
        guard let test else {
            if holds { keepOnly([]) }
            return
        }
        switch test {
        case .isNull:
            if holds { keepOnly(.nothing) } else { kinds.subtract(.nothing) }
        case .exists:
            if holds { kinds.remove(.missing) } else { keepOnly(.missing) }
        case .equals(let scalar): keep(anyOf: [scalar], holds)
        case .isOneOf(let scalars): keep(anyOf: scalars, holds)
        case .isBetween(let low, let high): keep(between: low, high, holds)
        case .contains: keepText(test, holds, alsoOf: .other)
        case .startsWith, .endsWith, .isLike, .equalsIgnoringCase, .isInNetwork: keepText(test, holds, alsoOf: [])
        }
    }

    /// Nothing but these, neither numbers nor texts.
    private mutating func keepOnly(_ wanted: Kinds) {
        kinds.formIntersection(wanted)
        numbers.removeAll()
        texts.removeAll()
    }

    private mutating func keep(anyOf scalars: [Scalar], _ holds: Bool) {
        var found: Kinds = []
        var foundNumbers: [ExactNumber] = []
        var foundTexts: [TextBytes] = []
        for scalar in scalars {
            switch scalar {
            case .bool(let value): found.insert(value ? .yes : .no)
            case .int, .float: ExactNumber(scalar).map { foundNumbers.append($0) }
            case .string(let text): foundTexts.append(TextBytes(text))
            }
        }
        if holds {
            kinds.formIntersection(found)
            numbers.keep(anyOf: foundNumbers)
            texts.keep(anyOf: foundTexts)
            form.filter(&texts)
        } else {
            kinds.subtract(found)
            for number in foundNumbers { numbers.remove(.point(number)) }
            for text in foundTexts { texts.remove(.point(text)) }
        }
    }

    private mutating func keep(between low: Bound?, _ high: Bound?, _ holds: Bool) {
        if (low ?? high)?.value.isText ?? false {
            let range = Ranges<TextBytes>.Range(low: Self.textEnd(low), high: Self.textEnd(high))
            if holds { keepText { $0.keep(range) } } else { texts.remove(range) }
        } else {
            let range = Ranges<ExactNumber>.Range(low: Self.numberEnd(low), high: Self.numberEnd(high))
            guard holds else { return numbers.remove(range) }
            kinds = []
            texts.removeAll()
            numbers.keep(range)
        }
    }

    private static func numberEnd(_ bound: Bound?) -> Ranges<ExactNumber>.End? {
        bound.flatMap { bound in ExactNumber(bound.value).map { .init(value: $0, isIncluded: bound.isIncluded) } }
    }

    private static func textEnd(_ bound: Bound?) -> Ranges<TextBytes>.End? {
        guard let bound, case .string(let text) = bound.value else { return nil }
        return .init(value: TextBytes(text), isIncluded: bound.isIncluded)
    }

    private mutating func keepText(_ narrow: (inout Ranges<TextBytes>) -> Void) {
        kinds = []
        numbers.removeAll()
        narrow(&texts)
        form.filter(&texts)
    }

    private mutating func keepText(_ test: Test, _ holds: Bool, alsoOf others: Kinds) {
        if holds {
            kinds.formIntersection(others)
            numbers.removeAll()
        }
        form.keep(test, holds, of: &texts)
    }
}

extension Scalar {
    package var isText: Bool { if case .string = self { true } else { false } }
}
