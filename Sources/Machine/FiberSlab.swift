// FiberSlab.swift: the fibers of one loop, in blocks of 2 KiB that are used again.
//
// Creating, suspending, resuming and releasing take no allocation in steady state. A reference carries the block's
// generation, so that a late reply to a dead fiber is refused. Neighbours: Fiber.swift, Engine/Delivery (drives).

internal import Diagnostics

/// A program with live fibers here, so that a fiber's start touches no reference count that loops share.
@unsafe struct ProgramUse {
    /// Retained; nil in a hole.
    var program: Unmanaged<Program>?
    var fiberCount: Int
}

/// What every call reads and writes. Kept behind a pointer: as stored properties of a class each access would be
/// checked at run time for overlap, which cost more than the rest of a suspension.
@unsafe struct SlabState {
    var segments: UnsafeMutablePointer<UnsafeMutableRawPointer>
    var segmentCount = 0
    var firstFree = UInt32.max
    var liveCount = 0
    var programs: UnsafeMutablePointer<ProgramUse>
    var programCount = 0
    var programCapacity: Int
    var lastUsed = 0
}

/// SAFETY: `state` and all that it points to belong to this object alone, and it to one thread; segments are never
/// unmapped before it is gone, so that a stale reference at worst reads a header of its own slab.
@safe package final class FiberSlab {
    private static var blocksPerSegment: Int { 64 }

    private let fibersMax: Int
    private let pool = ChunkPool(retainedBytesMax: 16 << 20)
    private let state: UnsafeMutablePointer<SlabState>
    package var liveCount: Int { unsafe state.pointee.liveCount }

    /// - Parameter fibersMax: how many runs this loop may hold at once; `create` gives nil beyond.
    package init(fibersMax: Int) {
        self.fibersMax = fibersMax
        let segmentsMax = max(1, (fibersMax + Self.blocksPerSegment - 1) / Self.blocksPerSegment)
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(
            to: SlabState(
                segments: .allocate(capacity: segmentsMax), programs: .allocate(capacity: 4), programCapacity: 4))
    }

    deinit {
        for index in unsafe 0..<(state.pointee.segmentCount * Self.blocksPerSegment) {
            if let header = unsafe header(at: UInt32(index)), unsafe header.pointee.status != .free {
                unsafe FiberBlock(header).arena.reset()
            }
        }
        for number in unsafe 0..<state.pointee.segmentCount { unsafe state.pointee.segments[number].deallocate() }
        for number in unsafe 0..<state.pointee.programCount { unsafe state.pointee.programs[number].program?.release() }
        unsafe state.pointee.segments.deallocate()
        unsafe state.pointee.programs.deallocate()
        unsafe state.deallocate()
    }

    // MARK: life of a fiber

    /// A fiber with its memory, not started yet; nil when the slab is full.
    package func create(program: Program, limits: FiberLimits) -> FiberRef? {
        if unsafe state.pointee.firstFree == UInt32.max, !addSegment() { return nil }
        guard let header = unsafe header(at: state.pointee.firstFree) else { return nil }
        unsafe state.pointee.firstFree = unsafe header.pointee.nextFree
        let offset = unsafe (MemoryLayout<FiberHeader>.stride + 15) & ~15
        unsafe header.pointee.arena = unsafe ArenaState(
            firstChunk: UnsafeMutableRawPointer(header) + offset, byteCount: FiberBlock.byteCount - offset,
            limitBytes: Int(limits.arenaBytesMax), jsonDepthMax: limits.jsonDepthMax,
            pool: Unmanaged.passUnretained(pool))
        unsafe header.pointee.image = unsafe program.image
        unsafe header.pointee.programSlot = use(program)
        unsafe header.pointee.fuel = Int(limits.fuelSteps)
        unsafe header.pointee.fuelSteps = limits.fuelSteps
        unsafe header.pointee.callDepthMax = limits.callDepthMax
        unsafe header.pointee.effectsInFlightMax = limits.effectsInFlightMax
        unsafe header.pointee.strands = nil
        unsafe header.pointee.status = .ready
        unsafe header.pointee.isQuiet = false
        unsafe header.pointee.stack = unsafe UnsafeMutablePointer(bitPattern: 16).unsafelyUnwrapped
        unsafe header.pointee.stackEnd = unsafe header.pointee.stack
        let noFrames = unsafe UnsafeMutablePointer<Frame>(bitPattern: 16).unsafelyUnwrapped
        unsafe header.pointee.frames = unsafe noFrames
        unsafe header.pointee.frameTop = unsafe noFrames
        unsafe header.pointee.framesEnd = unsafe noFrames
        unsafe header.pointee.functions = unsafe program.image.pointee.functions
        unsafe header.pointee.slots = unsafe program.image.pointee.missingSlots
        unsafe state.pointee.liveCount &+= 1
        return unsafe FiberRef(index: header.pointee.index, generation: header.pointee.generation)
    }

    /// Ends a fiber in whatever state and takes its memory back. A stale reference is ignored.
    package func release(_ ref: FiberRef) {
        guard let block = block(of: ref) else { return }
        block.arena.reset()
        unsafe block.header.pointee.status = .free
        unsafe block.header.pointee.generation &+= 1
        unsafe block.header.pointee.nextFree = unsafe state.pointee.firstFree
        unsafe state.pointee.firstFree = ref.index
        unsafe state.pointee.liveCount &-= 1
        let slot = unsafe Int(block.header.pointee.programSlot)
        unsafe state.pointee.programs[slot].fiberCount &-= 1
        if unsafe state.pointee.programs[slot].fiberCount == 0, unsafe state.pointee.programCount > 1 {
            retireIdlePrograms(except: slot)
        }
    }

    /// Does the reference still name a live fiber?
    package func isAlive(_ ref: FiberRef) -> Bool { block(of: ref) != nil }

    /// How many fibers of a program live here: a generation is done when all loops say 0.
    package func liveCount(of program: Program) -> Int {
        for slot in unsafe 0..<state.pointee.programCount where isProgram(program, at: slot) {
            return unsafe state.pointee.programs[slot].fiberCount
        }
        return 0
    }

    // MARK: memory

    /// The memory of the fiber's values, good until it is released; nil when the reference is stale.
    package func arena(of ref: FiberRef) -> Arena? { block(of: ref)?.arena }

    /// The program that a fiber runs.
    package func program(of ref: FiberRef) -> Program? {
        guard let block = block(of: ref) else { return nil }
        return unsafe state.pointee.programs[Int(block.header.pointee.programSlot)].program?.takeUnretainedValue()
    }

    /// Steps that the run has used so far.
    package func fuelUsed(by ref: FiberRef) -> Int {
        guard let block = block(of: ref) else { return 0 }
        return unsafe Int(block.header.pointee.fuelSteps) - max(0, block.header.pointee.fuel)
    }

    // MARK: running

    /// Begins a function. Its arguments must live in the fiber's own arena, in the program, or in memory that
    /// outlives the fiber. Missing ones are null.
    package func start(_ ref: FiberRef, _ function: FunctionIndex, arguments: [Value]) -> Step {
        guard let block = block(of: ref) else { return .faulted(Self.stale) }
        do throws(Fault) {
            try block.enter(function)
        } catch {
            return .faulted(error)
        }
        for (position, argument) in arguments.prefix(functionParameters(block, function)).enumerated() {
            unsafe block.header.pointee.base[position] = argument
        }
        return block.run()
    }

    /// Begins a function of one parameter.
    package func start(_ ref: FiberRef, _ function: FunctionIndex, argument: Value) -> Step {
        guard let block = block(of: ref) else { return .faulted(Self.stale) }
        do throws(Fault) {
            try block.enter(function)
        } catch {
            return .faulted(error)
        }
        if functionParameters(block, function) > 0 { unsafe block.header.pointee.base[0] = argument }
        return block.run()
    }

    /// Goes on with the reply of the effect that the fiber asked for; the value lives in the fiber's arena.
    package func resume(_ ref: FiberRef, value: Value) -> Step {
        guard let block = suspendedBlock(of: ref) else { return .faulted(Self.stale) }
        unsafe block.header.pointee.base[Int(block.header.pointee.pendingRegister)] = value
        return block.run()
    }

    /// Goes on with the failure of the effect that the fiber asked for: a failure value of the fiber's arena.
    package func resume(_ ref: FiberRef, failure: Value) -> Step {
        guard let block = suspendedBlock(of: ref) else { return .faulted(Self.stale) }
        return block.raiseAndRun(failure)
    }

    /// Runs a rule's predicate, a function without parameters, to its end in quiet mode: `true` only when its value is
    /// `true`. A predicate that asks for an effect, or fails, is false.
    /// - Throws: only when a limit is reached.
    @inline(__always)
    package func evaluate(_ ref: FiberRef, _ function: FunctionIndex) throws(Fault) -> Bool {
        try value(ref, function).isTrue
    }

    /// The value that a pure function of the event has in quiet mode, in the fiber's arena; null when it fails or asks
    /// for an effect.
    /// - Throws: only when a limit is reached.
    package func value(_ ref: FiberRef, _ function: FunctionIndex) throws(Fault) -> Value {
        guard let block = block(of: ref) else { throw Self.stale }
        try block.enter(function)
        unsafe block.header.pointee.isQuiet = true
        let step = block.run()
        unsafe block.header.pointee.isQuiet = false
        unsafe block.header.pointee.status = .ready
        switch step {
        case .finished(.returned(let value)): return value
        case .finished, .suspended: return .null
        case .forked:
            unsafe block.header.pointee.strands = nil
            return .null
        case .faulted(let fault):
            if fault.isExhaustion { throw fault }
            return .null
        }
    }

    /// Operand `position` of the effect that the fiber asks for: the positional ones, then the options in order.
    package func operand(_ position: Int, of ref: FiberRef) -> Value {
        guard let block = suspendedBlock(of: ref) else { return .null }
        let site = unsafe block.header.pointee.image.pointee.sites[Int(block.header.pointee.pendingSite)]
        guard position >= 0, position < site.operandCount else { return .null }
        return unsafe block.header.pointee.base[site.firstOperand + position]
    }

    /// The operand of an option; nil when the site does not state it.
    package func operand(_ option: EffectOption, of ref: FiberRef) -> Value? {
        guard let site = pendingSite(of: ref), let position = site.options.firstIndex(of: option) else { return nil }
        return operand(Int(site.positionalCount) + position, of: ref)
    }

    /// The site of the effect that the fiber waits for.
    package func pendingSite(of ref: FiberRef) -> EffectSite? {
        guard let block = block(of: ref), unsafe block.header.pointee.status == .suspended else { return nil }
        return unsafe program(of: ref)?.effectSites[Int(block.header.pointee.pendingSite)]
    }

    // MARK: blocks

    static var stale: Fault { Fault(.unreachableReached, "the run is over") }

    func block(of ref: FiberRef) -> FiberBlock? {
        guard let header = unsafe header(at: ref.index), unsafe header.pointee.generation == ref.generation,
            unsafe header.pointee.status != .free
        else { return nil }
        return unsafe FiberBlock(header)
    }

    @inline(__always) private func suspendedBlock(of ref: FiberRef) -> FiberBlock? {
        guard let block = block(of: ref), unsafe block.header.pointee.status == .suspended else { return nil }
        return block
    }

    private func header(at index: UInt32) -> UnsafeMutablePointer<FiberHeader>? {
        let segment = Int(index) / Self.blocksPerSegment
        guard unsafe segment < state.pointee.segmentCount else { return nil }
        let offset = Int(index) % Self.blocksPerSegment * FiberBlock.byteCount
        return unsafe (state.pointee.segments[segment] + offset).assumingMemoryBound(to: FiberHeader.self)
    }

    private func functionParameters(_ block: FiberBlock, _ function: FunctionIndex) -> Int {
        unsafe Int(block.header.pointee.image.pointee.functions[Int(function.rawValue)].parameterCount)
    }

    private func addSegment() -> Bool {
        let first = unsafe state.pointee.segmentCount * Self.blocksPerSegment
        guard first < fibersMax else { return false }
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: Self.blocksPerSegment * FiberBlock.byteCount, alignment: 64)
        unsafe state.pointee.segments[state.pointee.segmentCount] = unsafe memory
        unsafe state.pointee.segmentCount += 1
        let count = min(Self.blocksPerSegment, fibersMax - first)
        for position in (0..<Self.blocksPerSegment).reversed() {
            let raw = unsafe memory + position * FiberBlock.byteCount
            unsafe raw.initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<FiberHeader>.stride)
            let header = unsafe raw.assumingMemoryBound(to: FiberHeader.self)
            unsafe header.pointee.index = UInt32(first + position)
            unsafe header.pointee.status = .free
            guard position < count else { continue }
            unsafe header.pointee.nextFree = unsafe state.pointee.firstFree
            unsafe state.pointee.firstFree = UInt32(first + position)
        }
        return true
    }

    @inline(__always) private func isProgram(_ program: Program, at slot: Int) -> Bool {
        guard let known = unsafe state.pointee.programs[slot].program else { return false }
        return unsafe known.toOpaque() == Unmanaged.passUnretained(program).toOpaque()
    }

    /// The program's place in `programs`, counted up. Nearly always it is the one before.
    @inline(__always) private func use(_ program: Program) -> UInt32 {
        let last = unsafe state.pointee.lastUsed
        guard unsafe last < state.pointee.programCount, isProgram(program, at: last) else {
            let slot = findUse(of: program)
            unsafe state.pointee.lastUsed = slot
            return UInt32(truncatingIfNeeded: slot)
        }
        unsafe state.pointee.programs[last].fiberCount &+= 1
        return UInt32(truncatingIfNeeded: last)
    }

    @inline(never) private func findUse(of program: Program) -> Int {
        let count = unsafe state.pointee.programCount
        var hole = count
        for slot in (0..<count).reversed() {
            if isProgram(program, at: slot) {
                unsafe state.pointee.programs[slot].fiberCount += 1
                return slot
            }
            if unsafe state.pointee.programs[slot].program == nil { hole = slot }
        }
        if hole == count {
            if unsafe count == state.pointee.programCapacity { growPrograms() }
            unsafe state.pointee.programCount += 1
        }
        unsafe state.pointee.programs[hole] = unsafe ProgramUse(program: Unmanaged.passRetained(program), fiberCount: 1)
        return hole
    }

    private func growPrograms() {
        let old = unsafe state.pointee.programs
        let capacity = unsafe state.pointee.programCapacity
        unsafe state.pointee.programs = .allocate(capacity: capacity * 2)
        unsafe state.pointee.programs.initialize(from: old, count: capacity)
        unsafe state.pointee.programCapacity = capacity * 2
        unsafe old.deallocate()
    }

    /// The program that was used last is kept, for the next event will want it.
    private func retireIdlePrograms(except kept: Int) {
        for slot in unsafe 0..<state.pointee.programCount
        where unsafe slot != kept && state.pointee.programs[slot].fiberCount == 0 {
            unsafe state.pointee.programs[slot].program?.release()
            unsafe state.pointee.programs[slot].program = nil
        }
    }
}
