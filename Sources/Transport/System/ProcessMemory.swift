// ProcessMemory.swift: what this process holds. For benchmarks and tests; nothing on the event path asks.
internal import CLinux

package enum ProcessMemory {
    /// Bytes that the C library's allocator has given out and not got back.
    package static func heapBytes() -> Int { Int(patchbay_heap_bytes()) }
}
