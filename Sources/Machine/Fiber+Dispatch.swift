// Fiber+Dispatch.swift: the loop that runs a fiber.
//
// Instruction pointer, registers and frame top are locals: as fields of the header they cost 25 % on calls
// (docs/performance.md). No class, no String and no reference count on any fast path; what is rare, or may fail, is a
// function of its own that does not get inlined. Only those look at quiet mode.
// Neighbours: Opcode.swift (meaning), Fiber+Paths.swift and Fiber+Calls.swift (the slow halves), Verifier.swift (why no
// register, jump or index is checked here).

internal import Diagnostics

extension FiberBlock {
    /// Runs from the saved state on.
    func run() -> Step {
        if arena.isOverdrawn { return end(with: .outOfMemory(limitBytes: arena.limitBytes)) }
        unsafe header.pointee.status = .running
        var ip = unsafe CodeCursor(header.pointee.ip)
        do throws(Fault) {
            return try dispatch(&ip)
        } catch {
            var fault = error
            fault.word = unsafe wordOffset(ip.pointer) - 1
            return end(with: fault)
        }
    }

    private func end(with fault: Fault) -> Step {
        unsafe header.pointee.status = .ended
        return .faulted(fault)
    }

    @inline(__always) private func save(_ ip: CodeCursor, _ base: Registers, _ frameTop: FrameCursor) {
        unsafe header.pointee.ip = unsafe ip.pointer
        unsafe header.pointee.base = unsafe base.pointer
        unsafe header.pointee.frameCount = unsafe frameTop.pointer - header.pointee.frames
    }

    private func finish(_ completion: Completion) -> Step {
        unsafe header.pointee.status = .ended
        return .finished(completion)
    }

