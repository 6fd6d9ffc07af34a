import Diagnostics
import Testing

@testable import Machine

/// Calls one builtin with constants.
func call(_ name: String, _ receiver: Constant, _ arguments: [Constant], limits: FiberLimits = .standard) throws
    -> Outcome
{
    let number = try #require(Builtin.index(named: name), "\(name)")
    var arguments = arguments
    var patterns: [Pattern] = []
    // A pattern is known at load; the machine gets its number.
    for (place, parameter) in Builtin.all[Int(number)].parameters.enumerated() where parameter.isPattern {
        guard place < arguments.count, case .string(let text) = arguments[place] else { continue }
        arguments[place] = .int(Int64(patterns.count))
        patterns.append(try Pattern(text))
    }
    let bench = try Workbench(parameters: 1 + arguments.count, registers: 8) { code in
        for (place, pattern) in patterns.enumerated() { #expect(code.pattern(pattern) == place) }
        code.emit(.callBuiltin, 7, 0, 1 + arguments.count, word: number, at: nowhere)
        code.emit(.returnValue, 7, at: nowhere)
    }
    bench.limits = limits
    return bench.run([receiver] + arguments)
}

struct BuiltinTests {
    @Test(arguments: Builtin.all.map(\.name))
    func `its examples hold`(name: String) throws {
        let builtin = try #require(Builtin.all.first { $0.name == name })
        #expect(!builtin.examples.isEmpty)
        for example in builtin.examples {
            #expect(try call(name, example.receiver, example.arguments) == .returned(example.result))
        }
    }

    @Test func `names are unique, signatures readable`() {
        #expect(Set(Builtin.all.map(\.name)).count == Builtin.all.count)
        #expect(Builtin.all.first { $0.name == "split" }?.signature == "string.split(by: string) -> list")
        #expect(
            Builtin.all.first { $0.name == "sort_by" }?.signature
                == "list.sort_by(by: selector, descending: bool?) -> list")
        for builtin in Builtin.all {
            #expect(builtin.summary.hasSuffix(".") || builtin.summary.hasSuffix("?"), "\(builtin.name)")
        }
    }

    @Test(arguments: Builtin.all.map(\.name))
    func `wrong kinds are a fault that names it, in any place, and never a crash`(name: String) throws {
        let builtin = try #require(Builtin.all.first { $0.name == name })
        let samples: [Constant] = [
            .null, .bool(true), .int(-1), .float(0.5), .string("x"), .bytes([1]), .time(0), .duration(1),
            .list([.null, .int(1)]),
            .object([.init(key: "a", value: .null)]),
        ]
        for receiver in samples {
            for argument in samples {
                for count in 0...builtin.parameters.count where builtin.argumentCounts.contains(count + 1) {
                    let outcome = try call(name, receiver, Array(repeating: argument, count: count))
                    switch outcome {
                    case .returned: break
                    case .fault(let code, let message):
                        #expect(code != .outOfMemory && !message.isEmpty, "\(name): \(message)")
                    default: Issue.record("\(name): \(outcome)")
                    }
                }
            }
        }
    }

    @Test(
        arguments: [
            ("lower", .int(1), [], .wrongKind, "`lower` works on a string, got an int"),
            ("split", .string("a"), [.null], .wrongKind, "`split` takes a string, got null"),
            ("sum", .list([.string("a")]), [], .wrongKind, "`sum` adds numbers or durations, got a string"),
            (
                "sum", .list([.int(.max), .int(1)]), [], .overflow,
                "`9223372036854775807 + 1` does not fit a 64-bit int"
            ),
            ("sort", .list([.int(1), .string("a")]), [], .wrongKind, "cannot order a string and an int"),
            ("div", .int(1), [.int(0)], .divisionByZero, "`1.div(0)`: division by zero"),
            ("div", .int(.min), [.int(-1)], .overflow, "`-9223372036854775808.div(-1)` does not fit a 64-bit int"),
            (
                "in_cidr", .string("1.2.3.4"), [.string("1.2.3.4/33")], .badArgument,
                "`in_cidr` takes a network such as \"10.0.0.0/8\", got \"1.2.3.4/33\""
            ),
            ("repeat", .string("abc"), [.int(1 << 40)], .outOfMemory, "the run's values take more than 67108864 bytes"),
            ("repeat", .string("abc"), [.int(1 << 25)], .outOfFuel, "ran out of fuel after 1000000 steps"),
            ("pad_left", .string("a"), [.int(1 << 60)], .outOfMemory, "the run's values take more than 67108864 bytes"),
        ] as [(String, Constant, [Constant], DiagnosticCode, String)])
    func `misuse is told in clear words`(
        name: String, receiver: Constant, arguments: [Constant], code: DiagnosticCode, message: String
    ) throws {
        #expect(try call(name, receiver, arguments) == .fault(code, message))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.128.0/17", "10.1.127.255", false),
        ("0.0.0.0/0", "1.2.3.4", true), ("1.2.3.4", "1.2.3.4", true), ("1.2.3.4/32", "1.2.3.5", false),
        ("::/0", "::1", true),
        ("::1/128", "0:0:0:0:0:0:0:1", true), ("fe80::/10", "fe80::1", true), ("fe80::/10", "fec0::1", false),
        ("10.0.0.0/8", "::1", false),
        ("10.0.0.0/8", "10.0.0.01", false), ("10.0.0.0/8", "10.0.0", false), ("::ffff:0:0/96", "::ffff:1.2.3.4", true),
        ("::/0", "1::2::3", false),
        ("::/0", ":1", false),
    ])
    func `networks contain addresses`(network: String, address: String, expected: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(address) == expected)
    }
}
