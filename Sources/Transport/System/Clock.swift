// Clock.swift: the clocks of the system. Nothing below Transport reads a clock; whoever needs the time is given it.
internal import Glibc

package enum Clock {
    /// Nanoseconds since an arbitrary start, never going back. For deadlines.
    package static func monotonicNanoseconds() -> UInt64 { read(CLOCK_MONOTONIC) }

    /// Nanoseconds since 1970-01-01T00:00:00Z. For people; it may jump.
    package static func wallNanoseconds() -> Int64 { Int64(bitPattern: read(CLOCK_REALTIME)) }

    /// Nanoseconds that this thread has run: what it did not get of a busy machine does not count. For benchmarks.
    package static func threadNanoseconds() -> UInt64 { read(CLOCK_THREAD_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000 &+ UInt64(bitPattern: Int64(time.tv_nsec))
    }
}
