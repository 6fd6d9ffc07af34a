// JSONOpening.swift: taking a list or object of checked JSON text apart, one level, on the first look inside.
//
// The text was validated before, so nothing here can be malformed. One pass for up to `EntryStack.entriesMax` entries;
// two for more: count, then fill, so that the arena gets exactly what is needed. Neighbours: Aggregate.swift (the result), JSONScanner.swift (reads the children).

extension Arena {
    /// The value itself when it is not an unread list or object.
    func open(_ value: Value) throws(Fault) -> Value {
        guard value.isUnread else { return value }
        let limit = limitBytes
        do throws(JSONError) {
            return value.isObject ? try openObject(value) : try openList(value)
        } catch {
            throw Fault.outOfMemory(limitBytes: limit)
        }
    }

    private func openList(_ value: Value) throws(JSONError) -> Value {
        if let small = openSmallList(value) { return small }
        let count = JSONCounter.count(in: value.text, rawCount: value.length)
        var scanner = JSONScanner(value.text, count: value.length, arena: self)
        guard let result = try? aggregate(.list, count: count, capacity: count) else {
            throw scanner.error(.outOfMemory)
        }
        let list = Aggregate(result)
        scanner.place += 1
        for position in 0..<count {
            scanner.skipWhitespace()
            list.setValue(try scanner.checkedValue(), at: position)
            scanner.skipWhitespace()
            scanner.place += 1
        }
        list.setRaw(value.text, count: value.length)
        return result
    }

    private func openObject(_ value: Value) throws(JSONError) -> Value {
        if let small = openSmallObject(value) { return small }
        let capacity = JSONCounter.count(in: value.text, rawCount: value.length)
        var scanner = JSONScanner(value.text, count: value.length, arena: self)
        guard let room = try? aggregate(.object, count: 0, capacity: capacity) else {
            throw scanner.error(.outOfMemory)
        }
        var count = 0
        if capacity > Aggregate.scannedMax, !Aggregate(room).buildIndex() { throw scanner.error(.outOfMemory) }
        scanner.place += 1
        for _ in 0..<capacity {
            scanner.skipWhitespace()
            scanner.place += 1
            let key = try scanner.string()
            try scanner.passColon()
            let item = try scanner.checkedValue()
            let soFar = Aggregate(Value(.object, length: count, bits: room.bits))
            let known =
                capacity > Aggregate.scannedMax
                ? soFar.indexedPosition(ofKey: key) : soFar.position(ofKey: key)
            if known >= 0 {
                soFar.setValue(item, at: known)
            } else {
                soFar.setKey(key, at: count)
                soFar.setValue(item, at: count)
                soFar.addToIndex(count)
                count += 1
            }
            scanner.skipWhitespace()
            scanner.place += 1
        }
        let result = Value(.object, length: count, bits: room.bits)
        Aggregate(result).setUsed(count)
        Aggregate(result).setRaw(value.text, count: value.length)
        return result
    }
}

extension Arena {
    /// Nil when there are too many items, or no room.
    private func openSmallList(_ value: Value) -> Value? {
        var scanner = JSONScanner(value.text, count: value.length, arena: self)
        let last = value.text + (value.length - 1)
        scanner.place += 1
        scanner.skipWhitespace()
        while scanner.place < last {
            guard !scanner.entries.isFull, let item = try? scanner.checkedValue() else { return nil }
            scanner.entries.push(item)
            scanner.passChecked()
        }
        scanner.place = value.text + value.length
        let list = scanner.closeList(0, raw: value.text)
        return list.isUnread ? nil : list
    }

    /// Nil when there are too many entries, or no room.
    private func openSmallObject(_ value: Value) -> Value? {
        var scanner = JSONScanner(value.text, count: value.length, arena: self)
        let last = value.text + (value.length - 1)
        var filter = KeyFilter()
        scanner.place += 1
        scanner.skipWhitespace()
        while scanner.place < last {
            scanner.place += 1
            guard !scanner.entries.isFull, let key = try? scanner.string() else { return nil }
            scanner.passChecked()
            guard let item = try? scanner.checkedValue() else { return nil }
            let mayBeKnown = filter.mayHold(keyPrefix(key.text, key.length), key.length)
            let known = mayBeKnown ? scanner.entries.position(ofKey: key, from: 0) : -1
            if known >= 0 {
                scanner.entries[known] = item
            } else {
                scanner.entries.push(key)
                scanner.entries.push(item)
            }
            scanner.passChecked()
        }
        scanner.place = value.text + value.length
        let object = scanner.closeObject(0, raw: value.text)
        return object.isUnread ? nil : object
    }
}

extension Aggregate {
    @inline(__always) func setRaw(_ raw: BytePointer, count: Int) {
        unsafe header.pointee.raw = unsafe raw.buffer(count).baseAddress
        unsafe header.pointee.rawCount = UInt32(count)
    }
    func setUsed(_ count: Int) { unsafe header.pointee.used = UInt32(count) }
    var used: Int { unsafe Int(header.pointee.used) }
    var capacity: Int { unsafe Int(header.pointee.capacity) }
    var isBuilder: Bool { unsafe header.pointee.isBuilder }
    var hasIndex: Bool { unsafe header.pointee.index != nil }
    func markBuilder() { unsafe header.pointee.isBuilder = true }
    /// From here on it is immutable like any other.
    func endBuilder() { unsafe header.pointee.isBuilder = false }
}

extension JSONScanner {
    /// White space, one colon, comma or closing bracket, white space.
    @inline(__always) mutating func passChecked() {
        skipWhitespace()
        place += 1
        skipWhitespace()
    }

    /// The value at `place` in text that is known to be good: lists and objects are passed over by their brackets.
    @inline(__always) mutating func checkedValue() throws(JSONError) -> Value {
        let byte = place.byte
        guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") else { return try scalar() }
        let first = place
        var counter = JSONCounter(place: place)
        counter.skipAggregate()
        place = counter.place
        return .unread(byte == UInt8(ascii: "{") ? .object : .list, raw: first, count: place - first)
    }
}

/// Passes over checked text without looking at more than strings and brackets.
struct JSONCounter {
    var place: BytePointer

    /// Items or entries, duplicates included, of the list or object at `text`.
    static func count(in text: BytePointer, rawCount: Int) -> Int {
        var counter = JSONCounter(place: text + 1)
        let end = text + (rawCount - 1)
        var count = 0
        var isEmpty = true
        while counter.place < end {
            switch counter.place.byte {
            case UInt8(ascii: "\""):
                isEmpty = false
                counter.skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                isEmpty = false
                counter.skipAggregate()
            case UInt8(ascii: ","):
                count += 1
                counter.place += 1
            case let byte:
                if byte > 0x20 { isEmpty = false }
                counter.place += 1
            }
        }
        return isEmpty ? 0 : count + 1
    }

    /// From the opening bracket to after the closing one.
    mutating func skipAggregate() {
        var depth = 0
        while true {
            switch place.byte {
            case UInt8(ascii: "\""):
                skipString()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 {
                    place += 1
                    return
                }
            default: break
            }
            place += 1
        }
    }

    /// From the opening quote to after the closing one.
    @inline(__always) mutating func skipString() {
        place = TextMarks.first(from: place + 1)
        while place.byte != UInt8(ascii: "\"") { place = TextMarks.first(from: place + 2) }
        place += 1
    }
}
