// Fiber+Strands.swift: branches begin, take turns and end; the strand that waits for them goes on.
//
// Every branch runs to its own end, whatever becomes of the others (language.md section 6): a failure is raised where
// they are waited for, a fault or the end of the whole run goes up to the run itself once all of them are done.
// Neighbours: Strand.swift (the state), Fiber+Dispatch.swift (asks for a fork), FiberSlab+Strands.swift (gives turns).

internal import Diagnostics

extension FiberBlock {
    // MARK: what the program asks for

    /// The list with one branch more: a function's number and its arguments.
    @inline(never) func branched(to function: Int, _ arguments: Registers, into list: Value) throws(Fault) -> Value {
        let count = unsafe Int(header.pointee.image.pointee.functions[function].parameterCount)
        let branch = try arena.aggregate(.list, count: count + 1, capacity: count + 1)
        Aggregate(branch).setValue(.int(function), at: 0)
        for position in 0..<count { Aggregate(branch).setValue(arguments[position], at: position + 1) }
        return try appended(branch, to: list)
    }

    /// Puts the running strand to rest and a strand for each branch on top of the ready ones. The state has been saved.
    /// - Returns: false when there is no branch.
    @inline(never) func fork(_ list: Value, into register: Int) throws(Fault) -> Bool {
        guard list.isOpenedList else { throw Fault(.unreachableReached, "branches are \(Self.withArticle(list.kind))") }
        let branches = Aggregate(list)
        guard branches.count > 0 else { return false }
        try charge(branches.count)
        let table = unsafe try strandTable()
        let parent = unsafe table.pointee.current
        let depth = unsafe parent.pointee.depth + header.pointee.frameCount + 1
        guard unsafe depth < table.pointee.callDepthMax else { throw callDepthExceeded }
        let memory = unsafe try arena.allocate(
            branches.count * MemoryLayout<UnsafeMutablePointer<StrandContext>>.stride)
        let members = unsafe memory.bindMemory(to: UnsafeMutablePointer<StrandContext>.self, capacity: branches.count)
        unsafe header.pointee.pendingRegister = UInt8(register)
        unsafe park(parent)
        for position in 0..<branches.count {
            let context = unsafe try takeContext(in: table)
            unsafe context.pointee.depth = depth
            unsafe context.pointee.parent = unsafe parent
            unsafe context.pointee.forkNumber = unsafe parent.pointee.forkCount
            unsafe context.pointee.position = UInt32(position)
            unsafe try begin(context, branches.value(at: position))
            unsafe (members + position).initialize(to: context)
        }
        // Before whatever else is ready, so that effects are asked for in the order of the source.
        for position in (0..<branches.count).reversed() { unsafe table.pointee.prepend(ready: members[position]) }
        unsafe parent.pointee.forkCount += 1
        unsafe parent.pointee.branches = unsafe members
        unsafe parent.pointee.branchCount = branches.count
        unsafe parent.pointee.branchesUnderWay = branches.count
        unsafe parent.pointee.status = .joining
        unsafe header.pointee.status = .forked
        return true
    }

    /// Puts a branch at the start of its function, with its arguments in place.
    private func begin(_ context: UnsafeMutablePointer<StrandContext>, _ branch: Value) throws(Fault) {
        let parts = branch.isOpenedList ? Aggregate(branch) : nil
        let functions = unsafe header.pointee.image.pointee.functionCount
        guard let parts, parts.count > 0, let number = parts.value(at: 0).asInt, number >= 0, number < functions else {
            throw Fault(.unreachableReached, "a branch that is none")
        }
        let entry = unsafe header.pointee.image.pointee.functions[Int(number)]
        unsafe load(context)
        try makeStack(registerCount: unsafe Int(entry.registerCount))
        for position in unsafe 0..<min(parts.count - 1, Int(entry.parameterCount)) {
            unsafe header.pointee.base[position] = parts.value(at: position + 1)
        }
        unsafe header.pointee.ip = unsafe entry.code
        unsafe header.pointee.frameCount = 0
        unsafe park(context)
    }

    var callDepthExceeded: Fault {
        let most =
            unsafe header.pointee.strands.map { unsafe $0.pointee.callDepthMax } ?? Int(header.pointee.callDepthMax)
        return Fault(.callDepthExceeded, "calls are nested deeper than \(most)")
    }

    // MARK: turns

    /// Runs a ready strand until it waits or ends. Nil when that is nothing for the host: it waits for branches, or has
    /// ended and the strand that waited for it is ready now.
    func turn(of context: UnsafeMutablePointer<StrandContext>) -> (strand: Strand, step: Step)? {
        unsafe load(context)
        let isRaising = unsafe context.pointee.isRaising
        unsafe context.pointee.isRaising = false
        unsafe context.pointee.status = .running
        let step = unsafe isRaising ? raiseAndRun(context.pointee.incoming) : run()
        if case .forked = step { return nil }
        // The run itself goes on only when no branch is left.
        if unsafe context.pointee.parent == nil { return (.main, step) }
        unsafe park(context)
        unsafe header.pointee.status = .forked
        switch step {
        case .suspended:
            if let fault = unsafe wait(context) { return unsafe end(context, with: fault) }
            return unsafe (context.pointee.strand, step)
        case .finished(let completion): return unsafe end(context, .completed(completion))
        case .faulted(let fault):
            return unsafe end(context, with: fault)
        case .forked: return nil
        }
    }

