// Fixtures.swift: small parts that the Transport tests share: pipes, recorders, gates between threads.
import Glibc
import Synchronization
import Testing

@testable import Transport

/// A gate between threads: opened once, waited for with a deadline.
final class Gate: Sendable {
    private let reading: Int32
    private let writing: Int32
    init() {
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0)
        (reading, writing) = (ends[0], ends[1])
    }
    deinit {
        close(reading)
        close(writing)
    }
    func open() { _ = write(writing, "x", 1) }
    func wait(atMost limit: Duration = .seconds(10)) -> Bool {
        var waiting = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, Int32(limit.components.seconds * 1000)) == 1
    }
}

final class Recorder: DescriptorHandler {
    var count = 0
    var readiness: Readiness = []
    var onReady: () -> Void = {}
    func descriptorReady(_ readiness: Readiness) {
        count += 1
        self.readiness = readiness
        onReady()
    }
}

final class Pipe {
    let reading: Int32
    let writing: Int32
    init() {
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0)
        (reading, writing) = (ends[0], ends[1])
    }
    deinit {
        close(reading)
        close(writing)
    }
    func fill() { _ = write(writing, "x", 1) }
}
