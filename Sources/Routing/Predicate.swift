// Predicate.swift: what a `where` asks of an event, as far as the index understands it.
//
// Two-valued on purpose: a test of a value of the wrong kind is false, and `not` is exactly its opposite; that is what
// a predicate in quiet mode means where a condition is wanted (language.md section 9). What is not understood is
// `opaque`: only the machine can tell. Neighbours: NormalForm.swift (takes it apart), Language/Lower (makes it).

package import Machine

package indirect enum Predicate: Sendable, Hashable {
    case always
    case never
    /// Of one slot of the program (`Program.slotPaths`).
    case test(slot: Int, Test)
    /// `any(x in path where …)`: some item of the list in a slot, or some value of the object there, passes the
    /// test with what stands at `keys` below it.
    case anyItem(slot: Int, keys: [ByteText], Test, isNegated: Bool)
    case not(Predicate)
    case all([Predicate])
    case any([Predicate])
    /// Known to the machine alone.
    case opaque
}

/// A test of one value against constants.
package enum Test: Sendable, Hashable {
    /// Missing counts as null.
    case isNull
    /// A `null` is there, a missing path is not.
    case exists
    case equals(Scalar)
    /// Not empty.
    case isOneOf([Scalar])
    /// Numbers among numbers, strings among strings; an end that is nil is open. Both ends are of one kind.
    case isBetween(Bound?, Bound?)
    case startsWith(ByteText)
    case endsWith(ByteText)
    /// Of a string, a part; of a list, an equal item. With `orKey` also an object's key (`"a" in path`).
    case contains(ByteText, orKey: Bool)
    /// `*` is any run of characters.
    case isLike(ByteText)
    case equalsIgnoringCase(ByteText)
    case isInNetwork(IPNetwork)
}

/// A constant that the index compares with.
package enum Scalar: Sendable, Hashable {
    case bool(Bool)
    case int(Int64)
    /// Finite.
    case float(Double)
    case string(ByteText)
}

/// An end of an interval: a number or a string.
package struct Bound: Sendable, Hashable {
    package let value: Scalar
    package let isIncluded: Bool
    package init(_ value: Scalar, isIncluded: Bool) {
        self.value = value
        self.isIncluded = isIncluded
    }
}
