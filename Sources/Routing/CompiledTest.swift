// CompiledTest.swift: one test of one slot in 24 bytes, and how it is asked.
//
// Exactly what the machine finds for the same test in quiet mode. Where the machine must do more than compare (a list
// taken apart, texts beyond ASCII compared without case), the answer is `unknown`, and the rule's own predicate is run.
// Neighbours: Predicate.swift, RuleIndexBuilder+Tests.swift (makes these), RuleSearch.swift (asks them).

internal import Machine

struct CompiledTest: BitwiseCopyable {
    enum Operation: UInt8 {
        case isNull, exists
        /// The operand is a string, or a bool.
        case isText, isBool
        /// The operand is an int or a float, as in the orders below.
        case isNumber
        case isOneOf
        case numberBelow, numberUpTo, numberAbove, numberFrom
        case textBelow, textUpTo, textAbove, textFrom
        /// The operand's bits are a position in `IndexImage.ranges`.
        case between
        case prefix, suffix, part, partOrKey, like, sameIgnoringCase
        /// The operand's bits are a position in `IndexImage.networks`.
        case network
        /// The operand's bits are a position in `IndexImage.itemTests`.
        case items
    }

    let operation: Operation
    let isNegated: Bool
    let slot: UInt32
    /// What is compared with. A string lives in the index's own memory. `isOneOf`: bits are a position in
    /// `IndexImage.members`, the length is how many.
    let operand: Value
}

/// What asking a test gives.
struct Verdict: Equatable {
    let rawValue: UInt8
    @inline(__always) static var no: Verdict { Verdict(rawValue: 0) }
    @inline(__always) static var yes: Verdict { Verdict(rawValue: 1) }
    /// Only the machine can tell.
    @inline(__always) static var unknown: Verdict { Verdict(rawValue: 2) }

    @inline(__always) init(rawValue: UInt8) { self.rawValue = rawValue }
    @inline(__always) init(_ answer: Bool) { rawValue = answer ? 1 : 0 }
    @inline(__always) func negated(_ isNegated: Bool) -> Verdict {
        isNegated && self != .unknown ? Verdict(rawValue: rawValue ^ 1) : self
    }
}

/// Both ends of an interval: the operand of `Operation.between`.
struct CompiledRange: BitwiseCopyable {
    let lowOperation: CompiledTest.Operation
    let highOperation: CompiledTest.Operation
    let low: Value
    let high: Value
}

/// A test of what stands at a path below the items of a list: the operand of `Operation.items`.
struct ItemTest: BitwiseCopyable {
    /// In `IndexImage.paths`.
    let path: UInt32
    let test: CompiledTest
}

extension IndexImage {
    /// Asks a test about a value.
    @inline(__always) func ask(_ test: CompiledTest, _ value: Value, _ event: EventSlots) -> Verdict {
        // Most tests of most rules are of this kind.
        if test.operation == .isText {
            let isSame =
                value.meta == test.operand.meta
                && value.textPlace.holds(value.textCount, of: test.operand.textPlace)
            return Verdict(isSame != test.isNegated)
        }
        return askOther(test, value, event).negated(test.isNegated)
    }

    private func askOther(_ test: CompiledTest, _ value: Value, _ event: EventSlots) -> Verdict {
        let operand = test.operand
        switch test.operation {
        case .isNull: return Verdict(value.isNothing)
        case .exists: return Verdict(!value.isMissing)
        case .isText, .isBool: return Verdict(value.meta == operand.meta && value.bits == operand.bits)
        case .isNumber: return Verdict(value.isNumeric && compareNumbers(value, operand) == 0)
        case .isOneOf: return Verdict(isMember(value, first: Int(operand.bits), count: operand.textCount))
        case .numberBelow, .numberUpTo, .numberAbove, .numberFrom, .textBelow, .textUpTo, .textAbove, .textFrom:
            return Verdict(isInOrder(test.operation, value, operand))
        case .between:
            let range = ranges[Int(operand.bits)]
            return Verdict(
                isInOrder(range.lowOperation, value, range.low) && isInOrder(range.highOperation, value, range.high))
        case .prefix, .suffix: return Verdict(hasEnd(value, operand, isPrefix: test.operation == .prefix))
        case .part, .partOrKey: return askPart(value, operand, orKey: test.operation == .partOrKey)
        case .like: return Verdict(value.isText && isLike(value, operand))
        case .sameIgnoringCase: return askIgnoringCase(value, operand)
        case .network: return Verdict(IPAddress(value).map { networks[Int(operand.bits)].contains($0) } ?? false)
        case .items: return askItems(itemTests[Int(operand.bits)], in: Int(test.slot), event)
        }
    }

