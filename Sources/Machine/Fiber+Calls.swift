// Fiber+Calls.swift: frames, the register stack, unwinding.
//
// Neighbours: Fiber+Dispatch.swift.

internal import Diagnostics

extension FiberBlock {
    /// The verifier checked the number, and there is always a row of slots.
    @inline(__always) func slot(_ number: Int) -> Value { unsafe header.pointee.slots[number] }

    @inline(__always) func function(_ number: UInt32) -> UnsafePointer<FunctionEntry> {
        unsafe header.pointee.functions + Int(number)
    }

    @inline(__always) func isOutermost(_ frameTop: FrameCursor) -> Bool {
        unsafe frameTop.pointer == header.pointee.frames
    }

    /// Charges the call and notes where it goes on.
    @inline(__always) func push(
        _ ip: CodeCursor, _ base: Registers, _ frameTop: FrameCursor
    ) throws(Fault) -> FrameCursor {
        var top = frameTop
        try charge(1)
        if unsafe top.pointer == header.pointee.framesEnd { top = try growFrames() }
        unsafe top.pointer.pointee = unsafe Frame(ip: ip.pointer, base: base.pointer)
        return unsafe FrameCursor(top.pointer + 1)
    }

    /// The callee's registers; the stack may move for them, and `frameTop`'s frames with it.
    @inline(__always) func window(
        _ base: Registers, _ registerBytes: UInt32, _ frameTop: FrameCursor
    ) throws(Fault) -> Registers {
        let end = unsafe UnsafeMutableRawPointer(base.pointer) + Int(registerBytes)
        if unsafe end <= UnsafeMutableRawPointer(header.pointee.stackEnd) { return base }
        return try growStack(base, Int(registerBytes) / MemoryLayout<Value>.stride, frameTop)
    }

    @inline(never) private func growFrames() throws(Fault) -> FrameCursor {
        let old = unsafe header.pointee.frameCapacity
        let most = unsafe Int(header.pointee.callDepthMax)
        guard old < most else { throw callDepthExceeded }
        let capacity = min(most, max(4, old * 2))
        let memory = unsafe try arena.allocate(capacity * MemoryLayout<Frame>.stride)
        let frames = unsafe memory.bindMemory(to: Frame.self, capacity: capacity)
        if old > 0 { unsafe frames.update(from: header.pointee.frames, count: old) }
        unsafe header.pointee.frames = unsafe frames
        unsafe header.pointee.framesEnd = unsafe frames + capacity
        return unsafe FrameCursor(frames + old)
    }

    /// In place when nothing was taken from the arena since, else at twice the size elsewhere.
    @inline(never) private func growStack(
        _ base: Registers, _ registerCount: Int, _ frameTop: FrameCursor
    ) throws(Fault) -> Registers {
        let used = unsafe base.pointer - header.pointee.stack
        let old = unsafe header.pointee.stackEnd - header.pointee.stack
        let more = max(old, used + registerCount - old)
        if unsafe UInt(bitPattern: header.pointee.stackEnd) == header.pointee.arena.cursor {
            _ = unsafe try newRegisters(more)
            // The last chunk may have been full.
            if unsafe header.pointee.stackEnd == header.pointee.stack + old + more { return base }
        }
        let stack = unsafe try newRegisters(old + more)
        unsafe stack.update(from: header.pointee.stack, count: old)
        var frame = unsafe header.pointee.frames
        while unsafe frame != frameTop.pointer {
            unsafe frame.pointee.base = unsafe stack + (frame.pointee.base - header.pointee.stack)
            unsafe frame += 1
        }
        unsafe header.pointee.stack = unsafe stack
        return unsafe Registers(stack + used)
    }

    /// Puts the fiber at the start of a function, its parameters null.
    @inline(__always) func enter(_ function: FunctionIndex) throws(Fault) {
        let entry = unsafe header.pointee.functions + Int(function.rawValue)
        try makeStack(registerCount: unsafe entry.pointee.registerCount)
        for position in unsafe 0..<Int(entry.pointee.parameterCount) { unsafe header.pointee.base[position] = .null }
        unsafe header.pointee.ip = unsafe entry.pointee.code
        unsafe header.pointee.frameTop = unsafe header.pointee.frames
    }