    /// Counts an effect in flight; what is wrong when there are too many.
    private func wait(_ context: UnsafeMutablePointer<StrandContext>) -> Fault? {
        guard let table = unsafe header.pointee.strands else { return nil }
        let most = unsafe Int(header.pointee.effectsInFlightMax)
        guard unsafe table.pointee.waitingCount < most else {
            let word = unsafe wordOffset(context.pointee.ip) - 1
            return Fault(.tooManyEffects, "more than \(most) effects are in flight at once", word: word)
        }
        unsafe table.pointee.waitingCount += 1
        unsafe context.pointee.status = .waiting
        return nil
    }

    /// Ends a strand, and those above it that end with it. Gives the run's end when it comes to that.
    private func end(
        _ ended: UnsafeMutablePointer<StrandContext>, _ outcome: StrandOutcome
    ) -> (strand: Strand, step: Step)? {
        var context = unsafe ended
        unsafe context.pointee.outcome = outcome
        while true {
            unsafe context.pointee.status = .ended
            guard let parent = unsafe context.pointee.parent else {
                unsafe header.pointee.status = .ended
                return unsafe (.main, step(of: context.pointee.outcome))
            }
            unsafe parent.pointee.branchesUnderWay -= 1
            guard unsafe parent.pointee.branchesUnderWay == 0 else { return nil }
            unsafe parent.pointee.outcome = unsafe join(parent)
            unsafe free(branchesOf: parent)
            if case .none = unsafe parent.pointee.outcome {
                unsafe header.pointee.strands.unsafelyUnwrapped.pointee.prepend(ready: parent)
                return nil
            }
            unsafe context = unsafe parent
        }
    }

    func end(_ context: UnsafeMutablePointer<StrandContext>, with fault: Fault) -> (strand: Strand, step: Step)? {
        unsafe end(context, .faulted(fault.code, message: arena.string(fault.message), word: fault.word ?? 0))
    }

    private func step(of outcome: StrandOutcome) -> Step {
        switch outcome {
        case .none: .finished(.returned(.null))
        case .completed(let completion): .finished(completion)
        case .faulted(let code, let message, let word): .faulted(Fault(code, message.asString ?? "", word: word))
        }
    }

    /// What becomes of a strand whose branches have all ended: it ends with a branch's fault, or with a branch's end
    /// of the whole run, the first in source order; else it goes on with the first failure, or with the values.
    private func join(_ parent: UnsafeMutablePointer<StrandContext>) -> StrandOutcome {
        let members = unsafe parent.pointee.branches.unsafelyUnwrapped
        let count = unsafe parent.pointee.branchCount
        var ending: StrandOutcome?
        var failure: Value?
        for position in 0..<count {
            switch unsafe members[position].pointee.outcome {
            case .faulted: return unsafe members[position].pointee.outcome
            case .completed(.failed(let value)): failure = failure ?? value
            case .completed(.returned), .none: break
            case .completed: ending = unsafe ending ?? members[position].pointee.outcome
            }
        }
        if let ending { return ending }
        if let failure {
            unsafe parent.pointee.isRaising = true
            unsafe parent.pointee.incoming = failure
            return .none
        }
        guard let values = try? arena.aggregate(.list, count: count, capacity: count) else {
            let word = unsafe wordOffset(parent.pointee.ip) - 1
            let message = Fault.outOfMemory(limitBytes: arena.limitBytes).message
            return .faulted(.outOfMemory, message: arena.string(message), word: word)
        }
        for position in 0..<count {
            guard case .completed(.returned(let value)) = unsafe members[position].pointee.outcome else { continue }
            Aggregate(values).setValue(value, at: position)
        }
        unsafe parent.pointee.base[Int(parent.pointee.pendingRegister)] = values
        return .none
    }

    // MARK: contexts

    private func strandTable() throws(Fault) -> UnsafeMutablePointer<StrandTable> {
        if let table = unsafe header.pointee.strands { return unsafe table }
        let memory = unsafe try arena.allocate(MemoryLayout<StrandTable>.stride)
        let table = unsafe memory.bindMemory(to: StrandTable.self, capacity: 1)
        let main = unsafe try newContext(slot: 0)
        let contexts = unsafe try contextList(capacity: 8)
        unsafe contexts.initialize(to: main)
        unsafe table.initialize(
            to: StrandTable(
                contexts: contexts, count: 1, capacity: 8, current: main, callDepthMax: Int(header.pointee.callDepthMax)
            ))
        unsafe header.pointee.strands = unsafe table
        return unsafe table
    }

