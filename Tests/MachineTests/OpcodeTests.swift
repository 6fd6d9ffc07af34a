import Diagnostics
import Testing

@testable import Machine

struct OpcodeTests {
    /// Runs `c = a OP b`.
    private func apply(_ opcode: Opcode, _ a: Constant, _ b: Constant) throws -> Outcome {
        try Workbench(parameters: 2) { code in
            code.emit(opcode, 2, 0, 1, at: nowhere)
            code.emit(.returnValue, 2, at: nowhere)
        }.run([a, b])
    }

    @Test(
        arguments: [
            (.add, .int(2), .int(3), .returned(.int(5))), (.add, .int(2), .float(0.5), .returned(.float(2.5))),
            (.add, .int(.max), .int(1), .fault(.overflow, "`9223372036854775807 + 1` does not fit a 64-bit int")),
            (
                .add, .string("a"), .string("b"),
                .fault(.wrongKind, "`+` takes numbers, got string and string; join texts as \"${a}${b}\"")
            ),
            (.add, .null, .int(1), .fault(.wrongKind, "`+` takes numbers, got null and int")),
            (.add, .time(1), .duration(2), .returned(.time(3))),
            (.subtract, .time(5), .time(2), .returned(.duration(3))),
            (.subtract, .int(.min), .int(1), .fault(.overflow, "`-9223372036854775808 - 1` does not fit a 64-bit int")),
            (
                .multiply, .int(1 << 40), .int(1 << 40),
                .fault(.overflow, "`1099511627776 * 1099511627776` does not fit a 64-bit int")
            ),
            (.multiply, .float(1e308), .int(10), .fault(.notFinite, "`1e+308 * 10.0` is beyond what a float holds")),
            (.multiply, .duration(5), .int(3), .returned(.duration(15))),
            (.divide, .int(7), .int(2), .returned(.float(3.5))), (.divide, .int(6), .int(2), .returned(.float(3))),
            (.divide, .int(1), .int(0), .fault(.divisionByZero, "`1 / 0`: division by zero")),
            (.divide, .float(1), .float(0), .fault(.divisionByZero, "`1.0 / 0`: division by zero")),
            (.remainder, .int(7), .int(3), .returned(.int(1))), (.remainder, .int(-7), .int(3), .returned(.int(-1))),
            (.remainder, .int(.min), .int(-1), .returned(.int(0))),
            (.remainder, .int(1), .int(0), .fault(.divisionByZero, "`1 % 0`: division by zero")),
            (.remainder, .float(1), .int(2), .fault(.wrongKind, "`%` takes ints, got float")),
        ] as [(Opcode, Constant, Constant, Outcome)])
    func `arithmetic is exact or a fault`(opcode: Opcode, a: Constant, b: Constant, outcome: Outcome) throws {
        #expect(try apply(opcode, a, b) == outcome)
    }

    @Test(
        arguments: [
            (.int(1), .float(1), true), (.int(9_007_199_254_740_993), .float(9_007_199_254_740_992), false),
            (.int(.max), .float(9_223_372_036_854_775_808), false), (.float(0), .float(-0.0), true),
            (.null, .null, true),
            (.null, .bool(false), false), (.string("a"), .string("a"), true), (.string("a"), .bytes([97]), false),
            (.string("abcdefghi"), .string("abcdefghj"), false), (.time(1), .duration(1), false),
            (.list([.int(1), .list([.null])]), .list([.float(1), .list([.null])]), true),
            (.list([.int(1)]), .list([]), false),
            (
                .object([.init(key: "a", value: .int(1)), .init(key: "b", value: .int(2))]),
                .object([.init(key: "b", value: .int(2)), .init(key: "a", value: .int(1))]), true
            ),
            (.object([.init(key: "a", value: .int(1))]), .object([.init(key: "b", value: .int(1))]), false),
        ] as [(Constant, Constant, Bool)])
    func `equality is deep and never an error`(a: Constant, b: Constant, expected: Bool) throws {
        #expect(try apply(.equal, a, b) == .returned(.bool(expected)))
        #expect(try apply(.equal, b, a) == .returned(.bool(expected)))
    }

    @Test(
        arguments: [
            (.int(1), .int(2), true), (.int(2), .int(2), false),
            (.int(9_007_199_254_740_993), .float(9_007_199_254_740_992), false),
            (.float(9_007_199_254_740_992), .int(9_007_199_254_740_993), true), (.int(.max), .float(1e300), true),
            (.float(-1e300), .int(.min), true),
            (.int(-1), .float(-0.5), true), (.string("a"), .string("b"), true), (.string("ab"), .string("abc"), true),
            (.string("abcdefgh1"), .string("abcdefgh2"), true),
            (.string("z"), .string("é"), true), (.string("\u{ffff}"), .string("😀"), true), (.time(1), .time(2), true),
            (.duration(2), .duration(1), false),
        ] as [(Constant, Constant, Bool)])
    func `order is exact`(a: Constant, b: Constant, expected: Bool) throws {
        #expect(try apply(.less, a, b) == .returned(.bool(expected)))
        #expect(try apply(.lessOrEqual, b, a) == .returned(.bool(!expected)))
    }

