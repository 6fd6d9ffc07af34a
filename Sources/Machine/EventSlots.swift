// EventSlots.swift: the fields of one event that rules mention, as the rule index sees them.
//
// Filled by EventScanner.swift or by the host, read in place. Neighbours: FiberSlab+Events.swift (owns them),
// Routing/RuleIndex (reads them).

/// Slots of one run, by the numbers of `Program.slotPaths`.
///
/// SAFETY: `base` has `count` values in the run's arena; good until the run is released.
@safe package struct EventSlots {
    package let base: UnsafeMutablePointer<Value>
    package let count: Int
    /// Where a list is taken apart that a rule looks into.
    package let arena: Arena

    /// `missing` for a number that the program does not have.
    package subscript(slot: Int) -> Value {
        unsafe slot < count ? base[slot] : .missing
    }

    /// The list or object in a slot, taken apart one level deep, once for all who ask.
    package func opened(_ slot: Int) -> Value {
        let value = self[slot]
        guard value.isUnread else { return value }
        let opened = arena.openOverdrawing(value)
        unsafe base[slot] = opened
        return opened
    }

    /// How many items a list has that was `opened`, or entries an object; 0 for anything else.
    package func itemCount(of opened: Value) -> Int { opened.isList || opened.isObject ? opened.length : 0 }

    /// An item of an opened list, or the value of an entry of an opened object.
    package func item(_ position: Int, of opened: Value) -> Value {
        (try? Aggregate(opened).opened(at: position)) ?? .null
    }

    /// What an object has at a key; `missing` when it has none or is no object.
    package func value(atKey key: Value, of holder: Value) -> Value {
        guard holder.isObject else { return .missing }
        let object = Aggregate(arena.openOverdrawing(holder))
        let position = object.position(ofKey: key)
        return position < 0 ? .missing : object.value(at: position)
    }
}

extension FiberSlab {
    /// The slots of a scanned event; nil when the reference is stale or nothing was scanned.
    package func slots(of ref: FiberRef) -> EventSlots? {
        guard let block = block(of: ref) else { return nil }
        let image = unsafe block.header.pointee.image
        guard unsafe block.header.pointee.slots != image.pointee.missingSlots else { return nil }
        return unsafe EventSlots(
            base: block.header.pointee.slots, count: image.pointee.trie.slotCount, arena: block.arena)
    }
}

extension Arena {
    /// Slots that stand alone: for tests and for explaining.
    package func slots(_ values: [Value]) -> EventSlots {
        unsafe EventSlots(base: UnsafeMutablePointer(mutating: table(values)), count: values.count, arena: self)
    }
}
