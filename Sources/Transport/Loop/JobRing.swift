// JobRing.swift: the jobs of Swift tasks that wait for their turn on one loop, first in, first out.
//
// A ring of its own because `Array.removeFirst` moves everything, and this is what every resume goes through.
// Neighbours: EventLoop.swift, its only user.

@safe struct JobRing: ~Copyable {
    private var slots: UnsafeMutablePointer<UnownedJob>
    private var capacity = 256  // a power of two
    private var head = 0
    private(set) var count = 0

    init() { unsafe slots = .allocate(capacity: 256) }

    /// Only the memory is freed: a job that is left here belongs to a task that will never resume.
    deinit { unsafe slots.deallocate() }

    var isEmpty: Bool { count == 0 }

    mutating func append(_ job: UnownedJob) {
        if count == capacity { grow() }
        unsafe (slots + ((head &+ count) & (capacity &- 1))).initialize(to: job)
        count &+= 1
    }

    mutating func popFirst() -> UnownedJob? {
        guard count > 0 else { return nil }
        let job = unsafe slots[head]
        head = (head &+ 1) & (capacity &- 1)
        count &-= 1
        return job
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<UnownedJob>.allocate(capacity: capacity * 2)
        for index in 0..<count {
            unsafe (larger + index).initialize(to: slots[(head + index) & (capacity - 1)])
        }
        unsafe slots.deallocate()
        unsafe slots = larger
        head = 0
        capacity *= 2
    }
}
