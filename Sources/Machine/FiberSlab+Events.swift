// FiberSlab+Events.swift: an event on its way into a fiber: scanned for the rules, then an object for the handler.
//
// Neighbours: JSONScanner+Fields.swift, Engine/Delivery (calls these, then `evaluate` or `start`).

extension FiberSlab {
    /// Scans a CloudEvent's JSON envelope in one pass: checks it, and fills the slots that the program's rules mention.
    ///
    /// - Parameter copy: as for `Arena.json`.
    /// - Returns: the envelope; null when the reference is stale.
    package func scan(
        _ event: UnsafeRawBufferPointer, copy: Bool, for ref: FiberRef
    ) throws(JSONError) -> Value {
        guard let block = block(of: ref) else { return .null }
        let arena = block.arena
        let trie = unsafe block.header.pointee.image.pointee.trie
        let slotBytes = unsafe trie.slotCount * 16
        guard let memory = unsafe try? arena.allocate(slotBytes + trie.entryCount) else {
            throw JSONError(reason: .outOfMemory, offset: 0)
        }
        let slots = unsafe memory.bindMemory(to: Value.self, capacity: trie.slotCount)
        unsafe slots.initialize(repeating: .missing, count: trie.slotCount)
        let seen = unsafe (memory + slotBytes).bindMemory(to: UInt8.self, capacity: trie.entryCount)
        unsafe seen.initialize(repeating: 0, count: trie.entryCount)
        unsafe block.header.pointee.slots = unsafe slots
        let fields = unsafe FieldSlots(trie: trie, slots: slots, seen: seen)
        var scanner = unsafe try arena.scanner(over: event, copy: copy, fields: fields)
        return try scanner.event()
    }

    package func scan(_ event: [UInt8], for ref: FiberRef) throws(JSONError) -> Value {
        var result: Result<Value, JSONError> = .success(.null)
        unsafe event.withUnsafeBytes { bytes in
            do throws(JSONError) {
                result = unsafe .success(try scan(bytes, copy: true, for: ref))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    /// A slot's value; `missing` when the event does not have its path.
    package func slot(_ number: Int, of ref: FiberRef) -> Value {
        guard let block = block(of: ref),
            unsafe 0..<block.header.pointee.image.pointee.trie.slotCount ~= number
        else { return .missing }
        return block.slot(number)
    }

    /// Sets a slot that is not in the envelope: `topic`, `pubsub`, `attempt`; or all of them for an event that was
    /// not scanned.
    package func setSlot(_ number: Int, of ref: FiberRef, to value: Value) {
        guard let block = block(of: ref), let program = program(of: ref), number < program.slotPaths.count else {
            return
        }
        if unsafe block.header.pointee.slots == program.image.pointee.missingSlots {
            let count = program.slotPaths.count
            let memory = unsafe block.arena.allocateOverdrawing(count * 16)
            let slots = unsafe memory.bindMemory(to: Value.self, capacity: count)
            unsafe slots.initialize(repeating: .missing, count: count)
            unsafe block.header.pointee.slots = unsafe slots
        }
        unsafe block.header.pointee.slots[number] = value
    }
}

extension Arena {
    /// The `event` that a handler gets: the envelope's attributes, its data, and where it came from. `data_base64`
    /// becomes `data` as bytes (null when it is not base64).
    package func event(envelope: Value, topic: Value, pubsub: Value, attempt: Int) -> Value {
        let object = Aggregate(openOverdrawing(envelope))
        let keys = EventKeys.shared
        let hasData = object.position(ofKey: keys.data) >= 0
        let event = overdrawing(.object, count: object.count + 3)
        let target = Aggregate(event)
        var count = 0
        func put(_ key: Value, _ value: Value) {
            target.setKey(key, at: count)
            target.setValue(value, at: count)
            count += 1
        }
        for position in 0..<object.count {
            let key = object.key(at: position)
            guard keys.mayBeSpecial(key) else {
                put(key, object.value(at: position))
                continue
            }
            if keys.isOurs(key) { continue }
            if !key.isSameText(as: keys.dataBase64) {
                put(key, object.value(at: position))
            } else if !hasData {
                let text = object.value(at: position)
                let decoded = text.isString ? Base64.decode(text.text, text.length) : nil
                put(keys.data, decoded.map { bytes($0) } ?? .null)
            }
        }
        put(keys.topic, topic)
        put(keys.pubsub, pubsub)
        put(keys.attempt, .int(attempt))
        target.setUsed(count)
        return Value(.object, length: count, bits: event.bits)
    }
}

/// The keys that the engine sets itself, in memory that is never freed.
///
/// SAFETY: written once behind the lazy initialiser's lock, then only read.
struct EventKeys: @unchecked Sendable {
    let data: Value, dataBase64: Value, topic: Value, pubsub: Value, attempt: Value
    private let pubsubName: Value
    private let lengths: UInt64

    static let shared = EventKeys()

    private init() {
        func immortal(_ text: StaticString) -> Value {
            let count = text.utf8CodeUnitCount
            let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: count + BytePointer.paddingBytes)
            unsafe memory.initialize(repeating: 0, count: count + BytePointer.paddingBytes)
            unsafe memory.update(from: text.utf8Start, count: count)
            return unsafe Value(.string, text: BytePointer(memory), count: count)
        }
        data = immortal("data")
        dataBase64 = immortal("data_base64")
        topic = immortal("topic")
        pubsub = immortal("pubsub")
        attempt = immortal("attempt")
        pubsubName = immortal("pubsubname")
        lengths = [dataBase64, topic, pubsub, attempt, pubsubName].reduce(0) { $0 | 1 << UInt64($1.length) }
    }

    /// No key of another length is one of these.
    @inline(__always) func mayBeSpecial(_ key: Value) -> Bool { lengths & 1 &<< UInt64(key.length & 63) != 0 }

    @inline(__always) func isOurs(_ key: Value) -> Bool {
        key.isSameText(as: topic) || key.isSameText(as: pubsub) || key.isSameText(as: pubsubName)
            || key.isSameText(as: attempt)
    }
}

extension Value {
    /// Of two strings.
    @inline(__always) func isSameText(as other: Value) -> Bool {
        meta == other.meta && bytesEqual(text, other.text, length)
    }
}
