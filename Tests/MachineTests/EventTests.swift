import Diagnostics
import Testing

@testable import Machine

struct EventTests {
    private func scan(_ text: String, _ paths: [[PathStep]], _ body: (Workbench, FiberRef, Arena, Value) throws -> Void)
        throws
    {
        var numbers: [Int] = []
        let bench = try Workbench { code in
            numbers = paths.map { code.slot(path: $0) }
            code.emit(.returnNull, at: nowhere)
        }
        #expect(numbers == numbers.sorted())
        let ref = bench.create()
        defer { bench.slab.release(ref) }
        let envelope = try bench.slab.scan(Array(text.utf8), for: ref)
        try body(bench, ref, bench.slab.arena(of: ref)!, envelope)
    }

    private static let paths: [[PathStep]] = [
        [.key("data")], [.key("data"), .key("qty")], [.key("data"), .key("lines"), .index(1), .key("sku")],
        [.key("data"), .key("a key longer than eight")],
        [.key("data"), .key("odd\n")], [.key("subject"), .key("x")],
    ]

    @Test func `one pass fills every slot`() throws {
        let text = #"""
            {"id":"1","type":"widget.v1","source":"/eu","subject":"s","data":{"qty":42,"lines":[{"sku":"a"},{"sku":"b\u0021"},3],
            "a key longer than eight":1.5,"odd\n":true,"other":[{"qty":1}]}}
            """#
        try scan(text, Self.paths) { bench, ref, arena, envelope in
            let slots = (0..<9).map { bench.slab.slot($0, of: ref) }
            #expect(slots[0].asString == "widget.v1" && slots[1].asString == "1" && slots[2].asString == "/eu")
            #expect(slots[3].kind == .object && slots[3].field("qty", in: arena).asInt == 42)
            #expect(slots[4].asInt == 42)
            #expect(slots[5].asString == "b!")
            #expect(slots[6].asDouble == 1.5)
            #expect(slots[7].asBool == true)
            #expect(slots[8].kind == .missing)
            let written = try envelope.json()
            #expect(String(decoding: written, as: UTF8.self) == text)
        }
    }

    @Test(arguments: [
        #"{"data":{"qty":1,"odd\n":true},"data":{"lines":[]}}"#, #"{"data":{"qty":1},"data":null}"#,
        #"{"data":{"qty":1},"d\u0061ta":[]}"#,
    ])
    func `of equal keys the last one wins, with everything below it`(text: String) throws {
        try scan(text, Self.paths) { bench, ref, _, _ in
            #expect(bench.slab.slot(4, of: ref).kind == .missing)
            #expect(bench.slab.slot(7, of: ref).kind == .missing)
        }
    }

    @Test(arguments: [
        "[1]", "1", "", "{", #"{"data":{"qty":01}}"#, #"{"data":{"x":[1,}}"#, #"{"x":"\ud800"}"#, "{\"x\":\"\u{1}\"}",
        #"{} x"#,
    ])
    func `an event that is not an object of valid JSON is refused`(text: String) throws {
        #expect(throws: JSONError.self) { try scan(text, Self.paths) { _, _, _, _ in } }
    }

    @Test func `what is not asked for is checked all the same, and every cut text is refused`() throws {
        let text = #"{"id":"é","data":{"qty":1e2,"lines":[null,{"sku":"\n"}],"o":{"p":[true,false,"\ud83d\ude00"]}}}"#
        let bytes = Array(text.utf8)
        for end in 0..<bytes.count {
            #expect(throws: JSONError.self) {
                try scan(String(decoding: bytes[..<end], as: UTF8.self), Self.paths) { _, _, _, _ in }
            }
        }
    }

    @Test(arguments: 1...60)
    func `slots agree with looking the paths up`(seed: Int) throws {
        var random = SeededGenerator(state: UInt64(seed) &* 31)
        let keys = ["a", "b", "qty", "a key longer than eight"]
        func document(_ depth: Int) -> JSON {
            switch Int.random(in: 0...(depth > 3 ? 2 : 5), using: &random) {
            case 0: .int(Int64.random(in: -9...9, using: &random))
            case 1: .string("x")
            case 2: .null
            case 3: .array((0..<Int.random(in: 0...3, using: &random)).map { _ in document(depth + 1) })
            default:
                .object(
                    (0..<Int.random(in: 0...5, using: &random)).map { _ in
                        .init(keys.randomElement(using: &random)!, document(depth + 1))
                    })
            }
        }
        func path() -> [PathStep] {
            (0..<Int.random(in: 1...4, using: &random)).map { _ in
                Int.random(in: 0...3, using: &random) == 0
                    ? .index(Int.random(in: 0...2, using: &random)) : .key(keys.randomElement(using: &random)!)
            }
        }
        var tree = document(0)
        while tree.members == nil { tree = document(0) }
        let paths = (0..<12).map { _ in path() }
        let bench = try Workbench { code in
            for path in paths { _ = code.slot(path: path) }
            code.emit(.returnNull, at: nowhere)
        }
        let ref = bench.create()
        _ = try bench.slab.scan(tree.serialized(), for: ref)
        let arena = bench.slab.arena(of: ref)!
        for (slot, path) in bench.program.slotPaths.enumerated() {
            var expected: JSON? = tree
            for step in path {
                switch step {
                case .key(let key): expected = expected?[key]
                case .index(let index): expected = expected?[index]
                }
            }
            let found = bench.slab.slot(slot, of: ref)
            if let expected {
                // Duplicates inside of an aggregate are merged when it is opened, not in the tree.
                let agrees = JSON(found, in: arena) == (try JSON.parse(expected.serialized()))
                #expect(agrees, "\(path)")
            } else {
                #expect(found.kind == .missing, "\(path)")
            }
        }
        bench.slab.release(ref)
    }

    @Test func `a handler's event has where it came from, and bytes as bytes`() throws {
        try scan(#"{"id":"1","type":"t","data_base64":"aGk=","pubsubname":"x","topic":"wrong","ext":7}"#, []) {
            _, _, arena, envelope in
            let event = arena.event(
                envelope: envelope, topic: arena.string("inventory"), pubsub: arena.string("pubsub"), attempt: 2)
            #expect(event.field("data", in: arena).asBytes == Array("hi".utf8))
            #expect(event.field("topic", in: arena).asString == "inventory")
            #expect(event.field("pubsub", in: arena).asString == "pubsub")
            #expect(event.field("attempt", in: arena).asInt == 2)
            #expect(event.field("ext", in: arena).asInt == 7)
            #expect(
                event.entries(in: arena)?.map(\.key) == ["id", "type", "data", "ext", "topic", "pubsub", "attempt"])
        }
    }

    /// What predicates do with values that are not what they expect.
    @Test func `a predicate is total`() throws {
        func holds(_ json: String, _ write: (inout Assembler, Int) -> Void) throws -> Bool {
            let bench = try Workbench { code in
                let slot = code.slot(path: [.key("data"), .key("x")])
                write(&code, slot)
            }
            let ref = bench.create()
            defer { bench.slab.release(ref) }
            _ = try bench.slab.scan(Array(json.utf8), for: ref)
            return try bench.slab.evaluate(ref, FunctionIndex(0))
        }
        func comparison(_ opcode: Opcode, _ constant: Constant) -> (inout Assembler, Int) -> Void {
            { code, slot in
                code.emit(.loadSlot, 0, imm16: slot, at: nowhere)
                code.emit(.loadConstant, 1, word: code.constant(constant), at: nowhere)
                code.emit(opcode, 2, 0, 1, at: nowhere)
                code.emit(.returnValue, 2, at: nowhere)
            }
        }
        func negated(_ opcode: Opcode, _ constant: Constant) -> (inout Assembler, Int) -> Void {
            { code, slot in
                code.emit(.loadSlot, 0, imm16: slot, at: nowhere)
                code.emit(.loadConstant, 1, word: code.constant(constant), at: nowhere)
                code.emit(opcode, 2, 0, 1, at: nowhere)
                code.emit(.not, 3, 2, at: nowhere)
                code.emit(.returnValue, 3, at: nowhere)
            }
        }
        let number = #"{"data":{"x":5}}"#, text = #"{"data":{"x":"a"}}"#, gone = "{}", null = #"{"data":{"x":null}}"#
        #expect(try holds(number, comparison(.less, .int(6))))
        #expect(try !holds(text, comparison(.less, .int(6))))
        #expect(try !holds(gone, comparison(.less, .int(6))))
        #expect(try holds(gone, negated(.less, .int(6))))
        #expect(try holds(gone, comparison(.equal, .null)))
        #expect(try holds(null, comparison(.equal, .null)))
        #expect(try holds(gone, negated(.equal, .int(1))))
        // Only `exists` tells a missing key from null.
        for (json, expected) in [(gone, false), (null, true), (text, true)] {
            let exists = try holds(json) { code, slot in
                code.emit(.loadSlot, 0, imm16: slot, at: nowhere)
                code.emit(.isKind, 1, 0, Int(Value.Kind.missing.rawValue), at: nowhere)
                code.emit(.not, 2, 1, at: nowhere)
                code.emit(.returnValue, 2, at: nowhere)
            }
            #expect(exists == expected)
        }
        // Overflow, division by zero, builtins on the wrong kind, fields of a number: null, so false.
        #expect(
            try !holds(number) { code, slot in
                code.emit(.loadSlot, 0, imm16: slot, at: nowhere)
                code.emit(.loadInt, 1, imm16: 0, at: nowhere)
                code.emit(.remainder, 2, 0, 1, at: nowhere)
                code.emit(.callBuiltin, 3, 2, 1, word: Builtin.index(named: "lower")!, at: nowhere)
                code.emit(.getField, 4, 0, word: code.constant(.string("y")), at: nowhere)
                code.emit(.getField, 4, 4, word: code.constant(.string("z")), at: nowhere)
                code.emit(.getIndex, 5, 4, 0, at: nowhere)
                code.emit(.concatenate, 6, 4, 2, at: nowhere)
                code.emit(.less, 7, 6, 6, at: nowhere)
                code.emit(.returnValue, 7, at: nowhere)
            })
    }

    @Test func `a predicate that does not end is ended by its fuel, loudly`() throws {
        let bench = try Workbench { code in
            let head = code.newLabel()
            code.bind(head)
            code.emit(.loadNull, 0, at: nowhere)
            code.emitJump(.loop, to: head, at: nowhere)
        }
        let ref = bench.create()
        #expect(throws: Fault(.outOfFuel, "ran out of fuel after 1000000 steps", word: 2)) {
            try bench.slab.evaluate(ref, FunctionIndex(0))
        }
        bench.slab.release(ref)
    }
}