    /// `fault` is where `ip` stood when it threw.
    private func dispatch(_ where: inout CodeCursor) throws(Fault) -> Step {
        var ip = `where`
        var base = unsafe Registers(header.pointee.base)
        var frameTop = unsafe FrameCursor(header.pointee.frames + header.pointee.frameCount)
        let constants = unsafe ValueTable(header.pointee.image.pointee.constants)
        defer { `where` = ip }
        while true {
            let word = ip.next()
            let a = Int((word &>> 8) & 0xff)
            let b = Int((word &>> 16) & 0xff)
            let c = Int(word &>> 24)
            switch Opcode(verified: word) {
            case .move: base[a] = base[b]
            case .loadNull: base[a] = .null
            case .loadBool: base[a] = .bool(b != 0)
            case .loadInt: base[a] = .int(Int64(Int16(truncatingIfNeeded: word &>> 16)))
            case .loadConstant: base[a] = constants[Int(ip.next())]
            case .loadSlot: base[a] = slot(b | c &<< 8)

            case .add:
                let x = base[b], y = base[c]
                if x.isInt && y.isInt {
                    let (sum, overflow) = x.int64.addingReportingOverflow(y.int64)
                    if !overflow { base[a] = .int(sum); continue }
                }
                base[a] = try arithmetic(.add, x, y)
            case .subtract:
                let x = base[b], y = base[c]
                if x.isInt && y.isInt {
                    let (difference, overflow) = x.int64.subtractingReportingOverflow(y.int64)
                    if !overflow { base[a] = .int(difference); continue }
                }
                base[a] = try arithmetic(.subtract, x, y)
            case .multiply:
                let x = base[b], y = base[c]
                if x.isInt && y.isInt {
                    let (product, overflow) = x.int64.multipliedReportingOverflow(by: y.int64)
                    if !overflow { base[a] = .int(product); continue }
                }
                base[a] = try arithmetic(.multiply, x, y)
            case .divide: base[a] = try arithmetic(.divide, base[b], base[c])
            case .remainder: base[a] = try arithmetic(.remainder, base[b], base[c])
            case .addInt:
                let x = base[b]
                let y = Int64(Int8(truncatingIfNeeded: c))
                if x.isInt {
                    let (sum, overflow) = x.int64.addingReportingOverflow(y)
                    if !overflow { base[a] = .int(sum); continue }
                }
                base[a] = try arithmetic(.add, x, .int(y))
            case .negate: base[a] = try arithmetic(.subtract, .negationZero(for: base[b]), base[b])

            case .equal: base[a] = .bool(try isEqual(base[b], base[c]))
            case .less:
                let x = base[b], y = base[c]
                if x.isInt && y.isInt { base[a] = .bool(x.int64 < y.int64) } else { base[a] = try order(x, y, orEqual: false) }
            case .lessOrEqual:
                let x = base[b], y = base[c]
                if x.isInt && y.isInt { base[a] = .bool(x.int64 <= y.int64) } else { base[a] = try order(x, y, orEqual: true) }
            case .not: base[a] = .bool(try !condition(base[b]))
            case .contains: base[a] = try contains(base[b], in: base[c])
            case .isKind: base[a] = .bool(isKind(base[b], c))

            case .jump: ip.jump(ip.next())
            case .loop:
                let offset = ip.next()
                try charge(1)
                ip.jump(offset)
            case .jumpIfFalse:
                let offset = ip.next()
                let x = base[a]
                if x.meta == Value.boolMeta ? x.bits == 0 : try !condition(x) { ip.jump(offset) }
            case .jumpIfTrue:
                let offset = ip.next()
                let x = base[a]
                if x.meta == Value.boolMeta ? x.bits != 0 : try condition(x) { ip.jump(offset) }
            case .jumpIfNull:
                let offset = ip.next()
                if base[a].isNull { ip.jump(offset) }
            case .jumpIfNotNull:
                let offset = ip.next()
                if !base[a].isNull { ip.jump(offset) }
            case .jumpUnlessLess:
                let offset = ip.next()
                let x = base[a], y = base[b]
                if x.isInt && y.isInt ? x.int64 >= y.int64 : try !order(x, y, orEqual: false).isTrue { ip.jump(offset) }
            case .jumpUnlessLessOrEqual:
                let offset = ip.next()
                let x = base[a], y = base[b]
                if x.isInt && y.isInt ? x.int64 > y.int64 : try !order(x, y, orEqual: true).isTrue { ip.jump(offset) }
            case .jumpUnlessLessInt:
                let offset = ip.next()
                let x = base[a]
                let y = Int64(Int16(truncatingIfNeeded: word &>> 16))
                if x.isInt ? x.int64 >= y : try !order(x, .int(y), orEqual: false).isTrue { ip.jump(offset) }
            case .jumpUnlessEqual:
                let offset = ip.next()
                if try !isEqual(base[a], base[b]) { ip.jump(offset) }

            case .getField:
                let key = constants[Int(ip.next())]
                let object = base[b]
                if object.isOpenedObject {
                    let aggregate = Aggregate(object)
                    let position = aggregate.position(ofKey: key)
                    base[a] = position < 0 ? .null : aggregate.value(at: position)
                } else {
                    base[a] = try field(key, of: base.place(b), at: ip, isQuietHere: false)
                }
            case .getFieldQuiet:
                let key = constants[Int(ip.next())]
                base[a] = try field(key, of: base.place(b), at: ip, isQuietHere: true)
            case .getIndex: base[a] = try item(base[c], of: base.place(b), at: ip)
            case .concatenate: base[a] = try concatenation(of: base.place(b), count: c)
            case .newList: base[a] = try list(of: base.place(b), count: c)
            case .newObject: base[a] = try object(of: base.place(b), count: c, keyList: Int(ip.next()))
            case .beginList: base[a] = try arena.aggregate(.list, count: 0, capacity: 4)
            case .append: base[a] = try appended(base[b], to: base[a])
            case .appendAll: base[a] = try appendedAll(base[b], to: base[a])
            case .beginObject: base[a] = try newBuilder(capacity: 4)
            case .insert: base[a] = try inserted(key: base[b], base[c], into: base[a])
            case .insertAll: base[a] = try insertedAll(base[b], into: base[a])

            case .iterate: try beginIteration(over: base[b], state: base.place(a))
            case .iterateRange:
                try beginRange(from: base[b], to: base[c], excludesEnd: ip.next() != 0, state: base.place(a))
            case .next:
                let offset = ip.next()
                try charge(1)
                let state = base[a]
                if state.isOpenedList {
                    let position = base[a &+ 1].bits
                    if position >= UInt64(state.length) { ip.jump(offset); continue }
                    base[a &+ 1] = Value(.int, bits: position &+ 1)
                    base[c] = Value(.int, bits: position)
                    base[b] = try Aggregate(state).opened(at: Int(position))
                } else if !(try nextOfOther(state: base.place(a), item: base.place(b), index: base.place(c))) {
                    ip.jump(offset)
                }

            case .call:
                let entry = unsafe function(ip.next())
                frameTop = try push(ip, base, destination: a, frameTop)
                base = unsafe try window(base.place(b), entry.pointee.registerCount)
                ip = unsafe CodeCursor(entry.pointee.code)
            case .callBuiltin:
                let number = Int(ip.next())
                base[a] = try callBuiltin(number, base.place(b), count: c)
            case .returnValue:
                let result = base[a]
                if isOutermost(frameTop) { return finish(.returned(result)) }
                frameTop = frameTop.previous
                (ip, base) = caller(frameTop)
                base[frameTop.destination] = result
            case .returnNull:
                if isOutermost(frameTop) { return finish(.returned(.null)) }
                frameTop = frameTop.previous
                (ip, base) = caller(frameTop)
                base[frameTop.destination] = .null

            case .retry: return finish(.retry(reason: try reason(base[a])))
            case .drop: return finish(.drop(reason: try reason(base[a])))
            case .newFailure: base[a] = try failure(class: c, message: base[b], details: base[b &+ 1])
            case .raise:
                save(ip, base, frameTop)
                if let completion = try unwind(base[a]) { return finish(completion) }
                ip = unsafe CodeCursor(header.pointee.ip)
                base = unsafe Registers(header.pointee.base)
                frameTop = unsafe FrameCursor(header.pointee.frames + header.pointee.frameCount)
            case .effect:
                let site = ip.next()
                save(ip, base, frameTop)
                unsafe header.pointee.pendingRegister = UInt8(a)
                unsafe header.pointee.pendingSite = site
                unsafe header.pointee.status = .suspended
                return .suspended(EffectSiteIndex(site))
            case .fit:
                let shape = Int(ip.next())
                switch try fit(base[b], shape: shape, at: ip) {
                case .fits(let value): base[a] = value
                case .misfits(let message):
                    if c == 0 { return finish(.invalidInput(misfitFailure(message))) }
                    base[a] = try fault(.misfit, message)
                }
            case .newResponse: base[a] = try response(of: base.place(b))
            case .branch: base[a] = try branched(to: Int(ip.next()), base.place(b), into: base[a])
            case .join:
                save(ip, base, frameTop)
                if try fork(base[b], into: a) { return .forked }
                base[a] = try arena.aggregate(.list, count: 0, capacity: 0)
            case .unreachable: try unreachable(constants[Int(ip.next())])
            }
        }
    }
}