    @Test(
        arguments: [
            (.int(1), .string("a")), (.null, .int(1)), (.bool(true), .bool(false)), (.list([]), .list([])),
            (.time(1), .duration(1)),
        ] as [(Constant, Constant)])
    func `other kinds cannot be ordered`(a: Constant, b: Constant) throws {
        guard case .fault(.wrongKind, _) = try apply(.less, a, b) else {
            Issue.record("ordered")
            return
        }
    }

    @Test(
        arguments: [
            (.int(2), .list([.int(1), .float(2)]), .returned(.bool(true))),
            (.string("b"), .object([.init(key: "b", value: .null)]), .returned(.bool(true))),
            (.string("bc"), .string("abcd"), .returned(.bool(true))),
            (.string(""), .string(""), .returned(.bool(true))), (.string("x"), .list([]), .returned(.bool(false))),
            (
                .int(1), .string("1"),
                .fault(.wrongKind, "`in` takes a list, an object or a string on its right, got int in string")
            ),
        ] as [(Constant, Constant, Outcome)])
    func `membership`(a: Constant, b: Constant, outcome: Outcome) throws {
        #expect(try apply(.contains, a, b) == outcome)
    }

    @Test(
        arguments: [
            (.list([.int(5), .int(6)]), .int(1), .returned(.int(6))),
            (
                .list([.int(5)]), .int(1),
                .fault(.indexOutOfRange, "index 1 of a list of 1; `.get(i)` gives null instead")
            ),
            (
                .list([.int(5)]), .int(-1),
                .fault(.indexOutOfRange, "index -1 of a list of 1; `.get(i)` gives null instead")
            ),
            (.object([.init(key: "a", value: .int(1))]), .string("a"), .returned(.int(1))),
            (.object([]), .string("a"), .returned(.null)),
            (.null, .int(0), .fault(.readThroughNull, "cannot read `[0]` of null")),
            (
                .list([]), .string("a"),
                .fault(.wrongKind, "a list is indexed by int and an object by string, got list[string]")
            ),
        ] as [(Constant, Constant, Outcome)])
    func `indexing`(a: Constant, b: Constant, outcome: Outcome) throws {
        #expect(try apply(.getIndex, a, b) == outcome)
    }