    /// Registers for a function that is started from outside: those there are, with what they hold, or new ones. As for a
    /// call, code writes a register before it reads it.
    @inline(__always) func makeStack(registerCount: Int) throws(Fault) {
        if unsafe header.pointee.stack + registerCount > header.pointee.stackEnd { try newStack(registerCount) }
        unsafe header.pointee.base = unsafe header.pointee.stack
    }

    /// No more registers than the function has: of ten thousand fibers in flight each line of memory counts.
    @inline(never) private func newStack(_ registerCount: Int) throws(Fault) {
        unsafe header.pointee.stack = unsafe try newRegisters(registerCount)
    }

    /// Registers up to a new `stackEnd`, all null, so that none ever holds what is not a value.
    private func newRegisters(_ count: Int) throws(Fault) -> UnsafeMutablePointer<Value> {
        let memory = unsafe try arena.allocate(count * MemoryLayout<Value>.stride)
        let first = unsafe memory.bindMemory(to: Value.self, capacity: count)
        unsafe first.initialize(repeating: .null, count: count)
        unsafe header.pointee.stackEnd = unsafe first + count
        return unsafe first
    }

    /// Finds who catches a failure raised at the saved state, and sets the state to go on there. Gives the run's end
    /// when nobody does.
    func unwind(_ failure: Value) throws(Fault) -> Completion? {
        guard failure.kind == .failure else {
            _ = try fault(.wrongKind, "`fail` needs a failure, got \(failure.kind.name)")
            return .returned(.null)
        }
        var ip = unsafe header.pointee.ip
        let box = unsafe failure.failureBox
        if unsafe box.pointee.word < 0 { unsafe box.pointee.word = Int32(truncatingIfNeeded: wordOffset(ip) - 1) }
        let catches = unsafe header.pointee.image.pointee.catches
        while true {
            if let handler = unsafe catches.handler(atWord: wordOffset(ip) - 1) {
                unsafe header.pointee.base[Int(handler.register)] = failure
                unsafe header.pointee.ip = unsafe header.pointee.image.pointee.code + Int(handler.target)
                return nil
            }
            guard unsafe header.pointee.frameTop > header.pointee.frames else { return .failed(failure) }
            unsafe header.pointee.frameTop -= 1
            unsafe ip = unsafe header.pointee.frameTop.pointee.ip
            unsafe header.pointee.base = unsafe header.pointee.frameTop.pointee.base
        }
    }

    /// Goes on with a failure in place of an effect's reply.
    func raiseAndRun(_ failure: Value) -> Step {
        do throws(Fault) {
            if let completion = try unwind(failure) {
                unsafe header.pointee.status = .ended
                return .finished(completion)
            }
        } catch {
            unsafe header.pointee.status = .ended
            return .faulted(error)
        }
        return run()
    }

    /// In a rule's predicate null; else the end of the run.
    func fault(_ code: DiagnosticCode, _ message: @autoclosure () -> String) throws(Fault) -> Value {
        if isQuiet { return .null }
        throw Fault(code, message())
    }

    func unreachable(_ text: Value) throws(Fault) {
        throw Fault(.unreachableReached, text.asString ?? "a place that cannot be reached was")
    }
}

/// Catch ranges as plain memory, grouped by function in code order.
@unsafe struct CatchTable {
    @unsafe struct Entry {
        var from: Int32
        var to: Int32
        var target: Int32
        var register: UInt8
    }
    var entries: UnsafePointer<Entry>
    var count: Int
    /// Per function, in code order: its first word and its first entry.
    var groups: UnsafePointer<(word: Int32, entry: Int32)>
    var groupCount: Int

    func handler(atWord word: Int) -> (target: Int32, register: UInt8)? {
        var low = 0
        var high = unsafe groupCount
        while low < high {
            let middle = (low + high) / 2
            if unsafe Int(groups[middle].word) <= word { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let last = unsafe low < groupCount ? Int(groups[low].entry) : count
        for position in unsafe Int(groups[low - 1].entry)..<last {
            let entry = unsafe entries[position]
            if unsafe Int(entry.from) <= word && word < Int(entry.to) { return unsafe (entry.target, entry.register) }
        }
        return nil
    }
}
