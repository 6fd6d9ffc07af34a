// Fiber+Paths.swift: the slow half of reading fields and items.
//
// Neighbours: Fiber+Dispatch.swift (the fast half), FaultText.swift (names the path in a fault).

internal import Diagnostics

extension FiberBlock {
    /// `place.key`; an unread object is opened, for this register too.
    @inline(never) func field(
        _ key: Value, of place: Registers, at ip: CodeCursor, isQuietHere: Bool
    ) throws(Fault) -> Value {
        let holder = place[0]
        switch holder.kind {
        case .object:
            let opened = try arena.open(holder)
            place[0] = opened
            let aggregate = Aggregate(opened)
            let position = aggregate.position(ofKey: key)
            return position < 0 ? .null : try aggregate.opened(at: position)
        case .failure: return try failureField(key, of: holder)
        case .response: return responseField(key, of: holder)
        case .null, .missing:
            if isQuietHere || isQuiet { return .null }
            throw readThroughNull(key.asString ?? "", of: "null", at: ip)
        default:
            if isQuietHere || isQuiet { return .null }
            throw readThroughNull(key.asString ?? "", of: Self.withArticle(holder.kind), at: ip)
        }
    }

    private func readThroughNull(_ key: String, of what: String, at ip: CodeCursor) -> Fault {
        let word = unsafe wordOffset(ip.pointer) - 1
        guard let path = pathRead(atWord: word) else {
            return Fault(.readThroughNull, "cannot read `\(key)` of \(what)")
        }
        return Fault(.readThroughNull, "cannot read `\(key)`: `\(path)` is \(what)")
    }

    static func withArticle(_ kind: Value.Kind) -> String {
        switch kind {
        case .int, .object: "an \(kind.name)"
        case .bytes: "bytes"
        case .null, .missing: "null"
        default: "a \(kind.name)"
        }
    }

    private func failureField(_ key: Value, of holder: Value) throws(Fault) -> Value {
        guard let parts = holder.failureParts else { return .null }
        switch key.asString {
        case "class": return arena.string(parts.failureClass.name)
        case "message": return parts.message
        case "details": return parts.details
        default:
            return try fault(
                .readThroughNull, "a failure has `class`, `message` and `details`, not `\(key.asString ?? "")`")
        }
    }

    private func responseField(_ key: Value, of holder: Value) -> Value {
        guard let parts = holder.responseParts else { return .null }
        switch key.asString {
        case "status": return .int(parts.status)
        case "body": return parts.body
        case "headers": return parts.headers
        default: return .null
        }
    }

    /// `place[index]`
    @inline(never) func item(_ index: Value, of place: Registers, at ip: CodeCursor) throws(Fault) -> Value {
        let holder = place[0]
        switch (holder.kind, index.kind) {
        case (.list, .int):
            let opened = try arena.open(holder)
            place[0] = opened
            guard index.int64 >= 0, index.int64 < Int64(opened.length) else {
                return try fault(
                    .indexOutOfRange, "index \(index.int64) of a list of \(opened.length); `.get(i)` gives null instead"
                )
            }
            return try Aggregate(opened).opened(at: Int(index.int64))
        case (.object, .string):
            return try field(index, of: place, at: ip, isQuietHere: false)
        case (.null, _), (.missing, _):
            if isQuiet { return .null }
            let shown =
                index.isString ? "\"\(index.asString ?? "")\"" : index.isInt ? "\(index.int64)" : index.kind.name
            throw readThroughNull("[\(shown)]", of: "null", at: ip)
        default:
            return try fault(
                .wrongKind,
                "a list is indexed by int and an object by string, got \(holder.kind.name)[\(index.kind.name)]")
        }
    }

    /// `needle in haystack`
    @inline(never) func contains(_ needle: Value, in haystack: Value) throws(Fault) -> Value {
        switch haystack.kind {
        case .list:
            let list = Aggregate(try arena.open(haystack))
            try charge(1 + list.count / 8)
            for position in 0..<list.count where try isEqual(needle, list.opened(at: position)) { return .bool(true) }
            return .bool(false)
        case .object where needle.isString:
            return .bool(Aggregate(try arena.open(haystack)).position(ofKey: needle) >= 0)
        case .string where needle.isString:
            try charge(haystack.length / 64)
            return .bool(firstOffset(of: needle, in: haystack, from: 0) != nil)
        default:
            return try fault(
                .wrongKind,
                "`in` takes a list, an object or a string on its right, got \(needle.kind.name) in \(haystack.kind.name)"
            )
        }
    }

    // MARK: iteration

    @inline(never) func beginIteration(over value: Value, state: Registers) throws(Fault) {
        switch value.kind {
        case .list, .object: state[0] = try arena.open(value)
        default:
            state[0] = try fault(.wrongKind, "`for` takes a list, an object or a range, got \(value.kind.name)")
        }
        state[1] = .int(0)
        state[2] = .null
    }

    /// State of a range: how many numbers are left, the next one, the first one.
    @inline(never) func beginRange(
        from first: Value, to last: Value, excludesEnd: Bool, state: Registers
    ) throws(Fault) {
        guard first.isInt, last.isInt else {
            _ = try fault(
                .wrongKind, "a range to loop over needs two ints, got \(first.kind.name) and \(last.kind.name)")
            state[0] = Value(.range, bits: 0)
            return
        }
        let isEmpty = excludesEnd ? first.int64 >= last.int64 : first.int64 > last.int64
        // Of all 2^64 numbers the last one is out of reach: fuel ends before.
        let count = isEmpty ? 0 : last.bits &- first.bits &+ (excludesEnd ? 0 : 1)
        state[0] = Value(.range, bits: isEmpty || count > 0 ? count : .max)
        state[1] = first
        state[2] = first
    }

    /// `next` over objects; no at the end.
    @inline(never) func nextEntry(_ state: Registers, item: Registers, index: Registers) throws(Fault) -> Bool {
        let over = state[0], next = state[1]
        guard over.isOpenedObject, next.bits < UInt64(over.length) else { return false }
        let object = Aggregate(over)
        state[1] = .int(next.int64 &+ 1)
        index[0] = object.key(at: Int(next.int64))
        item[0] = try object.opened(at: Int(next.int64))
        return true
    }
}

/// Where a text occurs in another, in bytes.
func firstOffset(of needle: Value, in haystack: Value, from start: Int) -> Int? {
    let count = needle.length
    guard count > 0 else { return start }
    guard haystack.length - start >= count else { return nil }
    let first = needle.text.byte
    for offset in start...(haystack.length - count)
    where haystack.text[offset] == first && bytesEqual(haystack.text + offset, needle.text, count) {
        return offset
    }
    return nil
}

/// Whether a text occurs in another; both are strings.
package func hasPart(_ text: Value, _ part: Value) -> Bool { firstOffset(of: part, in: text, from: 0) != nil }
