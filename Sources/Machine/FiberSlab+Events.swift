// FiberSlab+Events.swift: an event on its way into a fiber: scanned for the rules, then an object for the handler.
//
// Neighbours: EventScanner.swift, Engine/Delivery (calls these, then `evaluate` or `start`).

extension FiberSlab {
    /// Scans a CloudEvent's JSON envelope in one pass: checks it, and fills the slots that the program's rules mention.
    ///
    /// - Parameter copy: as for `Arena.json`.
    /// - Returns: the envelope, unread; null when the reference is stale.
    package func scan(
        _ event: UnsafeRawBufferPointer, copy: Bool, for ref: FiberRef
    ) throws(JSONError) -> Value {
        guard let block = block(of: ref), let program = program(of: ref) else { return .null }
        let arena = block.arena
        let trie = unsafe program.trie
        let slotBytes = unsafe trie.slotCount * 16
        guard let memory = unsafe try? arena.allocate(slotBytes + trie.entryCount) else {
            throw JSONError(reason: .outOfMemory, offset: 0)
        }
        let slots = unsafe memory.bindMemory(to: Value.self, capacity: trie.slotCount)
        unsafe slots.initialize(repeating: .missing, count: trie.slotCount)
        let seen = unsafe (memory + slotBytes).bindMemory(to: UInt8.self, capacity: trie.entryCount)
        unsafe seen.initialize(repeating: 0, count: trie.entryCount)
        unsafe block.header.pointee.slots = unsafe slots
        unsafe block.header.pointee.slotCount = unsafe trie.slotCount
        let scanner = unsafe try arena.scanner(over: event, copy: copy)
        var events = unsafe EventScanner(scanner: scanner, trie: trie, slots: slots, seen: seen)
        return unsafe try events.scan()
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
    package func slot(_ number: Int, of ref: FiberRef) -> Value { block(of: ref)?.slot(number) ?? .missing }

    /// Sets a slot that is not in the envelope: `topic`, `pubsub`, `attempt`; or all of them for an event that was
    /// not scanned.
    package func setSlot(_ number: Int, of ref: FiberRef, to value: Value) {
        guard let block = block(of: ref), let program = program(of: ref), number < program.slotPaths.count else { return }
        if unsafe block.header.pointee.slotCount == 0 {
            let count = program.slotPaths.count
            let memory = unsafe block.arena.allocateOverdrawing(count * 16)
            let slots = unsafe memory.bindMemory(to: Value.self, capacity: count)
            unsafe slots.initialize(repeating: .missing, count: count)
            unsafe block.header.pointee.slots = unsafe slots
            unsafe block.header.pointee.slotCount = count
        }
        unsafe block.header.pointee.slots[number] = value
    }
}

extension Arena {
    /// The `event` that a handler gets: the envelope's attributes, its data, and where it came from. `data_base64`
    /// becomes `data` as bytes (null when it is not base64).
    package func event(envelope: Value, topic: Value, pubsub: Value, attempt: Int) -> Value {
        var entries: [(key: Value, value: Value)] = []
        let object = Aggregate(openOverdrawing(envelope))
        for position in 0..<object.count {
            let key = object.key(at: position)
            switch key.asString {
            case "topic", "pubsub", "pubsubname", "attempt": continue
            case "data_base64":
                let text = object.value(at: position)
                let decoded = text.isString ? Base64.decode(text.text, text.length) : nil
                if object.count != 0, Aggregate(openOverdrawing(envelope)).position(ofKey: string("data")) >= 0 { continue }
                entries.append((string("data"), decoded.map { bytes($0) } ?? .null))
            default: entries.append((key, object.value(at: position)))
            }
        }
        entries.append((string("topic"), topic))
        entries.append((string("pubsub"), pubsub))
        entries.append((string("attempt"), .int(attempt)))
        let event = overdrawing(.object, count: entries.count)
        for (position, entry) in entries.enumerated() {
            Aggregate(event).setKey(entry.key, at: position)
            Aggregate(event).setValue(entry.value, at: position)
        }
        return event
    }
}
