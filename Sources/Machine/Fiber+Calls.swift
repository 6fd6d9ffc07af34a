// Fiber+Calls.swift: frames, the register stack, unwinding.
//
// Neighbours: Fiber+Dispatch.swift.

internal import Diagnostics

extension FiberBlock {
    @inline(__always) func slot(_ number: Int) -> Value {
        unsafe number < header.pointee.slotCount ? header.pointee.slots[number] : .missing
    }

    @inline(__always) func function(_ number: UInt32) -> UnsafePointer<FunctionEntry> {
        unsafe header.pointee.image.pointee.functions + Int(number)
    }

    @inline(__always) func isOutermost(_ frameTop: FrameCursor) -> Bool {
        unsafe frameTop.pointer == header.pointee.frames
    }

    /// Charges the call and notes where it goes on.
    @inline(__always) func push(
        _ ip: CodeCursor, _ base: Registers, destination: Int, _ frameTop: FrameCursor
    ) throws(Fault) -> FrameCursor {
        var top = frameTop
        try charge(1)
        if unsafe top.pointer == header.pointee.frames + header.pointee.frameCapacity { top = try growFrames() }
        unsafe top.pointer.pointee = unsafe Frame(
            ip: ip.pointer, base: UInt32(truncatingIfNeeded: base.pointer - header.pointee.stack),
            destination: UInt32(truncatingIfNeeded: destination))
        return unsafe FrameCursor(top.pointer + 1)
    }

    /// The callee's registers; the stack may move for them.
    @inline(__always) func window(_ base: Registers, _ registerCount: UInt32) throws(Fault) -> Registers {
        if unsafe base.pointer + Int(registerCount) <= header.pointee.stackEnd { return base }
        return try growStack(base, Int(registerCount))
    }

    @inline(__always) func caller(_ frame: FrameCursor) -> (CodeCursor, Registers) {
        let saved = unsafe frame.pointer.pointee
        return unsafe (CodeCursor(saved.ip), Registers(header.pointee.stack + Int(saved.base)))
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
        unsafe header.pointee.frameCapacity = capacity
        return unsafe FrameCursor(frames + old)
    }

    @inline(never) private func growStack(_ base: Registers, _ registerCount: Int) throws(Fault) -> Registers {
        let used = unsafe base.pointer - header.pointee.stack
        let old = unsafe header.pointee.stackEnd - header.pointee.stack
        let stack = unsafe try clearRegisters(max(old * 2, used + registerCount))
        unsafe stack.update(from: header.pointee.stack, count: old)
        unsafe header.pointee.stack = unsafe stack
        return unsafe Registers(stack + used)
    }

    /// Registers for a function that is started from outside, all null.
    func makeStack(registerCount: Int) throws(Fault) {
        let room = unsafe header.pointee.stackEnd - header.pointee.stack
        if room >= registerCount {
            unsafe header.pointee.stack.update(repeating: .null, count: registerCount)
        } else {
            unsafe header.pointee.stack = unsafe try clearRegisters(max(16, registerCount + 4))
        }
        unsafe header.pointee.base = unsafe header.pointee.stack
        if unsafe header.pointee.frameCapacity == 0 {
            unsafe header.pointee.frames = UnsafeMutablePointer(bitPattern: 16).unsafelyUnwrapped
        }
    }

    /// A new register stack. All its registers are null, so that none ever holds what is not a value.
    private func clearRegisters(_ count: Int) throws(Fault) -> UnsafeMutablePointer<Value> {
        let memory = unsafe try arena.allocate(count * 16)
        let stack = unsafe memory.bindMemory(to: Value.self, capacity: count)
        unsafe stack.initialize(repeating: .null, count: count)
        unsafe header.pointee.stackEnd = unsafe stack + count
        return unsafe stack
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
            guard unsafe header.pointee.frameCount > 0 else { return .failed(failure) }
            unsafe header.pointee.frameCount -= 1
            let frame = unsafe header.pointee.frames[header.pointee.frameCount]
            unsafe ip = unsafe frame.ip
            unsafe header.pointee.base = unsafe header.pointee.stack + Int(frame.base)
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
