// FiberSlab+Strands.swift: how a host drives a run whose branches wait for several effects at once.
//
// `start` and `resume` give `.forked` when the run comes to a `together`. Then `proceed` gives the next strand that asks
// for something, until it gives nil: every branch waits for a reply. A reply goes to its strand by `resume`.
// Neighbours: Fiber+Strands.swift (does it), Engine/Run.swift (the host).

extension FiberSlab {
    /// Lets the next ready branch run until it asks for an effect; the run itself once all branches have ended, and
    /// then with whatever comes of that. Nil when every branch waits for a reply.
    package func proceed(_ ref: FiberRef) -> (strand: Strand, step: Step)? {
        guard let block = block(of: ref), unsafe block.header.pointee.status == .forked,
            let table = unsafe block.header.pointee.strands
        else { return nil }
        while let context = unsafe table.pointee.takeReady() {
            if let turn = unsafe block.turn(of: context) { return turn }
        }
        return nil
    }

    /// Goes on with the reply of the effect that a strand asked for, and that strand first.
    package func resume(_ ref: FiberRef, _ strand: Strand, value: Value) -> (strand: Strand, step: Step)? {
        guard strand != .main else { return unforked(resume(ref, value: value), ref) }
        guard let context = unsafe waiting(ref, strand) else { return nil }
        unsafe context.pointee.base[Int(context.pointee.pendingRegister)] = value
        return unsafe goOn(ref, context)
    }

    /// Goes on with the failure of the effect that a strand asked for: a failure value of the fiber's arena.
    package func resume(_ ref: FiberRef, _ strand: Strand, failure: Value) -> (strand: Strand, step: Step)? {
        guard strand != .main else { return unforked(resume(ref, failure: failure), ref) }
        guard let context = unsafe waiting(ref, strand) else { return nil }
        unsafe context.pointee.isRaising = true
        unsafe context.pointee.incoming = failure
        return unsafe goOn(ref, context)
    }

    /// Ends a strand with a fault at the effect that it asked for; the run ends with it once the others have ended.
    package func resume(_ ref: FiberRef, _ strand: Strand, fault: Fault) -> (strand: Strand, step: Step)? {
        let fault = Fault(fault.code, fault.message, word: word(of: ref, strand))
        guard strand != .main else {
            guard let block = block(of: ref) else { return nil }
            unsafe block.header.pointee.status = .ended
            return (.main, .faulted(fault))
        }
        guard let context = unsafe waiting(ref, strand), let block = block(of: ref) else { return nil }
        unsafe block.header.pointee.strands.unsafelyUnwrapped.pointee.waitingCount -= 1
        return unsafe block.end(context, with: fault) ?? proceed(ref)
    }

    /// Operand `position` of the effect that a strand asks for.
    package func operand(_ position: Int, of ref: FiberRef, _ strand: Strand) -> Value {
        guard strand != .main else { return operand(position, of: ref) }
        guard let context = unsafe waiting(ref, strand), let block = block(of: ref) else { return .null }
        let site = unsafe block.header.pointee.image.pointee.sites[Int(context.pointee.pendingSite)]
        guard position >= 0, position < site.operandCount else { return .null }
        return unsafe context.pointee.base[site.firstOperand + position]
    }

    /// The site of the effect that a strand waits for.
    package func pendingSite(of ref: FiberRef, _ strand: Strand) -> EffectSite? {
        guard strand != .main else { return pendingSite(of: ref) }
        guard let context = unsafe waiting(ref, strand) else { return nil }
        return unsafe program(of: ref)?.effectSites[Int(context.pointee.pendingSite)]
    }

    /// Offset of the instruction by which a strand asks for its effect.
    package func word(of ref: FiberRef, _ strand: Strand) -> Int? {
        guard let block = block(of: ref), pendingSite(of: ref, strand) != nil else { return nil }
        guard strand != .main else { return unsafe block.wordOffset(block.header.pointee.ip) - 1 }
        return unsafe waiting(ref, strand).map { unsafe block.wordOffset($0.pointee.ip) - 1 }
    }

    /// The strand that waits for this branch; nil for the run itself and for a stale one.
    package func parent(of strand: Strand, in ref: FiberRef) -> Strand? {
        unsafe context(ref, strand).flatMap { unsafe $0.pointee.parent }.map { unsafe $0.pointee.strand }
    }

    /// Where a branch stands, the same in every run that goes the same way, in whatever order replies come: for each
    /// `together` around it, from the outside in, the how-manieth of its strand it is and which branch of it this is.
    package func path(of strand: Strand, in ref: FiberRef) -> [UInt32] {
        var path: [UInt32] = []
        var next = unsafe context(ref, strand)
        while let context = unsafe next, unsafe context.pointee.parent != nil {
            unsafe path.insert(contentsOf: [context.pointee.forkNumber, context.pointee.position], at: 0)
            unsafe next = unsafe context.pointee.parent
        }
        return path
    }

    /// The fault of a branch that has ended while others are under way.
    package func branchFault(of ref: FiberRef) -> Fault? {
        guard let block = block(of: ref), let table = unsafe block.header.pointee.strands else { return nil }
        for slot in unsafe 0..<table.pointee.count {
            let context = unsafe table.pointee.contexts[slot]
            if unsafe context.pointee.status == .ended,
                case .faulted(let code, let message, let word) = unsafe context.pointee.outcome
            {
                return Fault(code, message.asString ?? "", word: word)
            }
        }
        return nil
    }

    private func unforked(_ step: Step, _ ref: FiberRef) -> (strand: Strand, step: Step)? {
        if case .forked = step { return proceed(ref) }
        return (.main, step)
    }

    private func goOn(
        _ ref: FiberRef, _ context: UnsafeMutablePointer<StrandContext>
    ) -> (strand: Strand, step: Step)? {
        guard let table = unsafe block(of: ref)?.header.pointee.strands else { return nil }
        unsafe table.pointee.waitingCount -= 1
        unsafe table.pointee.prepend(ready: context)
        return proceed(ref)
    }

    private func context(_ ref: FiberRef, _ strand: Strand) -> UnsafeMutablePointer<StrandContext>? {
        guard let block = block(of: ref), let table = unsafe block.header.pointee.strands,
            unsafe Int(strand.slot) < table.pointee.count
        else { return nil }
        let context = unsafe table.pointee.contexts[Int(strand.slot)]
        guard unsafe context.pointee.serial == strand.serial, unsafe context.pointee.status != .free else { return nil }
        return unsafe context
    }

    private func waiting(_ ref: FiberRef, _ strand: Strand) -> UnsafeMutablePointer<StrandContext>? {
        guard let context = unsafe context(ref, strand), unsafe context.pointee.status == .waiting else { return nil }
        return unsafe context
    }
}
