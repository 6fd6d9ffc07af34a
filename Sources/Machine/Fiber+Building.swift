// Fiber+Building.swift: texts, lists, objects, failures and responses that a script builds.
//
// A list grows in place at its tip as long as nobody else has grown it: every value knows its own count, so older
// values do not see what came later. Neighbours: Aggregate.swift, TextBuilder.swift (how a value reads in a text).

internal import Diagnostics

extension FiberBlock {
    /// Text of `count` registers, joined; a secret in it makes a secret of all.
    @inline(never) func concatenation(of place: Registers, count: Int) throws(Fault) -> Value {
        var room = 0
        var kind = Value.Kind.string
        for position in 0..<count {
            let part = place[position]
            switch part.kind {
            case .string: room += part.length
            case .secret:
                kind = .secret
                room += part.length
            case .int, .float, .bool, .time, .duration: room += OutputBuffer.scalarMax
            default:
                return try fault(
                    .notInterpolable,
                    "`${…}` cannot show \(Self.withArticle(part.kind)); use `?? \"\"` for null and `.to_json()` for the rest"
                )
            }
        }
        try charge(room / 64)
        let target = try arena.textRoom(room)
        var writer = TextWriter(target)
        for position in 0..<count { writer.append(place[position]) }
        arena.giveBack(unused: room - writer.count)
        return Value(kind, text: target.readable, count: writer.count)
    }

    @inline(never) func list(of place: Registers, count: Int) throws(Fault) -> Value {
        let list = try arena.aggregate(.list, count: count, capacity: count)
        let aggregate = Aggregate(list)
        for position in 0..<count { aggregate.setValue(place[position], at: position) }
        return list
    }

    @inline(never) func object(of place: Registers, count: Int, keyList: Int) throws(Fault) -> Value {
        let keys = unsafe header.pointee.image.pointee.keyLists[keyList]
        let object = unsafe try arena.object(sharedKeys: keys, count: count)
        let aggregate = Aggregate(object)
        for position in 0..<count { aggregate.setValue(place[position], at: position) }
        return object
    }

    // MARK: growing

    /// The verifier does not follow kinds; a compiler that builds on something else is told so.
    private func check(_ value: Value, is kind: Value.Kind) throws(Fault) {
        guard value.kind == kind else {
            throw Fault(.unreachableReached, "a \(kind.name) under construction is \(Self.withArticle(value.kind))")
        }
    }

    @inline(never) func appended(_ item: Value, to list: Value) throws(Fault) -> Value {
        try check(list, is: .list)
        let grown = try roomForOne(in: list)
        Aggregate(grown).setValue(item, at: grown.length)
        Aggregate(grown).setUsed(grown.length + 1)
        return Value(.list, length: grown.length + 1, bits: grown.bits)
    }

    /// The list itself when its tip is free, else a copy with room.
    private func roomForOne(in list: Value) throws(Fault) -> Value {
        let opened = try arena.open(list)
        let aggregate = Aggregate(opened)
        if aggregate.used == aggregate.count, aggregate.count < aggregate.capacity, aggregate.raw == nil {
            return opened
        }
        return try copy(of: aggregate, .list, capacity: max(4, aggregate.count * 2))
    }

    @inline(never) func appendedAll(_ items: Value, to list: Value) throws(Fault) -> Value {
        guard items.isList else {
            _ = try fault(.wrongKind, "`...` in a list takes a list, got \(items.kind.name)")
            return list
        }
        try check(list, is: .list)
        let source = Aggregate(try arena.open(items))
        var target = Aggregate(try arena.open(list))
        try charge(source.count / 8)
        let total = target.count + source.count
        if target.used != target.count || total > target.capacity || target.raw != nil {
            target = Aggregate(try copy(of: target, .list, capacity: max(total, target.count * 2)))
        }
        for position in 0..<source.count {
            target.setValue(try source.opened(at: position), at: target.count + position)
        }
        target.setUsed(total)
        return unsafe Value(.list, length: total, bits: UInt64(UInt(bitPattern: target.header)))
    }

    func copy(of source: Aggregate, _ kind: Value.Kind, capacity: Int) throws(Fault) -> Value {
        try charge(source.count / 8)
        let result = try arena.aggregate(kind, count: source.count, capacity: capacity)
        let target = Aggregate(result)
        for position in 0..<source.count {
            target.setValue(try source.opened(at: position), at: position)
            if kind == .object { target.setKey(source.key(at: position), at: position) }
        }
        return result
    }

    func newBuilder(capacity: Int) throws(Fault) -> Value {
        let object = try arena.aggregate(.object, count: 0, capacity: capacity)
        Aggregate(object).markBuilder()
        return object
    }

