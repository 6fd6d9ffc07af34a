import Diagnostics
import Testing

@testable import Machine

struct ShapeTests {
    /// `record Line { sku: string(1..8, …) qty: int(1..) = 1 }`, `record Order { … }`
    private func fit(_ json: String, _ define: (inout Assembler) -> ShapeIndex, flag: Int = 0) throws -> Outcome {
        let bench = try Workbench(parameters: 1) { code in
            let shape = define(&code)
            let key = code.constant(.string("data"))
            code.emit(.getField, 1, 0, word: key, at: nowhere)
            code.emit(.fit, 2, 1, flag, word: shape.rawValue, at: nowhere)
            code.emit(.callBuiltin, 3, 2, 1, word: Builtin.index(named: "to_json")!, at: nowhere)
            code.emit(.returnValue, 3, at: nowhere)
        }
        let ref = bench.create()
        defer { bench.slab.release(ref) }
        let arena = bench.slab.arena(of: ref)!
        let event = try arena.json(#"{"data":"# + json + "}")
        return Outcome(bench.slab.start(ref, FunctionIndex(0), argument: event), arena)
    }

    private func order(_ code: inout Assembler) -> ShapeIndex {
        let float = code.shape(.float(nil))
        let count = code.shape(.int(Bounds(lower: 1, upper: nil)))
        let text = code.shape(.string(Bounds(lower: 1, upper: 8), like: nil))
        let number = code.shape(.string(nil, like: "ORD-*"))
        let way = code.shape(.oneOf([.string("card"), .string("cash")]))
        let line = code.reserveShape()
        let lines = code.shape(.list(line, Bounds(lower: 0, upper: 3)))
        let parent = code.reserveShape()
        let time = code.shape(.time)
        let prices = code.shape(.dictionary(float))
        code.define(
            line,
            as: .record(
                RecordShape(
                    name: "Line",
                    fields: [
                        .init(name: "sku", shape: text, defaultValue: nil, isOptional: false),
                        .init(name: "qty", shape: count, defaultValue: .int(1), isOptional: false),
                    ])))
        let order = code.shape(
            .record(
                RecordShape(
                    name: "Order",
                    fields: [
                        .init(name: "id", shape: number, defaultValue: nil, isOptional: false),
                        .init(name: "price", shape: float, defaultValue: nil, isOptional: false),
                        .init(name: "way", shape: way, defaultValue: .string("card"), isOptional: false),
                        .init(name: "lines", shape: lines, defaultValue: .list([]), isOptional: false),
                        .init(name: "note", shape: text, defaultValue: nil, isOptional: true),
                        .init(name: "at", shape: time, defaultValue: nil, isOptional: true),
                        .init(name: "prices", shape: prices, defaultValue: nil, isOptional: true),
                        .init(name: "parent", shape: parent, defaultValue: nil, isOptional: true),
                    ])))
        code.define(parent, as: .optional(order))
        return order
    }

    @Test(arguments: [
        (
            #"{ "id":"ORD-1", "price":1.50,"way":"cash","lines":[],"more":1e2 }"#,
            #"{ "id":"ORD-1", "price":1.50,"way":"cash","lines":[],"more":1e2 }"#
        ),
        (#"{"id":"ORD-1","price":1,"way":"cash","lines":[]}"#, #"{"id":"ORD-1","price":1.0,"way":"cash","lines":[]}"#),
        (
            #"{"id":"ORD-1","price":1.5,"note":null}"#,
            #"{"id":"ORD-1","price":1.5,"note":null,"way":"card","lines":[]}"#
        ),
        (
            #"{"id":"ORD-1","price":1.5,"way":"card","lines":[{"sku":"a"},{"sku":"b","qty":2.0}]}"#,
            #"{"id":"ORD-1","price":1.5,"way":"card","lines":[{"sku":"a","qty":1},{"sku":"b","qty":2}]}"#
        ),
        (
            #"{"id":"ORD-1","price":1.5,"way":"card","lines":[],"at":"2026-01-02T03:04:05.50+01:00"}"#,
            #"{"id":"ORD-1","price":1.5,"way":"card","lines":[],"at":"2026-01-02T02:04:05.5Z"}"#
        ),
        (
            #"{"id":"ORD-1","price":1.5,"way":"card","lines":[],"prices":{"x":1},"parent":{"id":"ORD-0","price":0.5}}"#,
            #"{"id":"ORD-1","price":1.5,"way":"card","lines":[],"prices":{"x":1.0},"parent":{"id":"ORD-0","price":0.5,"way":"card","lines":[]}}"#
        ),
    ])
    func `what fits is completed, and untouched where nothing is missing`(json: String, result: String) throws {
        #expect(try fit(json) { order(&$0) } == .returned(.string(result)))
    }

    @Test(arguments: [
        (#"{"id":"ORD-1","price":"x"}"#, #"data.price: expected float, got string "x""#),
        (#"{"id":"ORD-1"}"#, "data.price: expected float, but it is missing"),
        (#"{"id":"1","price":1}"#, #"data.id: expected string(like: "ORD-*"), got string "1""#),
        (#"{"id":"ORD-1","price":1,"way":"gold"}"#, #"data.way: expected "card" | "cash", got string "gold""#),
        (#"{"id":"ORD-1","price":1,"way":null}"#, #"data.way: expected "card" | "cash", got null"#),
        (#"{"id":"ORD-1","price":1,"lines":[{"sku":"a","qty":0}]}"#, "data.lines[0].qty: expected int(1..), got int 0"),
        (
            #"{"id":"ORD-1","price":1,"lines":[{"sku":"a"},{"sku":""}]}"#,
            #"data.lines[1].sku: expected string(1..8), got string "" (0 characters)"#
        ),
        (#"{"id":"ORD-1","price":1,"lines":[1,2,3,4]}"#, "data.lines: expected list(0..3), got list (4 items)"),
        (#"{"id":"ORD-1","price":1,"lines":{}}"#, "data.lines: expected list(0..3), got object"),
        (#"{"id":"ORD-1","price":1,"note":5}"#, "data.note: expected string(1..8), got int 5"),
        (#"{"id":"ORD-1","price":1,"at":"soon"}"#, #"data.at: expected time, got string "soon""#),
        (#"{"id":"ORD-1","price":1,"prices":{"odd key":true}}"#, #"data.prices["odd key"]: expected float, got true"#),
        (
            #"{"id":"ORD-1","price":1,"parent":{"id":"ORD-0","price":[]}}"#,
            "data.parent.price: expected float, got list"
        ),
        ("[]", "data: expected object, got list"), ("null", "data: expected object, got null"),
    ])
    func `what does not fit is told with its path, what was expected and what came`(json: String, message: String)
        throws
    {
        #expect(try fit(json) { order(&$0) } == .invalidInput(message))
        #expect(try fit(json, { order(&$0) }, flag: 1) == .fault(.misfit, message))
    }
}
