// IndexImage.swift: what a rule index looks like in memory.
//
// Written once by the builder, then only read, by any number of loops. A key of the table is a type (0: any) with a
// probe and what the probe found; behind it are the clauses that asked for exactly that.
// Neighbours: RuleIndexBuilder.swift (writes it), RuleSearch.swift (reads it).

internal import Machine

/// What a slot's value is looked up by.
enum ProbeKind: UInt8 {
    /// The whole value, a scalar.
    case equal
    /// The first or last `length` bytes of a string.
    case prefix, suffix
    /// A string without regard to case.
    case folded
    /// The first `length` bits of an address.
    case network4, network6
    /// That something is there: the test itself is left to the clause.
    case present
    /// As `present`, for a string (and an object): the list's items are probed beside it.
    case presentText
    /// Each item of a list, at path `length`, as `equal`.
    case item
    /// A number, in the interval tree `tree`.
    case interval
}

struct Probe: BitwiseCopyable {
    let slot: UInt32
    let kind: ProbeKind
    let length: UInt16
    /// Of `interval`: its position in `IndexImage.trees`.
    let tree: UInt32

    /// Tells probes apart in keys.
    @inline(__always) var seed: UInt64 {
        UInt64(kind.rawValue) &<< 56 ^ UInt64(length) &<< 36 ^ UInt64(slot)
    }
}

/// Clauses under one key.
struct ClauseList: BitwiseCopyable {
    /// Of the probe that leads here: a key is a hash, and hashes meet.
    let seed: UInt64
    /// What the value must pass for the same reason, in `tests`; `UInt32.max` when the clauses test it themselves.
    let access: UInt32
    /// 0: any type.
    let type: UInt32
    /// In `entries`; with a single clause the clause itself.
    let first: UInt32
    let count: UInt32
}

/// A conjunction of one rule.
struct CompiledClause: BitwiseCopyable {
    /// In `tests`.
    let firstTest: UInt32
    let testCount: UInt32
    /// `position of the rule << 1 | 1 when the rule's predicate has the last word`
    let outcome: UInt32
}

/// What is looked up for one event type, or for any.
struct TypePlan: BitwiseCopyable {
    /// Of the clauses that have no access test: a position in `lists`, or `UInt32.max`.
    var plainList: UInt32
    /// In `probes`.
    var firstProbe: UInt32
    var probeCount: UInt32
}

/// A range in another table.
struct Stretch: BitwiseCopyable {
    let first: UInt32
    let count: UInt32
}

struct IndexImage: BitwiseCopyable {
    let tests: Table<CompiledTest>
    let clauses: Table<CompiledClause>
    let entries: Table<UInt32>
    let lists: Table<ClauseList>
    /// Open addressing: the high half of a key's hash, and a position in `lists` + 1; 0 is free.
    let slots: Table<UInt64>
    let slotMask: UInt64
    /// Chosen so that no two keys are taken for each other.
    let salt: UInt64
    let probes: Table<Probe>
    /// By type number; 0 is any type.
    let plans: Table<TypePlan>
    /// Open addressing over `typeNames`; a type's number, 0 is free.
    let typeSlots: Table<UInt32>
    let typeMask: UInt64
    let typeNames: Table<Value>
    let members: Table<Member>
    let ranges: Table<CompiledRange>
    let networks: Table<IPNetwork>
    let itemTests: Table<ItemTest>
    let paths: Table<Stretch>
    let keys: Table<Value>
    let trees: Table<IntervalTree>
    let intervals: Table<Interval>
    /// One more than the highest slot that is read.
    let slotsNeeded: Int
    let listCount: Int
    let hasItemProbes: Bool

    @inline(__always) static func key(_ probe: Probe, _ hash: UInt64, type: UInt32, salt: UInt64) -> UInt64 {
        ((hash ^ probe.seed &* 0xff51_afd7_ed55_8ccd) &+ UInt64(type) &* 0xc4ce_b9fe_1a85_ec53 &+ salt).mixed
    }

