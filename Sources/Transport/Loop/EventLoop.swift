// EventLoop.swift: one thread's loop: descriptors, timers, jobs of Swift tasks, and work handed in by other threads.
//
// A turn: wait for descriptors (not longer than the next timer), tell their handlers, fire timers, run jobs and local
// work until there is none, then what was left for the end of the turn. Only the inbox is shared, behind a mutex;
// another thread writes the eventfd only when nobody has since the loop last looked.
//
// The loop is a TaskExecutor and nothing else: jobs run by `runSynchronously(on:)`. As a SerialExecutor each resume
// would go through the global pool (measured: 15 µs instead of 0.3).
// Law: everything but `execute`, `enqueue`, `stop` and `isCurrent` belongs to the loop's thread, or to whoever sets
// the loop up before it runs.
// Neighbours: Descriptors.swift, TimerWheel.swift, JobRing.swift, LoopThread.swift.
internal import CLinux
internal import Glibc
internal import Synchronization

/// SAFETY: `inbox`, `runner` and `stopRequested` are synchronised; all other state is touched by the thread whose id is
/// in `runner` (debug builds assert it), or before `run`, whose start orders the two.
@safe package final class EventLoop: TaskExecutor, @unchecked Sendable {
    private enum InboxItem {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }
    private struct Inbox {
        var items: [InboxItem] = []
        var isSignalled = false
    }
    private static let eventsPerWait = 256
    private static let wakeData = UInt64.max
    /// Rounds of jobs and local work before the loop looks at its descriptors again.
    private static let roundsPerTurn = 16

    private let epoll: Int32
    private let wakeDescriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    private let inbox = Mutex(Inbox())
    /// The id of the thread that runs the loop; 0 while nobody does.
    private let runner = Atomic<UInt>(0)
    private let stopRequested = Atomic<Bool>(false)

    private var jobs = JobRing()
    private var localWork: [() -> Void] = []
    private var endOfTurn: [() -> Void] = []
    private var descriptors = Descriptors()
    private var timers: TimerWheel
    private var turnNowNanoseconds: UInt64

    package init() throws(TransportError) {
        epoll = clinux_epoll_create()
        guard epoll >= 0 else {
            throw .unavailable(what: "create an epoll descriptor", reason: SystemReason(result: epoll))
        }
        wakeDescriptor = clinux_wake_descriptor()
        guard wakeDescriptor >= 0 else {
            _ = clinux_close(epoll)
            throw .unavailable(what: "create an event descriptor", reason: SystemReason(result: wakeDescriptor))
        }
        unsafe events = .allocate(capacity: Self.eventsPerWait)
        turnNowNanoseconds = Clock.monotonicNanoseconds()
        timers = TimerWheel(startNanoseconds: turnNowNanoseconds)
        _ = clinux_epoll_control(epoll, EPOLL_CTL_ADD, wakeDescriptor, EPOLLIN.rawValue, Self.wakeData)
    }

    deinit {
        _ = clinux_close(epoll)
        _ = clinux_close(wakeDescriptor)
        unsafe events.deallocate()
    }

    // MARK: Running

    /// Whether the caller is on this loop's thread.
    package var isCurrent: Bool { runner.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Runs until `stop`. The calling thread becomes the loop's thread.
    package func run() {
        become(current: true)
        while !stopRequested.load(ordering: .relaxed) { turn(waitingAtMostNanoseconds: .max) }
        runLocalWork()
        stopRequested.store(false, ordering: .relaxed)
        become(current: false)
    }

    /// Runs turns until `condition` holds or the time is over; says whether it holds. For tests and start-up.
    package func run(until condition: () -> Bool, atMost limit: Duration) -> Bool {
        become(current: true)
        defer { become(current: false) }
        let deadline = Clock.monotonicNanoseconds() &+ limit.wholeNanoseconds
        while !condition() {
            let now = Clock.monotonicNanoseconds()
            guard now < deadline, !stopRequested.load(ordering: .relaxed) else { return condition() }
            turn(waitingAtMostNanoseconds: deadline - now)
        }
        return true
    }

    /// Ends `run` after the current turn. From any thread.
    package func stop() {
        stopRequested.store(true, ordering: .relaxed)
        wake(
            ifNeeded: inbox.withLock { inbox in
                defer { inbox.isSignalled = true }
                return !inbox.isSignalled
            })
    }

    private func become(current: Bool) {
        let mine = UInt(pthread_self())
        let exchange = runner.compareExchange(
            expected: current ? 0 : mine, desired: current ? mine : 0, ordering: .acquiringAndReleasing)
        precondition(exchange.exchanged, "an event loop is run by one thread at a time")
        if current { turnNowNanoseconds = Clock.monotonicNanoseconds() }
    }

    private func turn(waitingAtMostNanoseconds limit: UInt64) {
        let isBusy = !jobs.isEmpty || !localWork.isEmpty || !endOfTurn.isEmpty
        let count = unsafe clinux_epoll_wait(
            epoll, events, Int32(Self.eventsPerWait), isBusy ? 0 : waitMilliseconds(atMostNanoseconds: limit))
        turnNowNanoseconds = Clock.monotonicNanoseconds()
        // Nothing but EINTR can fail here, and that is a turn without events.
        for index in 0..<Int(max(count, 0)) {
            let event = unsafe events[index]
            let data = unsafe event.data.u64
            if data == Self.wakeData {
                emptyInbox()
            } else if let handler = descriptors.handler(forEpollData: data) {
                handler.descriptorReady(unsafe Readiness(rawValue: event.events))
            }
        }
        while let body = timers.popDue(nowNanoseconds: turnNowNanoseconds) { body() }
        runLocalWork()
    }

    private func waitMilliseconds(atMostNanoseconds limit: UInt64) -> Int32 {
        var wait = limit
        if let wake = timers.nextWakeNanoseconds() {
            let now = Clock.monotonicNanoseconds()
            wait = min(wait, wake > now ? wake - now : 0)
        }
        guard wait < UInt64(Int32.max) * 1_000_000 else { return limit == .max && wait == .max ? -1 : Int32.max }
        return Int32((wait + 999_999) / 1_000_000)
    }

    private func runLocalWork() {
        let executor = unsafe asUnownedTaskExecutor()
        for _ in 0..<Self.roundsPerTurn {
            var jobsLeft = jobs.count
            while jobsLeft > 0, let job = jobs.popFirst() {
                unsafe job.runSynchronously(on: executor)
                jobsLeft -= 1
            }
            if !localWork.isEmpty {
                let work = localWork
                localWork.removeAll(keepingCapacity: true)
                for body in work { body() }
            }
            guard jobs.isEmpty, localWork.isEmpty else { continue }
            guard !endOfTurn.isEmpty else { return }
            let last = endOfTurn
            endOfTurn.removeAll(keepingCapacity: true)
            for body in last { body() }
        }
    }

    // MARK: Work

    /// Runs `body` on the loop: in this turn when called there, else as soon as the loop wakes. From any thread.
    package func execute(_ body: @escaping @Sendable () -> Void) {
        if isCurrent { localWork.append(body) } else { deliver(.work(body)) }
    }

    /// Runs `body` when this turn's events, timers and jobs are done: the place to write out what they gathered.
    package func atEndOfTurn(_ body: @escaping () -> Void) {
        assertOnLoop()
        endOfTurn.append(body)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        if isCurrent { jobs.append(unowned) } else { deliver(.job(unowned)) }
    }

    private func deliver(_ item: InboxItem) {
        wake(
            ifNeeded: inbox.withLock { inbox in
                inbox.items.append(item)
                defer { inbox.isSignalled = true }
                return !inbox.isSignalled
            })
    }

    private func wake(ifNeeded isNeeded: Bool) {
        guard isNeeded else { return }
        var one: UInt64 = 1
        _ = unsafe clinux_write(wakeDescriptor, &one, 8)
    }

    private func emptyInbox() {
        var count: UInt64 = 0
        _ = unsafe clinux_read(wakeDescriptor, &count, 8)
        let items = inbox.withLock { inbox in
            inbox.isSignalled = false
            let items = inbox.items
            inbox.items.removeAll(keepingCapacity: items.count <= 1024)
            return items
        }
        for item in items {
            switch item {
            case .job(let job): jobs.append(job)
            case .work(let body): localWork.append(body)
            }
        }
    }

    // MARK: Time

    /// The monotonic clock as of the start of this turn.
    package var nowNanoseconds: UInt64 {
        isCurrent ? turnNowNanoseconds : Clock.monotonicNanoseconds()
    }

    /// Runs `body` on the loop once `delay` has passed; never early, and within a millisecond or so of it.
    @discardableResult
    package func schedule(after delay: Duration, _ body: @escaping () -> Void) -> TimerToken {
        schedule(atNanoseconds: nowNanoseconds &+ delay.wholeNanoseconds, body)
    }

    /// Runs `body` on the loop once the monotonic clock has reached `deadline`.
    @discardableResult
    package func schedule(atNanoseconds deadline: UInt64, _ body: @escaping () -> Void) -> TimerToken {
        assertOnLoop()
        return timers.schedule(atNanoseconds: deadline, body)
    }

    /// Forgets a timer. Says whether it was still to come; a stale token is harmless.
    @discardableResult
    package func cancel(_ token: TimerToken) -> Bool {
        assertOnLoop()
        return timers.cancel(token)
    }

    // MARK: Descriptors

    /// Tells `handler` of `descriptor`'s readiness from now on. The descriptor stays its owner's; deregister before closing it.
    package func register(
        _ descriptor: Int32, for interest: Interest, handler: any DescriptorHandler
    ) throws(TransportError) -> Registration {
        assertOnLoop()
        let registration = descriptors.insert(handler, descriptor: descriptor)
        let result = clinux_epoll_control(
            epoll, EPOLL_CTL_ADD, descriptor, interest.rawValue, registration.epollData)
        guard result == 0 else {
            _ = descriptors.remove(registration)
            throw .unavailable(what: "watch a descriptor", reason: SystemReason(result: result))
        }
        return registration
    }

    /// Changes what the handler hears of. A stale registration is ignored.
    package func modify(_ registration: Registration, to interest: Interest) {
        assertOnLoop()
        guard let descriptor = descriptors.descriptor(of: registration) else { return }
        _ = clinux_epoll_control(epoll, EPOLL_CTL_MOD, descriptor, interest.rawValue, registration.epollData)
    }

    /// Ends a registration: its handler hears nothing more, not even of events already fetched. A stale one is ignored.
    package func deregister(_ registration: Registration) {
        assertOnLoop()
        guard let descriptor = descriptors.remove(registration) else { return }
        _ = clinux_epoll_control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0)
    }

    /// Registered descriptors, the loop's own aside.
    package var descriptorCount: Int { descriptors.count }

    /// Timers still to come.
    package var timerCount: Int { timers.count }

    private func assertOnLoop() {
        assert(
            isCurrent || runner.load(ordering: .relaxed) == 0,
            "this belongs to the loop's own thread: use `execute` from others")
    }
}

extension Duration {
    /// This duration in nanoseconds, at least 0, at most about 146 years.
    package var wholeNanoseconds: UInt64 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        guard seconds < Int64(UInt64.max / 4_000_000_000) else { return UInt64.max / 4 }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
