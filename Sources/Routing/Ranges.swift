// Ranges.swift: a set of values of one ordered kind, as ranges that do not touch each other.
//
// Numbers and texts alike. An order may be denser than the kind (no int lies between 3 and 4, but a float does), so a
// set that is called empty is empty, and one that is not may be. Neighbours: RemainingValues.swift.

internal import Machine

struct Ranges<Element: Comparable> {
    struct End {
        let value: Element
        let isIncluded: Bool

        /// The other side of the same cut.
        var flipped: End { End(value: value, isIncluded: !isIncluded) }
    }

    struct Range {
        /// Nil: open.
        var low: End?
        var high: End?

        static func point(_ value: Element) -> Range {
            let end = End(value: value, isIncluded: true)
            return Range(low: end, high: end)
        }

        var isEmpty: Bool {
            guard let low, let high else { return false }
            return low.value > high.value || (low.value == high.value && !(low.isIncluded && high.isIncluded))
        }

        var isPoint: Bool {
            guard let low, let high else { return false }
            return low.value == high.value
        }

        func contains(_ value: Element) -> Bool { !shared(with: .point(value)).isEmpty }

        func shared(with other: Range) -> Range {
            Range(low: Self.inner(low, other.low, isLow: true), high: Self.inner(high, other.high, isLow: false))
        }

        private static func inner(_ one: End?, _ two: End?, isLow: Bool) -> End? {
            guard let one, let two else { return one ?? two }
            if one.value == two.value { return one.isIncluded ? two : one }
            return (one.value > two.value) == isLow ? one : two
        }
    }

    /// More are not told apart: what would make more is left undone, and the set stays too large.
    static var rangesMax: Int { 64 }

    /// In no order.
    private(set) var ranges = [Range()]

    var isEmpty: Bool { ranges.isEmpty }

    /// The values, when there are a few; nil when there are ranges among them.
    var points: [Element]? {
        ranges.allSatisfy(\.isPoint) ? ranges.compactMap { $0.low?.value } : nil
    }

    mutating func removeAll() { ranges = [] }

    mutating func keep(_ wanted: Range) {
        ranges = ranges.map { $0.shared(with: wanted) }.filter { !$0.isEmpty }
    }

    /// - Parameter values: not empty.
    mutating func keep(anyOf values: [Element]) {
        guard let least = values.min(), let greatest = values.max() else { return removeAll() }
        guard values.count <= Self.rangesMax else {
            return keep(Range(low: End(value: least, isIncluded: true), high: End(value: greatest, isIncluded: true)))
        }
        var kept: [Range] = []
        for value in values where ranges.contains(where: { $0.contains(value) }) {
            if !kept.contains(where: { $0.contains(value) }) { kept.append(.point(value)) }
        }
        ranges = kept
    }

    mutating func keep(where holds: (Element) -> Bool) {
        guard points != nil else { return }
        ranges = ranges.filter { range in range.low.map { holds($0.value) } ?? true }
    }

    mutating func remove(_ unwanted: Range) {
        guard !unwanted.isEmpty, ranges.count < Self.rangesMax else { return }
        let below = unwanted.low.map { Range(low: nil, high: $0.flipped) }
        let above = unwanted.high.map { Range(low: $0.flipped, high: nil) }
        ranges = ranges.flatMap { range in
            [below, above].compactMap { side in side.map { range.shared(with: $0) } }.filter { !$0.isEmpty }
        }
    }
}

/// A number's place among all numbers, ints and floats alike.
struct ExactNumber: Comparable {
    private let value: Value

    /// Nil for what is no number.
    init?(_ scalar: Scalar) {
        switch scalar {
        case .int(let number): value = .int(number)
        case .float(let number): value = .float(number)
        case .bool, .string: return nil
        }
    }

    static func == (left: Self, right: Self) -> Bool { compareNumbers(left.value, right.value) == 0 }
    static func < (left: Self, right: Self) -> Bool { compareNumbers(left.value, right.value) < 0 }
}

/// A text's place among all texts: by its bytes.
struct TextBytes: Comparable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }
    init(_ text: ByteText) { bytes = Array(text.string.utf8) }

    static func < (left: Self, right: Self) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    func hasPrefix(_ other: TextBytes) -> Bool { bytes.starts(with: other.bytes) }

    func hasSuffix(_ other: TextBytes) -> Bool {
        bytes.count >= other.bytes.count && bytes.suffix(other.bytes.count).elementsEqual(other.bytes)
    }

    func contains(_ part: TextBytes) -> Bool {
        guard let first = part.bytes.first else { return true }
        guard bytes.count >= part.bytes.count else { return false }
        for start in 0...(bytes.count - part.bytes.count) where bytes[start] == first {
            if bytes[start..<start + part.bytes.count].elementsEqual(part.bytes) { return true }
        }
        return false
    }

    /// All texts that begin with this one.
    var beginning: Ranges<TextBytes>.Range {
        var next = bytes
        while next.last == .max { next.removeLast() }
        let low = Ranges<TextBytes>.End(value: self, isIncluded: true)
        guard let last = next.popLast() else { return bytes.isEmpty ? .init() : .init(low: low) }
        return .init(low: low, high: .init(value: TextBytes(next + [last + 1]), isIncluded: false))
    }
}