    /// The list under a key, or -1.
    @inline(__always) func list(_ key: UInt64) -> Int {
        var position = key & slotMask
        let mark = UInt32(truncatingIfNeeded: key &>> 32)
        while true {
            let slot = slots[Int(truncatingIfNeeded: position)]
            if slot == 0 { return -1 }
            if UInt32(truncatingIfNeeded: slot &>> 32) == mark { return Int(slot & 0xffff_ffff) &- 1 }
            position = (position &+ 1) & slotMask
        }
    }

    /// The number of a type that rules name, or 0.
    @inline(__always) func typeNumber(of type: Value) -> UInt32 {
        guard type.isText else { return 0 }
        var position = type.textPlace.hash(type.textCount).mixed & typeMask
        while true {
            let number = typeSlots[Int(truncatingIfNeeded: position)]
            if number == 0 { return 0 }
            let name = typeNames[number]
            if name.meta == type.meta, name.textPlace.holds(type.textCount, of: type.textPlace) { return number }
            position = (position &+ 1) & typeMask
        }
    }
}

/// The memory behind an image.
///
/// SAFETY: the builder fills it before anybody else sees it; afterwards it is only read, until the last index lets go.
@safe final class IndexMemory: @unchecked Sendable {
    private var blocks: [UnsafeMutableRawPointer] = unsafe []
    private(set) var byteCount = 0
    /// Where the next text goes, and how many bytes are left there; the last sixteen are never written.
    private var textPlace: UnsafeMutablePointer<UInt8>?
    private var textRoom = 0
    private static let textBlockBytes = 1 << 16
    private static let paddingBytes = 16
    /// For a text that is only looked at.
    private var scratch: UnsafeMutablePointer<UInt8>
    private var scratchBytes = 256

    init() { unsafe scratch = .allocate(capacity: scratchBytes) }

    func table<Element: BitwiseCopyable>(_ elements: [Element]) -> Table<Element> {
        let count = max(1, elements.count)
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: count)
        unsafe elements.withUnsafeBufferPointer { source in
            if let first = source.baseAddress { unsafe memory.update(from: first, count: elements.count) }
        }
        unsafe blocks.append(UnsafeMutableRawPointer(memory))
        byteCount += count * MemoryLayout<Element>.stride
        return unsafe Table(memory)
    }

    /// The text as a value for the time of the call.
    func withText<Result>(_ text: String, _ body: (Value) -> Result) -> Result {
        let count = text.utf8.count
        if count + Self.paddingBytes > scratchBytes {
            unsafe scratch.deallocate()
            scratchBytes = (count + Self.paddingBytes) * 2
            unsafe scratch = .allocate(capacity: scratchBytes)
        }
        var copy = text
        copy.withUTF8 { bytes in
            if let first = bytes.baseAddress { unsafe scratch.update(from: first, count: count) }
        }
        return unsafe body(Value(textAt: scratch, count: count))
    }

    /// The text in this memory for good.
    func copy(_ text: Value) -> Value {
        let count = text.textCount
        if count + Self.paddingBytes > textRoom {
            let size = max(Self.textBlockBytes, count + Self.paddingBytes)
            let block = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
            unsafe block.initialize(repeating: 0, count: size)
            unsafe blocks.append(UnsafeMutableRawPointer(block))
            byteCount += size
            unsafe textPlace = unsafe block
            textRoom = size
        }
        guard let place = unsafe textPlace else { preconditionFailure("a text without room") }
        for offset in 0..<count { unsafe place[offset] = text.textPlace.byte(at: offset) }
        unsafe textPlace = unsafe place + count
        textRoom -= count
        return unsafe Value(textAt: place, count: count)
    }

    deinit {
        for number in unsafe blocks.indices { unsafe blocks[number].deallocate() }
        unsafe scratch.deallocate()
    }
}

extension Value {
    init(textAt place: UnsafePointer<UInt8>, count: Int) {
        self.init(
            meta: UInt64(KindByte.string) | UInt64(count) << 32, bits: UInt64(UInt(bitPattern: place)))
    }
}
