// BackgroundThread.swift: one thread for what must not block a loop: SQLite, compiling, files, name look-ups.
//
// Jobs run one after the other, in order; the queue is bounded and refuses with a named error. Results come back by
// the loop's inbox.
// Neighbours: EventLoop.swift, NameResolver.swift.
internal import CLinux
internal import Glibc
internal import Synchronization

/// The queue of a background thread is full, or the thread was stopped.
package struct BackgroundQueueFull: Error, Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let jobsMax: Int
    package var description: String { "the background thread `\(name)` has \(jobsMax) jobs waiting already" }
}

package final class BackgroundThread: Sendable {
    private struct Queue {
        var jobs: [@Sendable () -> Void] = []
        var isStopping = false
        var isJoined = false
        var thread: pthread_t?
    }
    private let queue = Mutex(Queue())
    private let wakeDescriptor: Int32
    private let name: String
    private let jobsMax: Int

    /// Starts the thread. It keeps itself alive until `stop`.
    package init(name: String, jobsMax: Int) throws(TransportError) {
        self.name = name
        self.jobsMax = jobsMax
        wakeDescriptor = clinux_blocking_wake_descriptor()
        guard wakeDescriptor >= 0 else {
            throw .unavailable(what: "create an event descriptor", reason: SystemReason(result: wakeDescriptor))
        }
        let thread = try unsafe startThread(name: name, of: self, entry: backgroundThreadMain)
        queue.withLock { $0.thread = thread }
    }

    deinit { _ = clinux_close(wakeDescriptor) }

    /// Queues a job. From any thread.
    package func submit(_ job: @escaping @Sendable () -> Void) throws(BackgroundQueueFull) {
        let isTaken = queue.withLock { queue in
            guard !queue.isStopping, queue.jobs.count < jobsMax else { return false }
            queue.jobs.append(job)
            return true
        }
        guard isTaken else { throw BackgroundQueueFull(name: name, jobsMax: jobsMax) }
        wake()
    }

    /// Runs `work` here, then `completion` on `loop`, where it must have been made.
    package func submit<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value, on loop: EventLoop, then completion: @escaping (Value) -> Void
    ) throws(BackgroundQueueFull) {
        // SAFETY: made on the loop, called on the loop, and only carried in between.
        nonisolated(unsafe) let completion = completion
        try submit {
            let value = work()
            loop.execute { unsafe completion(value) }
        }
    }

    /// Runs `work` here and waits for it without holding a thread.
    package func run<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value
    ) async throws(BackgroundQueueFull) -> Value {
        let result: Result<Value, BackgroundQueueFull> = await withCheckedContinuation { continuation in
            do throws(BackgroundQueueFull) {
                try submit { continuation.resume(returning: .success(work())) }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// Finishes the jobs that are queued, takes no more, and waits for the thread. Not from the thread itself.
    package func stop() {
        let thread: pthread_t? = queue.withLock { queue in
            queue.isStopping = true
            defer { queue.isJoined = true }
            return queue.isJoined ? nil : queue.thread
        }
        guard let thread else { return }
        wake()
        _ = pthread_join(thread, nil)
    }

    private func wake() {
        var one: UInt64 = 1
        _ = unsafe clinux_write(wakeDescriptor, &one, 8)
    }

    func runUntilStopped() {
        while true {
            let (jobs, isStopping) = queue.withLock { queue in
                defer { queue.jobs.removeAll(keepingCapacity: queue.jobs.count <= 64) }
                return (queue.jobs, queue.isStopping)
            }
            for job in jobs { job() }
            if jobs.isEmpty, isStopping { return }
            guard jobs.isEmpty else { continue }
            var count: UInt64 = 0
            _ = unsafe clinux_read(wakeDescriptor, &count, 8)
        }
    }
}

/// Thread entry. Balanced by `passRetained` in `startThread`.
func backgroundThreadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { preconditionFailure("background thread started without its queue") }
    unsafe Unmanaged<BackgroundThread>.fromOpaque(context).takeRetainedValue().runUntilStopped()
    return nil
}
