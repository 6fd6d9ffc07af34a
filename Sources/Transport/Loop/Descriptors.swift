// Descriptors.swift: which handler hears about which descriptor, safe against events that come too late.
//
// Law: an event is delivered only to the registration that asked for it. The kernel gives back 64 bits: the slot
// and its generation; deregistering raises the generation, so an event that was already fetched in this turn for
// a descriptor that is closed meanwhile (and perhaps opened again for someone else) meets no handler.
// Neighbours: EventLoop.swift (the epoll that feeds it).
internal import CLinux

/// What a descriptor's owner wants to hear. Level-triggered: it is told again until it did something about it.
package struct Interest: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let readable = Interest(rawValue: EPOLLIN.rawValue)
    package static let writable = Interest(rawValue: EPOLLOUT.rawValue)
}

/// What became true of a descriptor. `failed` and `hungUp` come without being asked for.
package struct Readiness: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    package static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    package static let failed = Readiness(rawValue: EPOLLERR.rawValue)
    package static let hungUp = Readiness(rawValue: EPOLLHUP.rawValue)
}

/// Hears about one descriptor, on the loop. The loop keeps it alive while it is registered.
package protocol DescriptorHandler: AnyObject {
    func descriptorReady(_ readiness: Readiness)
}

/// A registered descriptor. It goes stale when deregistered; a stale one is refused everywhere.
package struct Registration: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32

    var epollData: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
}

/// The loop's table of registrations.
struct Descriptors {
    private struct Slot {
        var generation: UInt32
        var descriptor: Int32
        var handler: (any DescriptorHandler)?
    }
    private var slots: [Slot] = []
    private var freeSlots: [UInt32] = []

    mutating func insert(_ handler: any DescriptorHandler, descriptor: Int32) -> Registration {
        guard let slot = freeSlots.popLast() else {
            slots.append(Slot(generation: 1, descriptor: descriptor, handler: handler))
            return Registration(slot: UInt32(slots.count - 1), generation: 1)
        }
        slots[Int(slot)].descriptor = descriptor
        slots[Int(slot)].handler = handler
        return Registration(slot: slot, generation: slots[Int(slot)].generation)
    }

    /// The descriptor that was freed, or nil for a stale registration.
    mutating func remove(_ registration: Registration) -> Int32? {
        guard let descriptor = descriptor(of: registration) else { return nil }
        let slot = Int(registration.slot)
        slots[slot].handler = nil
        slots[slot].generation &+= 1
        freeSlots.append(registration.slot)
        return descriptor
    }

    func descriptor(of registration: Registration) -> Int32? {
        let slot = Int(registration.slot)
        guard slot < slots.count, slots[slot].generation == registration.generation, slots[slot].handler != nil
        else { return nil }
        return slots[slot].descriptor
    }

    /// The handler that an event's 64 bits still belong to.
    func handler(forEpollData data: UInt64) -> (any DescriptorHandler)? {
        let slot = Int(UInt32(truncatingIfNeeded: data))
        guard slot < slots.count, slots[slot].generation == UInt32(truncatingIfNeeded: data >> 32) else { return nil }
        return slots[slot].handler
    }

    var count: Int { slots.count - freeSlots.count }
}