    @inline(__always) private func isInOrder(
        _ operation: CompiledTest.Operation, _ value: Value, _ operand: Value
    ) -> Bool {
        switch operation {
        case .numberBelow: value.isNumeric && isBelow(value, operand)
        case .numberUpTo: value.isNumeric && !isBelow(operand, value)
        case .numberAbove: value.isNumeric && isBelow(operand, value)
        case .numberFrom: value.isNumeric && !isBelow(value, operand)
        case .textBelow: value.isText && compareTexts(value, operand) < 0
        case .textUpTo: value.isText && compareTexts(value, operand) <= 0
        case .textAbove: value.isText && compareTexts(value, operand) > 0
        default: value.isText && compareTexts(value, operand) >= 0
        }
    }

    @inline(__always) private func isBelow(_ left: Value, _ right: Value) -> Bool {
        if left.isIntNumber && right.isIntNumber { return Int64(bitPattern: left.bits) < Int64(bitPattern: right.bits) }
        return compareNumbers(left, right) < 0
    }

    @inline(__always) private func hasEnd(_ value: Value, _ end: Value, isPrefix: Bool) -> Bool {
        let count = end.textCount
        guard value.isText, value.textCount >= count else { return false }
        let place = isPrefix ? value.textPlace : value.textPlace.advanced(by: value.textCount &- count)
        return place.holds(count, of: end.textPlace)
    }

    private func askPart(_ value: Value, _ part: Value, orKey: Bool) -> Verdict {
        if value.isText { return Verdict(hasPart(value, part)) }
        if value.kindNumber == Value.KindByte.list { return .unknown }
        return orKey && value.kindNumber == Value.KindByte.object ? .unknown : .no
    }

    private func askIgnoringCase(_ value: Value, _ text: Value) -> Verdict {
        guard value.isText else { return .no }
        let count = value.textCount
        if count == text.textCount {
            return value.textPlace.holdsIgnoringCase(count, of: text.textPlace).map { Verdict($0) } ?? .unknown
        }
        // Only letters beyond ASCII may change their length with their case.
        let isPlain = value.textPlace.foldedHash(count) != nil && text.textPlace.foldedHash(text.textCount) != nil
        return isPlain ? .no : .unknown
    }

    /// Members are sorted by their hash.
    private func isMember(_ value: Value, first: Int, count: Int) -> Bool {
        guard let hash = value.scalarHash else { return false }
        var low = first
        var high = first + count
        while high - low > 4 {
            let middle = (low + high) / 2
            if members[middle].hash < hash { low = middle } else { high = middle + 1 }
        }
        while low < first + count {
            let member = members[low]
            if member.hash > hash { return false }
            if member.hash == hash, member.value.isSameScalar(as: value) { return true }
            low += 1
        }
        return false
    }

    @inline(never) private func askItems(_ item: ItemTest, in slot: Int, _ event: EventSlots) -> Verdict {
        let opened = event.opened(slot)
        var result = Verdict.no
        for position in 0..<event.itemCount(of: opened) {
            let verdict = ask(item.test, value(at: item.path, below: event.item(position, of: opened), event), event)
            if verdict == .yes { return .yes }
            if verdict == .unknown { result = .unknown }
        }
        return result
    }

    /// What stands at a path of keys below an item.
    func value(at path: UInt32, below item: Value, _ event: EventSlots) -> Value {
        var value = item
        let steps = paths[path]
        for step in steps.first..<(steps.first + steps.count) { value = event.value(atKey: keys[step], of: value) }
        return value
    }
}

/// A member of `isOneOf`.
struct Member: BitwiseCopyable {
    let hash: UInt64
    let value: Value
}

extension Value {
    @inline(__always) var isNumeric: Bool { isIntNumber || isFloatNumber }

    /// Equal scalars have equal hashes, an int and a float of the same number too. Nil for what is no scalar.
    @inline(__always) var scalarHash: UInt64? {
        switch kindNumber {
        case KindByte.string: return textPlace.hash(textCount)
        case KindByte.int: return (bits ^ 0x51ed_270b_76f1_a30d).mixed
        case KindByte.float:
            guard let whole = Int64(exactly: Double(bitPattern: bits)) else {
                return (bits ^ 0x7fb5_d329_728e_a185).mixed
            }
            return (UInt64(bitPattern: whole) ^ 0x51ed_270b_76f1_a30d).mixed
        case KindByte.bool: return (bits ^ 0x36ad_2c5b_6d3c_b1a9).mixed
        default: return nil
        }
    }

    /// Both are scalars.
    func isSameScalar(as other: Value) -> Bool {
        if isText { return meta == other.meta && textPlace.holds(textCount, of: other.textPlace) }
        if isNumeric { return other.isNumeric && compareNumbers(self, other) == 0 }
        return meta == other.meta && bits == other.bits
    }
}