    private func contextList(
        capacity: Int
    ) throws(Fault) -> UnsafeMutablePointer<UnsafeMutablePointer<StrandContext>> {
        let memory = unsafe try arena.allocate(capacity * MemoryLayout<UnsafeMutablePointer<StrandContext>>.stride)
        return unsafe memory.bindMemory(to: UnsafeMutablePointer<StrandContext>.self, capacity: capacity)
    }

    /// One without registers; they come when its function is known.
    private func newContext(slot: UInt32) throws(Fault) -> UnsafeMutablePointer<StrandContext> {
        let memory = unsafe try arena.allocate(MemoryLayout<StrandContext>.stride)
        let context = unsafe memory.bindMemory(to: StrandContext.self, capacity: 1)
        let stack = unsafe UnsafeMutablePointer<Value>(bitPattern: 16).unsafelyUnwrapped
        unsafe context.initialize(
            to: StrandContext(
                slot: slot, serial: 0, ip: header.pointee.ip, stack: stack, stackEnd: stack, base: stack,
                frames: UnsafeMutablePointer(bitPattern: 16).unsafelyUnwrapped))
        return unsafe context
    }

    /// One that ended before, with its registers, or a new one.
    private func takeContext(
        in table: UnsafeMutablePointer<StrandTable>
    ) throws(Fault) -> UnsafeMutablePointer<StrandContext> {
        unsafe table.pointee.lastSerial &+= 1
        let serial = unsafe table.pointee.lastSerial
        if let context = unsafe table.pointee.free {
            unsafe table.pointee.free = unsafe context.pointee.next
            unsafe context.pointee.serial = serial
            unsafe context.pointee.forkCount = 0
            unsafe context.pointee.outcome = .none
            return unsafe context
        }
        let count = unsafe table.pointee.count
        if unsafe count == table.pointee.capacity {
            let larger = unsafe try contextList(capacity: count * 2)
            unsafe larger.update(from: table.pointee.contexts, count: count)
            unsafe table.pointee.contexts = unsafe larger
            unsafe table.pointee.capacity = count * 2
        }
        let context = unsafe try newContext(slot: UInt32(count))
        unsafe context.pointee.serial = serial
        unsafe (table.pointee.contexts + count).initialize(to: context)
        unsafe table.pointee.count = count + 1
        return unsafe context
    }

    private func free(branchesOf parent: UnsafeMutablePointer<StrandContext>) {
        guard let table = unsafe header.pointee.strands, let members = unsafe parent.pointee.branches else { return }
        for position in unsafe 0..<parent.pointee.branchCount {
            let context = unsafe members[position]
            unsafe context.pointee.status = .free
            unsafe context.pointee.next = unsafe table.pointee.free
            unsafe table.pointee.free = unsafe context
        }
        unsafe parent.pointee.branches = nil
        unsafe parent.pointee.branchCount = 0
    }

    /// The header's state into a context.
    private func park(_ context: UnsafeMutablePointer<StrandContext>) {
        unsafe context.pointee.ip = unsafe header.pointee.ip
        unsafe context.pointee.stack = unsafe header.pointee.stack
        unsafe context.pointee.stackEnd = unsafe header.pointee.stackEnd
        unsafe context.pointee.base = unsafe header.pointee.base
        unsafe context.pointee.frames = unsafe header.pointee.frames
        unsafe context.pointee.frameCount = unsafe header.pointee.frameCount
        unsafe context.pointee.frameCapacity = unsafe header.pointee.frameCapacity
        unsafe context.pointee.pendingRegister = unsafe header.pointee.pendingRegister
        unsafe context.pointee.pendingSite = unsafe header.pointee.pendingSite
    }

    /// A context's state into the header.
    private func load(_ context: UnsafeMutablePointer<StrandContext>) {
        guard let table = unsafe header.pointee.strands else { return }
        unsafe table.pointee.current = unsafe context
        unsafe header.pointee.ip = unsafe context.pointee.ip
        unsafe header.pointee.stack = unsafe context.pointee.stack
        unsafe header.pointee.stackEnd = unsafe context.pointee.stackEnd
        unsafe header.pointee.base = unsafe context.pointee.base
        unsafe header.pointee.frames = unsafe context.pointee.frames
        unsafe header.pointee.frameCount = unsafe context.pointee.frameCount
        unsafe header.pointee.frameCapacity = unsafe context.pointee.frameCapacity
        unsafe header.pointee.pendingRegister = unsafe context.pointee.pendingRegister
        unsafe header.pointee.pendingSite = unsafe context.pointee.pendingSite
        unsafe header.pointee.callDepthMax = UInt16(table.pointee.callDepthMax - context.pointee.depth)
    }
}