    @Test func `reading through null names the path`() throws {
        let bench = try Workbench(parameters: 1) { code in
            code.emit(.getField, 1, 0, word: code.constant(.string("data")), at: nowhere)
            code.emit(.getField, 2, 1, word: code.constant(.string("customer")), at: nowhere)
            code.emit(.getField, 3, 2, word: code.constant(.string("name")), at: nowhere)
            code.emit(.returnValue, 3, at: nowhere)
        }
        func event(_ customer: Constant) -> Constant {
            .object([.init(key: "data", value: .object([.init(key: "customer", value: customer)]))])
        }
        #expect(bench.run([event(.null)]) == .fault(.readThroughNull, "cannot read `name`: `data.customer` is null"))
        #expect(
            bench.run([event(.string("x"))])
                == .fault(.readThroughNull, "cannot read `name`: `data.customer` is a string"))
        #expect(bench.run([event(.object([.init(key: "name", value: .int(3))]))]) == .returned(.int(3)))
        #expect(bench.run([.object([])]) == .fault(.readThroughNull, "cannot read `customer`: `data` is null"))
    }

    @Test(
        arguments: [
            (
                [.string("a"), .int(-5), .float(3), .bool(true), .time(1_500_000_000), .duration(90_000_000_000)],
                .returned(.string("a-53.0true1970-01-01T00:00:01.5Z90s"))
            ),
            ([], .returned(.string(""))),
            (
                [.string("über"), .string(""), .string(String(repeating: "x", count: 100))],
                .returned(.string("über" + String(repeating: "x", count: 100)))
            ),
            (
                [.null],
                .fault(
                    .notInterpolable, "`${…}` cannot show null; use `?? \"\"` for null and `.to_json()` for the rest")
            ),
            (
                [.list([])],
                .fault(
                    .notInterpolable, "`${…}` cannot show a list; use `?? \"\"` for null and `.to_json()` for the rest")
            ),
        ] as [([Constant], Outcome)])
    func `interpolation takes scalars`(parts: [Constant], outcome: Outcome) throws {
        let bench = try Workbench(parameters: parts.count) { code in
            code.emit(.concatenate, 15, 0, parts.count, at: nowhere)
            code.emit(.returnValue, 15, at: nowhere)
        }
        #expect(bench.run(parts) == outcome)
    }

    @Test func `loads, moves and negation`() throws {
        let bench = try Workbench { code in
            code.emit(.loadInt, 0, imm16: -300, at: nowhere)
            code.emit(.negate, 1, 0, at: nowhere)
            code.emit(.loadBool, 2, 1, at: nowhere)
            code.emit(.not, 3, 2, at: nowhere)
            code.emit(.loadNull, 4, at: nowhere)
            code.emit(.loadConstant, 5, word: code.constant(.list([.string("k"), .bytes([1])])), at: nowhere)
            code.emit(.move, 6, 5, at: nowhere)
            code.emit(.isKind, 7, 6, Int(Value.Kind.list.rawValue), at: nowhere)
            code.emit(.newList, 8, 1, 7, at: nowhere)
            code.emit(.returnValue, 8, at: nowhere)
        }
        let list = Constant.list([.string("k"), .bytes([1])])
        #expect(
            bench.run() == .returned(.list([.int(300), .bool(true), .bool(false), .null, list, list, .bool(true)])))
    }

    @Test func `objects and lists are built, spread and overwritten`() throws {
        let bench = try Workbench(parameters: 2) { code in
            let keys = code.keyList(["x", "y"])
            code.emit(.newObject, 2, 0, 2, word: keys, at: nowhere)
            code.emit(.beginObject, 3, at: nowhere)
            code.emit(.insertAll, 3, 2, at: nowhere)
            code.emit(.loadConstant, 4, word: code.constant(.string("x")), at: nowhere)
            code.emit(.insert, 3, 4, 1, at: nowhere)
            code.emit(.beginList, 5, at: nowhere)
            code.emit(.append, 5, 2, at: nowhere)
            code.emit(.append, 5, 3, at: nowhere)
            code.emit(.appendAll, 5, 5, at: nowhere)
            code.emit(.returnValue, 5, at: nowhere)
        }
        let old = Constant.object([.init(key: "x", value: .int(1)), .init(key: "y", value: .int(2))])
        let new = Constant.object([.init(key: "x", value: .int(2)), .init(key: "y", value: .int(2))])
        #expect(bench.run([.int(1), .int(2)]) == .returned(.list([old, new, old, new])))
    }

    @Test func `two lists that grow from one do not see each other's items`() throws {
        let bench = try Workbench(parameters: 1) { code in
            let append = Builtin.index(named: "append")!
            code.emit(.beginList, 5, at: nowhere)
            code.emit(.append, 5, 0, at: nowhere)
            for target in [6, 7] {
                code.emit(.move, 10, 5, at: nowhere)
                code.emit(.loadInt, 11, imm16: target, at: nowhere)
                code.emit(.callBuiltin, target, 10, 2, word: append, at: nowhere)
            }
            code.emit(.newList, 8, 5, 3, at: nowhere)
            code.emit(.returnValue, 8, at: nowhere)
        }
        #expect(
            bench.run([.int(1)])
                == .returned(.list([.list([.int(1)]), .list([.int(1), .int(6)]), .list([.int(1), .int(7)])])))
    }

    @Test func `an object of many keys is built and read by index`() throws {
        let bench = try Workbench { code in
            let step = code.newLabel(), body = code.newLabel()
            code.emit(.beginObject, 0, at: nowhere)
            code.emit(.loadInt, 1, imm16: 0, at: nowhere)
            code.emit(.loadInt, 2, imm16: 1000, at: nowhere)
            code.emit(.iterateRange, 3, 1, 2, word: 1, at: nowhere)
            code.emitJump(.jump, to: step, at: nowhere)
            code.bind(body)
            code.emit(.concatenate, 8, 6, 1, at: nowhere)
            code.emit(.insert, 0, 8, 6, at: nowhere)
            code.emit(.insert, 0, 8, 7, at: nowhere)
            code.bind(step)
            code.emitJump(.nextInt, 3, 6, 7, to: body, at: nowhere)
            code.emit(.loadConstant, 8, word: code.constant(.string("777")), at: nowhere)
            code.emit(.getIndex, 9, 0, 8, at: nowhere)
            code.emit(.move, 10, 0, at: nowhere)
            code.emit(.callBuiltin, 10, 10, 1, word: Builtin.index(named: "length")!, at: nowhere)
            code.emit(.newList, 11, 9, 2, at: nowhere)
            code.emit(.returnValue, 11, at: nowhere)
        }
        #expect(bench.run() == .returned(.list([.int(777), .int(1000)])))
    }

    @Test(
        arguments: [
            (.list([.string("a"), .string("b")]), [.int(0), .string("a"), .int(1), .string("b")]),
            (.object([.init(key: "k", value: .int(1))]), [.string("k"), .int(1)]), (.list([]), []), (.object([]), []),
        ] as [(Constant, [Constant])])
    func `loops give items with their index or key`(over: Constant, seen: [Constant]) throws {
        let bench = try Workbench(parameters: 1) { code in
            let step = code.newLabel(), body = code.newLabel()
            code.emit(.beginList, 1, at: nowhere)
            code.emit(.iterate, 2, 0, at: nowhere)
            code.emitJump(.jump, to: step, at: nowhere)
            code.bind(body)
            code.emit(.append, 1, 5, at: nowhere)
            code.emit(.append, 1, 6, at: nowhere)
            code.bind(step)
            code.emitJump(.next, 2, 6, 5, to: body, at: nowhere)
            code.emit(.returnValue, 1, at: nowhere)
        }
        #expect(bench.run([over]) == .returned(.list(seen)))
    }

    @Test(
        arguments: [
            (0, 3, true, [0, 1, 2]), (0, 3, false, [0, 1, 2, 3]), (3, 3, true, []), (3, 3, false, [3]),
            (4, 3, false, []),
            (.max - 1, .max, false, [.max - 1, .max]), (.min, .min, true, []), (.max, .max, false, [.max]),
        ] as [(Int64, Int64, Bool, [Int64])])
    func `ranges include their end or not, up to the last int`(from: Int64, to: Int64, excludes: Bool, seen: [Int64])
        throws
    {
        let bench = try Workbench(parameters: 2) { code in
            let step = code.newLabel(), body = code.newLabel()
            code.emit(.beginList, 2, at: nowhere)
            code.emit(.iterateRange, 3, 0, 1, word: excludes ? 1 : 0, at: nowhere)
            code.emitJump(.jump, to: step, at: nowhere)
            code.bind(body)
            code.emit(.append, 2, 6, at: nowhere)
            code.bind(step)
            code.emitJump(.nextInt, 3, 6, 6, to: body, at: nowhere)
            code.emit(.returnValue, 2, at: nowhere)
        }
        #expect(bench.run([.int(from), .int(to)]) == .returned(.list(seen.map { .int($0) })))
    }

    @Test(arguments: [
        (Opcode.jumpIfFalse, Constant.bool(false), true), (.jumpIfFalse, .bool(true), false),
        (.jumpIfTrue, .bool(true), true), (.jumpIfTrue, .bool(false), false),
        (.jumpIfNull, .null, true), (.jumpIfNull, .int(0), false), (.jumpIfNotNull, .int(0), true),
        (.jumpIfNotNull, .null, false),
    ])
    func `jumps`(opcode: Opcode, value: Constant, taken: Bool) throws {
        let bench = try Workbench(parameters: 1) { code in
            let target = code.newLabel()
            code.emitJump(opcode, 0, to: target, at: nowhere)
            code.emit(.loadBool, 1, 0, at: nowhere)
            code.emit(.returnValue, 1, at: nowhere)
            code.bind(target)
            code.emit(.loadBool, 1, 1, at: nowhere)
            code.emit(.returnValue, 1, at: nowhere)
        }
        #expect(bench.run([value]) == .returned(.bool(taken)))
    }

    @Test func `a condition that is no bool is a fault`() throws {
        let bench = try Workbench(parameters: 1) { code in
            let target = code.newLabel()
            code.emitJump(.jumpIfFalse, 0, to: target, at: nowhere)
            code.bind(target)
            code.emit(.returnNull, at: nowhere)
        }
        #expect(bench.run([.int(1)]) == .fault(.notBool, "a condition must be true or false, got int"))
    }

    @Test func `runs end with retry, drop, a response, or where nothing may go`() throws {
        func run(_ write: (inout Assembler) -> Void) throws -> Outcome {
            try Workbench(parameters: 3, write).run([.string("why"), .int(1), .null])
        }
        #expect(try run { $0.emit(.retry, 0, at: nowhere) } == .retry(.string("why")))
        #expect(try run { $0.emit(.drop, 2, at: nowhere) } == .drop(.null))
        #expect(
            try run { $0.emit(.unreachable, word: $0.constant(.string("no arm fits")), at: nowhere) }
                == .fault(.unreachableReached, "no arm fits"))
        #expect(
            try run {
                $0.emit(.newResponse, 4, 0, at: nowhere); $0.emit(.returnValue, 4, at: nowhere)
            }
                == .fault(.badArgument, "the status of a response is an int from 100 to 599, got string"))
    }
}
