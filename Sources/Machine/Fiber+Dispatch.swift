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
        unsafe header.pointee.frameTop = unsafe frameTop.pointer
    }

    private func finish(_ completion: Completion) -> Step {
        unsafe header.pointee.status = .ended
        return .finished(completion)
    }

    /// `fault` is where `ip` stood when it threw.
    private func dispatch(_ where: inout CodeCursor) throws(Fault) -> Step {
        var ip = `where`
        var base = unsafe Registers(header.pointee.base)
        var frameTop = unsafe FrameCursor(header.pointee.frameTop)
        let constants = unsafe ValueTable(header.pointee.image.pointee.constants)
        defer { `where` = ip }
        while true {
            let word = CodeWord(ip.next())
            switch word.opcode {
            case .move: base[word.a] = base[word.b]
            case .loadNull: base[word.a] = .null
            case .loadBool: base[word.a] = .bool(word.b != 0)
            case .loadInt: base[word.a] = .int(word.immediate16)
            case .loadConstant: base[word.a] = constants[Int(ip.next())]
            case .loadSlot: base[word.a] = slot(word.wide)

            case .add:
                let x = base[word.b], y = base[word.c]
                if x.isInt && y.isInt {
                    let (sum, overflow) = x.int64.addingReportingOverflow(y.int64)
                    if !overflow { base[word.a] = .int(sum); continue }
                }
                base[word.a] = try arithmetic(.add, x, y)
            case .subtract:
                let x = base[word.b], y = base[word.c]
                if x.isInt && y.isInt {
                    let (difference, overflow) = x.int64.subtractingReportingOverflow(y.int64)
                    if !overflow { base[word.a] = .int(difference); continue }
                }
                base[word.a] = try arithmetic(.subtract, x, y)
            case .multiply:
                let x = base[word.b], y = base[word.c]
                if x.isInt && y.isInt {
                    let (product, overflow) = x.int64.multipliedReportingOverflow(by: y.int64)
                    if !overflow { base[word.a] = .int(product); continue }
                }
                base[word.a] = try arithmetic(.multiply, x, y)
            case .divide: base[word.a] = try arithmetic(.divide, base[word.b], base[word.c])
            case .remainder:
                let x = base[word.b], y = base[word.c]
                if x.isInt && y.isInt && y.int64 > 0 { base[word.a] = .int(x.int64 % y.int64); continue }
                base[word.a] = try arithmetic(.remainder, x, y)
            case .addInt:
                let x = base[word.b]
                let y = word.immediate8
                if x.isInt {
                    let (sum, overflow) = x.int64.addingReportingOverflow(y)
                    if !overflow { base[word.a] = .int(sum); continue }
                }
                base[word.a] = try arithmetic(.add, x, .int(y))
            case .negate: base[word.a] = try arithmetic(.subtract, .negationZero(for: base[word.b]), base[word.b])

            case .equal: base[word.a] = .bool(try isEqual(base[word.b], base[word.c]))
            case .less:
                let x = base[word.b], y = base[word.c]
                if x.isInt && y.isInt {
                    base[word.a] = .bool(x.int64 < y.int64)
                } else {
                    base[word.a] = try order(x, y, orEqual: false)
                }
            case .lessOrEqual:
                let x = base[word.b], y = base[word.c]
                if x.isInt && y.isInt {
                    base[word.a] = .bool(x.int64 <= y.int64)
                } else {
                    base[word.a] = try order(x, y, orEqual: true)
                }
            case .not: base[word.a] = .bool(try !condition(base[word.b]))
            case .contains: base[word.a] = try contains(base[word.b], in: base[word.c])
            case .isKind: base[word.a] = .bool(isKind(base[word.b], word.c))

            case .jump: ip.jump(ip.next())
            case .loop:
                let offset = ip.next()
                try charge(1)
                ip.jump(offset)
            case .jumpIfFalse:
                let offset = ip.next()
                let x = base[word.a]
                if x.meta == Value.boolMeta ? x.bits == 0 : try !condition(x) { ip.jump(offset) }
            case .jumpIfTrue:
                let offset = ip.next()
                let x = base[word.a]
                if x.meta == Value.boolMeta ? x.bits != 0 : try condition(x) { ip.jump(offset) }
            case .jumpIfNull:
                let offset = ip.next()
                if base[word.a].isNull { ip.jump(offset) }
            case .jumpIfNotNull:
                let offset = ip.next()
                if !base[word.a].isNull { ip.jump(offset) }
            case .jumpUnlessLess:
                let offset = ip.next()
                let x = base[word.a], y = base[word.b]
                if x.isInt && y.isInt {
                    if x.int64 >= y.int64 { ip.jump(offset) }
                    continue
                }
                if try !isOrdered(x, y, orEqual: false) { ip.jump(offset) }
            case .jumpUnlessLessOrEqual:
                let offset = ip.next()
                let x = base[word.a], y = base[word.b]
                if x.isInt && y.isInt {
                    if x.int64 > y.int64 { ip.jump(offset) }
                    continue
                }
                if try !isOrdered(x, y, orEqual: true) { ip.jump(offset) }
            case .jumpUnlessLessInt:
                let offset = ip.next()
                let x = base[word.a]
                if x.isInt {
                    if x.int64 >= word.immediate16 { ip.jump(offset) }
                    continue
                }
                if try !isOrdered(x, .int(word.immediate16), orEqual: false) { ip.jump(offset) }
            case .jumpUnlessLessOrEqualInt:
                let offset = ip.next()
                let x = base[word.a]
                if x.isInt {
                    if x.int64 > word.immediate16 { ip.jump(offset) }
                    continue
                }
                if try !isOrdered(x, .int(word.immediate16), orEqual: true) { ip.jump(offset) }
            case .jumpUnlessGreaterInt:
                let offset = ip.next()
                let x = base[word.a]
                if x.isInt {
                    if x.int64 <= word.immediate16 { ip.jump(offset) }
                    continue
                }
                if try !isOrdered(.int(word.immediate16), x, orEqual: false) { ip.jump(offset) }
            case .jumpUnlessGreaterOrEqualInt:
                let offset = ip.next()
                let x = base[word.a]
                if x.isInt {
                    if x.int64 < word.immediate16 { ip.jump(offset) }
                    continue
                }
                if try !isOrdered(.int(word.immediate16), x, orEqual: true) { ip.jump(offset) }
            case .jumpUnlessEqual:
                let offset = ip.next()
                if try !isEqual(base[word.a], base[word.b]) { ip.jump(offset) }
            case .jumpUnlessEqualConstant:
                let offset = ip.next()
                if try !isEqual(base[word.a], constants[word.wide]) { ip.jump(offset) }
            case .jumpUnlessStartsWith:
                let offset = ip.next()
                let text = base[word.a], part = constants[word.wide]
                if text.isString && part.length <= 64 {
                    if text.length < part.length || !bytesEqual(text.text, part.text, part.length) { ip.jump(offset) }
                    continue
                }
                if try !startsWith(text, part) { ip.jump(offset) }

            case .getField:
                let key = constants[Int(ip.next())]
                let object = base[word.b]
                if object.isOpenedObject {
                    let aggregate = Aggregate(object)
                    let position = aggregate.position(ofKey: key)
                    base[word.a] = position < 0 ? .null : aggregate.value(at: position)
                } else {
                    base[word.a] = try field(key, of: base.place(word.b), at: ip, isQuietHere: false)
                }
            case .getFieldQuiet:
                let key = constants[Int(ip.next())]
                base[word.a] = try field(key, of: base.place(word.b), at: ip, isQuietHere: true)
            case .getIndex: base[word.a] = try item(base[word.c], of: base.place(word.b), at: ip)
            case .concatenate: base[word.a] = try concatenation(of: base.place(word.b), count: word.c)
            case .newList: base[word.a] = try list(of: base.place(word.b), count: word.c)
            case .newObject: base[word.a] = try object(of: base.place(word.b), count: word.c, keyList: Int(ip.next()))
            case .beginList: base[word.a] = try arena.aggregate(.list, count: 0, capacity: 4)
            case .append: base[word.a] = try appended(base[word.b], to: base[word.a])
            case .appendAll: base[word.a] = try appendedAll(base[word.b], to: base[word.a])
            case .beginObject: base[word.a] = try newBuilder(capacity: 4)
            case .insert: base[word.a] = try inserted(key: base[word.b], base[word.c], into: base[word.a])
            case .insertAll: base[word.a] = try insertedAll(base[word.b], into: base[word.a])

            case .iterate: try beginIteration(over: base[word.b], state: base.place(word.a))
            case .iterateRange:
                try beginRange(
                    from: base[word.b], to: base[word.c], excludesEnd: ip.next() != 0, state: base.place(word.a))
            case .next:
                let offset = ip.next()
                try charge(1)
                let state = base[word.a]
                if state.isOpenedList {
                    let position = base[word.a &+ 1].bits
                    if position >= UInt64(state.length) { continue }
                    base[word.a &+ 1] = Value(.int, bits: position &+ 1)
                    base[word.c] = Value(.int, bits: position)
                    base[word.b] = try Aggregate(state).opened(at: Int(position))
                    ip.jump(offset)
                } else if try nextEntry(base.place(word.a), item: base.place(word.b), index: base.place(word.c)) {
                    ip.jump(offset)
                }
            case .nextInt:
                let offset = ip.next()
                try charge(1)
                let left = base[word.a].bits
                if left == 0 { continue }
                base[word.a] = Value(.range, bits: left &- 1)
                let item = base[word.a &+ 1].int64
                base[word.a &+ 1] = .int(item &+ 1)
                if word.b != word.c { base[word.c] = .int(item &- base[word.a &+ 2].int64) }
                base[word.b] = .int(item)
                ip.jump(offset)

            case .call:
                let entry = unsafe function(ip.next())
                frameTop = try push(ip, base, frameTop)
                base = unsafe try window(base.place(word.b), entry.pointee.registerBytes, frameTop)
                ip = unsafe CodeCursor(entry.pointee.code)
            case .callBuiltin:
                let number = Int(ip.next())
                base[word.a] = try callBuiltin(number, base.place(word.b), count: word.c)
            case .returnValue:
                let result = base[word.a]
                if isOutermost(frameTop) { return finish(.returned(result)) }
                frameTop = frameTop.previous
                (ip, base) = (frameTop.ip, frameTop.base)
                base[CodeWord(ip.wordBefore).a] = result
            case .returnNull:
                if isOutermost(frameTop) { return finish(.returned(.null)) }
                frameTop = frameTop.previous
                (ip, base) = (frameTop.ip, frameTop.base)
                base[CodeWord(ip.wordBefore).a] = .null

            case .returnBool:
                if isOutermost(frameTop) { return finish(.returned(.bool(word.b != 0))) }
                frameTop = frameTop.previous
                (ip, base) = (frameTop.ip, frameTop.base)
                base[CodeWord(ip.wordBefore).a] = .bool(word.b != 0)

            case .retry: return finish(.retry(reason: try reason(base[word.a])))
            case .drop: return finish(.drop(reason: try reason(base[word.a])))
            case .newFailure:
                base[word.a] = try failure(class: word.c, message: base[word.b], details: base[word.b &+ 1])
            case .raise:
                save(ip, base, frameTop)
                if let completion = try unwind(base[word.a]) { return finish(completion) }
                ip = unsafe CodeCursor(header.pointee.ip)
                base = unsafe Registers(header.pointee.base)
                frameTop = unsafe FrameCursor(header.pointee.frameTop)
            case .effect:
                let site = ip.next()
                save(ip, base, frameTop)
                unsafe header.pointee.pendingRegister = UInt8(word.a)
                unsafe header.pointee.pendingSite = site
                unsafe header.pointee.status = .suspended
                return .suspended(EffectSiteIndex(site))
            case .fit:
                let shape = Int(ip.next())
                switch try fit(base[word.b], shape: shape, at: ip) {
                case .fits(let value): base[word.a] = value
                case .misfits(let message):
                    if word.c == 0 { return finish(.invalidInput(misfitFailure(message))) }
                    base[word.a] = try fault(.misfit, message)
                }
            case .fitOrNull: base[word.a] = try fitOrNull(base[word.b], shape: Int(ip.next()))
            case .newResponse: base[word.a] = try response(of: base.place(word.b))
            case .branch: base[word.a] = try branched(to: Int(ip.next()), base.place(word.b), into: base[word.a])
            case .join:
                save(ip, base, frameTop)
                if try fork(base[word.b], into: word.a) { return .forked }
                base[word.a] = try arena.aggregate(.list, count: 0, capacity: 0)
            case .unreachable: try unreachable(constants[Int(ip.next())])
            }
        }
    }
}