    @inline(never) func inserted(key: Value, _ item: Value, into object: Value) throws(Fault) -> Value {
        guard key.isString else {
            _ = try fault(.wrongKind, "a key is a string, got \(key.kind.name)")
            return object
        }
        return try put(key, item, into: object)
    }

    /// Overwrites or appends; `object` is one under construction, else it is copied first.
    func put(_ key: Value, _ item: Value, into object: Value) throws(Fault) -> Value {
        try check(object, is: .object)
        var target = Aggregate(try arena.open(object))
        if !target.isBuilder || target.used != target.count {
            target = try builder(copying: target, capacity: target.count + 4)
        }
        let known = target.hasIndex ? target.indexedPosition(ofKey: key) : target.position(ofKey: key)
        guard known >= 0 else {
            if target.count == target.capacity { target = try builder(copying: target, capacity: target.count * 2) }
            target.setKey(key, at: target.count)
            target.setValue(item, at: target.count)
            target.setUsed(target.count + 1)
            target.addToIndex(target.count)
            return unsafe Value(.object, length: target.count + 1, bits: UInt64(UInt(bitPattern: target.header)))
        }
        target.setValue(item, at: known)
        return unsafe Value(.object, length: target.count, bits: UInt64(UInt(bitPattern: target.header)))
    }

    private func builder(copying source: Aggregate, capacity: Int) throws(Fault) -> Aggregate {
        let result = Aggregate(try copy(of: source, .object, capacity: capacity))
        result.markBuilder()
        if capacity > Aggregate.scannedMax, !result.buildIndex() { throw .outOfMemory(limitBytes: arena.limitBytes) }
        return result
    }

    @inline(never) func insertedAll(_ entries: Value, into object: Value) throws(Fault) -> Value {
        try check(object, is: .object)
        if entries.isNull { return object }
        guard entries.isObject else {
            _ = try fault(.wrongKind, "`...` in an object takes an object, got \(entries.kind.name)")
            return object
        }
        let source = Aggregate(try arena.open(entries))
        try charge(source.count / 4)
        var result = object
        for position in 0..<source.count {
            result = try put(source.key(at: position), source.opened(at: position), into: result)
        }
        return result
    }

    // MARK: failures and responses

    @inline(never) func failure(class number: Int, message: Value, details: Value) throws(Fault) -> Value {
        guard let failureClass = FailureClass(rawValue: UInt8(truncatingIfNeeded: number)) else { return .null }
        guard message.kind != .secret, !details.holdsSecret else {
            return try fault(.secretLeak, "a secret would be told by the failure `\(failureClass.name)`")
        }
        guard message.isString || message.isNull else {
            return try fault(.wrongKind, "the message of `\(failureClass.name)` is a string, got \(message.kind.name)")
        }
        let text = message.isNull ? arena.string(failureClass.name) : message
        return try arena.makeFailure(failureClass, message: text, details: details, origin: .script)
    }

    /// Why a run ends: it is told to whoever sent the event, and logged.
    @inline(never) func reason(_ value: Value) throws(Fault) -> Value {
        value.kind == .secret ? try fault(.secretLeak, "a secret would be told as the reason of an end") : value
    }

    func misfitFailure(_ message: String) -> Value {
        arena.failure(class: .invalid, message: message, origin: .script)
    }

    @inline(never) func response(of place: Registers) throws(Fault) -> Value {
        let status = place[0], headers = place[2]
        guard status.isInt, 100...599 ~= status.int64 else {
            return try fault(.badArgument, "the status of a response is an int from 100 to 599, got \(shown(status))")
        }
        guard headers.isObject || headers.isNull else {
            return try fault(.wrongKind, "the headers of a response are an object, got \(headers.kind.name)")
        }
        return try arena.makeResponse(status: Int(status.int64), body: place[1], headers: headers)
    }

    func shown(_ value: Value) -> String { value.isInt ? "\(value.int64)" : value.kind.name }

    // MARK: builtins

    @inline(never) func callBuiltin(_ number: Int, _ place: Registers, count: Int) throws(Fault) -> Value {
        try charge(1)
        let body = unsafe header.pointee.image.pointee.builtins + number
        do throws(Fault) {
            return unsafe try body.pointee.run(Arguments(block: self, registers: place, count: count))
        } catch {
            if error.code == .wrongKind, let secret = try secretText(number, place, count: count) { return secret }
            if isQuiet && !error.isExhaustion { return .null }
            throw error
        }
    }
}

extension Arena {
    /// Gives back what a text just made did not use.
    func giveBack(unused: Int) {
        let whole = unused & ~15
        if whole > 0 { unsafe state.pointee.cursor -= UInt(whole) }
    }
}
