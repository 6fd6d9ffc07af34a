// FiberSlab.swift: the fibers of one loop, in blocks of 2 KiB that are used again.
//
// Creating, suspending, resuming and releasing take no allocation in steady state. A reference carries the block's
// generation, so that a late reply to a dead fiber is refused. Neighbours: Fiber.swift, Engine/Delivery (drives).

internal import Diagnostics

@safe package final class FiberSlab {
    private static var blocksPerSegment: Int { 64 }

    private let fibersMax: Int
    private let pool = ChunkPool(retainedBytesMax: 16 << 20)
    private var segments: [UnsafeMutableRawPointer] = unsafe []
    private var firstFree = UInt32.max
    /// Programs with live fibers, so that a fiber's start touches no shared reference count.
    private var programs: [(program: Program?, fiberCount: Int)] = []
    package private(set) var liveCount = 0

    /// - Parameter fibersMax: how many runs this loop may hold at once; `create` gives nil beyond.
    package init(fibersMax: Int) {
        self.fibersMax = fibersMax
    }

    deinit {
        for index in unsafe 0..<(segments.count * Self.blocksPerSegment) {
            if let header = unsafe header(at: UInt32(index)), unsafe header.pointee.status != .free {
                unsafe FiberBlock(header).arena.reset()
            }
        }
        for unsafe segment in unsafe segments { unsafe segment.deallocate() }
    }

    // MARK: life of a fiber

    /// A fiber with its memory, not started yet; nil when the slab is full.
    package func create(program: Program, limits: FiberLimits) -> FiberRef? {
        if firstFree == UInt32.max, !addSegment() { return nil }
        guard let header = unsafe header(at: firstFree) else { return nil }
        firstFree = unsafe header.pointee.nextFree
        let offset = unsafe (MemoryLayout<FiberHeader>.stride + 15) & ~15
        unsafe header.pointee.arena = unsafe ArenaState(
            firstChunk: UnsafeMutableRawPointer(header) + offset, byteCount: FiberBlock.byteCount - offset,
            limitBytes: Int(limits.arenaBytesMax), pool: Unmanaged.passUnretained(pool))
        unsafe header.pointee.image = unsafe program.image
        unsafe header.pointee.programSlot = UInt32(use(program))
        unsafe header.pointee.fuel = Int(limits.fuelSteps)
        unsafe header.pointee.fuelSteps = limits.fuelSteps
        unsafe header.pointee.callDepthMax = limits.callDepthMax
        unsafe header.pointee.status = .ready
        unsafe header.pointee.isQuiet = false
        unsafe header.pointee.stack = unsafe UnsafeMutablePointer(bitPattern: 16).unsafelyUnwrapped
        unsafe header.pointee.stackEnd = unsafe header.pointee.stack
        unsafe header.pointee.frameCount = 0
        unsafe header.pointee.frameCapacity = 0
        unsafe header.pointee.slotCount = 0
        liveCount += 1
        return unsafe FiberRef(index: header.pointee.index, generation: header.pointee.generation)
    }

    /// Ends a fiber in whatever state and takes its memory back. A stale reference is ignored.
    package func release(_ ref: FiberRef) {
        guard let block = block(of: ref) else { return }
        block.arena.reset()
        unsafe block.header.pointee.status = .free
        unsafe block.header.pointee.generation &+= 1
        unsafe block.header.pointee.nextFree = firstFree
        firstFree = ref.index
        liveCount -= 1
        let slot = unsafe Int(block.header.pointee.programSlot)
        programs[slot].fiberCount -= 1
        if programs[slot].fiberCount == 0 { retireIdlePrograms(except: slot) }
    }

    /// Does the reference still name a live fiber?
    package func isAlive(_ ref: FiberRef) -> Bool { block(of: ref) != nil }

    /// How many fibers of a program live here: a generation is done when all loops say 0.
    package func liveCount(of program: Program) -> Int {
        programs.first { $0.program === program }?.fiberCount ?? 0
    }

    /// Forgets programs without fibers.
    package func releaseIdlePrograms() { retireIdlePrograms(except: -1) }

    // MARK: memory

    /// The memory of the fiber's values, good until it is released; nil when the reference is stale.
    package func arena(of ref: FiberRef) -> Arena? { block(of: ref)?.arena }

    /// The program that a fiber runs.
    package func program(of ref: FiberRef) -> Program? {
        guard let block = block(of: ref) else { return nil }
        return unsafe programs[Int(block.header.pointee.programSlot)].program
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
        if let fault = prepare(block, function) { return .faulted(fault) }
        for (position, argument) in arguments.prefix(functionParameters(block, function)).enumerated() {
            unsafe block.header.pointee.base[position] = argument
        }
        return block.run()
    }

    /// Begins a function of one parameter.
    package func start(_ ref: FiberRef, _ function: FunctionIndex, argument: Value) -> Step {
        guard let block = block(of: ref) else { return .faulted(Self.stale) }
        if let fault = prepare(block, function) { return .faulted(fault) }
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

    /// Runs a rule's predicate to its end in quiet mode: `true` only when its value is `true`. A predicate that
    /// asks for an effect, or fails, is false.
    /// - Throws: only when a limit is reached.
    package func evaluate(_ ref: FiberRef, _ function: FunctionIndex, arguments: [Value] = []) throws(Fault) -> Bool {
        guard let block = block(of: ref) else { throw Self.stale }
        if let fault = prepare(block, function) { throw fault }
        for (position, argument) in arguments.prefix(functionParameters(block, function)).enumerated() {
            unsafe block.header.pointee.base[position] = argument
        }
        unsafe block.header.pointee.isQuiet = true
        defer {
            unsafe block.header.pointee.isQuiet = false
            unsafe block.header.pointee.status = .ready
        }
        switch block.run() {
        case .finished(.returned(let value)): return value.isTrue
        case .finished, .suspended: return false
        case .faulted(let fault):
            if fault.isExhaustion { throw fault }
            return false
        }
    }

    /// Operand `position` of the effect that the fiber asks for: the positional ones, then the options in order.
    package func operand(_ position: Int, of ref: FiberRef) -> Value {
        guard let block = block(of: ref), unsafe block.header.pointee.status == .suspended,
            let site = pendingSite(of: ref), position < site.operandCount
        else { return .null }
        return unsafe block.header.pointee.base[Int(site.firstOperand) + position]
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

    private func suspendedBlock(of ref: FiberRef) -> FiberBlock? {
        guard let block = block(of: ref), unsafe block.header.pointee.status == .suspended else { return nil }
        return block
    }

    private func header(at index: UInt32) -> UnsafeMutablePointer<FiberHeader>? {
        let segment = Int(index) / Self.blocksPerSegment
        guard unsafe segment < segments.count else { return nil }
        let offset = Int(index) % Self.blocksPerSegment * FiberBlock.byteCount
        return unsafe (segments[segment] + offset).assumingMemoryBound(to: FiberHeader.self)
    }

    private func functionParameters(_ block: FiberBlock, _ function: FunctionIndex) -> Int {
        unsafe Int(block.header.pointee.image.pointee.functions[Int(function.rawValue)].parameterCount)
    }

    /// Puts the fiber at the start of a function, with clean registers.
    private func prepare(_ block: FiberBlock, _ function: FunctionIndex) -> Fault? {
        let entry = unsafe block.header.pointee.image.pointee.functions[Int(function.rawValue)]
        do throws(Fault) {
            try block.makeStack(registerCount: unsafe Int(entry.registerCount))
        } catch {
            return error
        }
        unsafe block.header.pointee.ip = unsafe entry.code
        unsafe block.header.pointee.frameCount = 0
        return nil
    }

    private func addSegment() -> Bool {
        let first = unsafe segments.count * Self.blocksPerSegment
        guard first < fibersMax else { return false }
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: Self.blocksPerSegment * FiberBlock.byteCount, alignment: 64)
        unsafe segments.append(memory)
        let count = min(Self.blocksPerSegment, fibersMax - first)
        for position in (0..<Self.blocksPerSegment).reversed() {
            let raw = unsafe memory + position * FiberBlock.byteCount
            unsafe raw.initializeMemory(as: UInt8.self, repeating: 0, count: FiberBlock.byteCount)
            let header = unsafe raw.assumingMemoryBound(to: FiberHeader.self)
            unsafe header.pointee.index = UInt32(first + position)
            unsafe header.pointee.status = .free
            guard position < count else { continue }
            unsafe header.pointee.nextFree = firstFree
            firstFree = UInt32(first + position)
        }
        return true
    }

    /// The program's place in `programs`, counted up.
    private func use(_ program: Program) -> Int {
        for position in programs.indices.reversed() where programs[position].program === program {
            programs[position].fiberCount += 1
            return position
        }
        if let hole = programs.firstIndex(where: { $0.program == nil }) {
            programs[hole] = (program, 1)
            return hole
        }
        programs.append((program, 1))
        return programs.count - 1
    }

    /// The newest idle program is kept, for the next event will want it.
    private func retireIdlePrograms(except kept: Int) {
        for position in programs.indices where position != kept && programs[position].fiberCount == 0 {
            programs[position].program = nil
        }
    }
}
