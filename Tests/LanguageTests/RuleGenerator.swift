// RuleGenerator.swift: random rules and events that have much to do with each other.
//
// Few paths and few constants, and the awkward ones: texts that differ by case, by a letter beyond ASCII or by one
// byte at the end, numbers that doubles cannot tell apart, lists where a value is expected and the other way round.
// Neighbours: IndexDifferentialTests.swift.

struct RuleGenerator {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(state: seed) }

    private mutating func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
    private mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    private mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }

    // Rules.

    private static let types = ["a.v1", "a.v2", "b.v1", "b.longer.name.v1", "c"]
    private static let typeGlobs = ["a.*", "*.v1", "b*1", "*", "*longer*", "c*"]
    private static let paths = [
        "event.data.a", "event.data.b", "event.data.c.d", "event.data[\"odd key\"]", "event.data.list[0]",
        "event.data?.c?.e", "event.data.ip",
    ]
    private static let listPaths = ["event.data.list", "event.data.lines", "event.data.a", "event.data.c"]
    private static let texts = [
        "", "a", "A", "ab", "aB", "abc", "abcdefgh", "abcdefghi", "abcdefghijklmnopq", "ä", "Ä", "k", "K", "ß", "SS",
        "ss",
        "10.1.2.3", "10.1.2.4", "10.2.0.1", "::1", "fe80::1", "aXbXc", "é", "e\u{301}", "É", "a\u{0}b", "x\"y",
    ]
    private static let numbers = [
        "0", "1", "2", "3", "-1", "1.0", "1.5", "2.5", "0.0", "9007199254740993", "9007199254740992.0",
        "9223372036854775807", "9223372036854775808.0", "1e300", "-2.5",
    ]
    private static let networks = [
        "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "fe80::/10", "::/0", "::1/128",
    ]

    private mutating func quoted() -> String { Self.quote(pick(Self.texts)) }
    private static func quote(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            scalar == "\""
                ? "\\\""
                : scalar.value < 0x20 || scalar.value > 0x7e ? "\\u{\(String(scalar.value, radix: 16))}" : "\(scalar)"
        }
        return "\"\(escaped.joined())\""
    }

    private mutating func scalar() -> String {
        switch below(10) {
        case 0: "true"
        case 1: "null"
        case 2...4: pick(Self.numbers)
        default: quoted()
        }
    }

    private mutating func textTest(_ path: String) -> String {
        switch below(8) {
        case 0: "\(path).starts_with(\(quoted()))"
        case 1: "\(path).ends_with(\(quoted()))"
        case 2: "\(path).contains(\(quoted()))"
        case 3: "\(path).like(\"\(pick(["a*", "*c", "a*c", "*b*", "a*b*c", "**", "a*b*b*b*c", "*gh*", "abc", "*"]))\")"
        case 4: "\(path).equals_ignore_case(\(quoted()))"
        case 5: "\(path).in_cidr(\"\(pick(Self.networks))\")"
        case 6: "\(path).matches(r\"^a.*\")"
        default: "\(path) in \(listPath())"
        }
    }

    private mutating func listPath() -> String { pick(Self.listPaths) }

    private mutating func comparison(_ path: String) -> String {
        switch below(9) {
        case 0, 1: "\(path) == \(scalar())"
        case 2: "\(path) != \(scalar())"
        case 3: "\(path) \(pick(["<", "<=", ">", ">="])) \(chance(70) ? pick(Self.numbers) : quoted())"
        case 4: "\(pick(Self.numbers)) \(pick(["<", "<=", ">", ">=", "=="])) \(path)"
        case 5:
            switch below(4) {
            case 0: "\(path) in \(pick(["0", "1", "-1"]))..\(pick(["2", "2.5", "3"]))"
            case 1: "\(path) not in 1..<2"
            case 2: "\(path) in \"a\"..\"b\""
            default: "\(path) in \(pick(["1..", "..2", "..<1.5"]))"
            }
        case 6:
            "\(path) \(chance(70) ? "in" : "not in") [\((0...below(12)).map { _ in scalar() }.joined(separator: ", "))]"
        case 7 where path != "x": "exists(\(path))"
        default: path
        }
    }

    private mutating func quantifier() -> String {
        let list = listPath()
        let inner = chance(40) ? "x" : pick(["x.sku", "x.qty", "x.deep.er"])
        var condition = chance(50) ? comparison(inner) : chance(50) ? textTest(inner) : "\(inner) == \(scalar())"
        if chance(30) { condition += " \(pick(["and", "or"])) \(comparison(pick(["x", "x.sku", "x.qty"])))" }
        if chance(10) { condition = "not (\(condition))" }
        return "\(chance(75) ? "any" : "all")(x in \(list) where \(condition))"
    }

    private mutating func atom() -> String {
        switch below(20) {
        case 0..<8: comparison(pick(Self.paths))
        case 8..<13: textTest(pick(Self.paths))
        case 13: "event.source.starts_with(\(quoted()))"
        case 14: "event.type \(pick(["==", "!="])) \"\(pick(Self.types))\""
        case 15: "event.type in [\"a.v1\", \"b.v1\", \"zz\"]"
        case 16, 17: quantifier()
        case 18: "event.data.a == event.data.b"
        default: "\(quoted()) in \(listPath())"
        }
    }

    private mutating func condition(_ depth: Int) -> String {
        if depth == 0 || chance(45) { return chance(12) ? "not (\(atom()))" : atom() }
        let joint = pick([" and ", " and ", " or "])
        let parts = (0..<(2 + below(2))).map { _ in condition(depth - 1) }
        let whole = parts.map { "(\($0))" }.joined(separator: joint)
        return chance(10) ? "not (\(whole))" : whole
    }

    private mutating func rule(_ number: Int) -> String {
        var patterns: [String] = []
        for _ in 0..<pick([0, 1, 1, 1, 2]) { patterns.append(chance(75) ? pick(Self.types) : pick(Self.typeGlobs)) }
        let condition = chance(92) ? " where \(self.condition(pick([0, 0, 1, 1, 2, 3])))" : ""
        let on = "on \(patterns.map { "\"\($0)\"" }.joined(separator: ", "))"
        // A rule that asks for nothing would be an error of its own.
        if patterns.isEmpty && condition.isEmpty { return "  on \"*\" as r\(number) { return \(number) }" }
        return "  \(on) as r\(number)\(condition) { return \(number) }"
    }

    mutating func routes(rules count: Int) -> String {
        let rules = (0..<count).map { rule($0) }.joined(separator: "\n")
        let otherwise = chance(50) ? "\n  otherwise { return -1 }" : ""
        return "subscribe \"p/t\" (dead_letter: \"dead\", match: \"all\") {\n\(rules)\(otherwise)\n}\n"
    }

    // Rules whose tests have to do with each other: a few tests of one or two paths, most of them joined by `and`.

    private mutating func clash(_ paths: [String]) -> String {
        let path = pick(paths)
        if path == "event.type" {
            return pick(["\(path) == \"\(pick(Self.types))\"", "\(path).like(\"\(pick(Self.typeGlobs))\")"])
        }
        switch below(12) {
        case 0..<5: return comparison(path)
        case 5..<9: return textTest(path)
        case 9: return "\(path) in \(pick(["5..3", "3..<3", "\"b\"..\"a\"", "1..2", "[]"]))"
        case 10: return "exists(\(path))"
        default: return "\(path).length() \(pick(["==", "<", ">="])) \(below(4))"
        }
    }

    private mutating func clashes(_ paths: [String], _ depth: Int) -> String {
        var parts: [String] = []
        for _ in 0..<(2 + below(3)) {
            let part = depth > 0 && chance(30) ? clashes(paths, depth - 1) : clash(paths)
            parts.append(chance(25) ? "not (\(part))" : "(\(part))")
        }
        return parts.joined(separator: pick([" and ", " and ", " or "]))
    }

    mutating func clashingRoutes(rules count: Int) -> String {
        let rules = (0..<count).map { number in
            let paths = [pick(Self.paths), chance(20) ? "event.type" : pick(Self.paths)]
            let types = chance(80) ? "\"\(pick(Self.types))\"" : "\"\(pick(Self.typeGlobs))\""
            return "  on \(types) as r\(number) where \(clashes(paths, 2)) { return \(number) }"
        }
        return "subscribe \"p/t\" (dead_letter: \"dead\", match: \"all\") {\n\(rules.joined(separator: "\n"))\n}\n"
    }

    // Events.

    private mutating func json(_ depth: Int) -> String {
        switch below(depth > 0 ? 14 : 10) {
        case 0..<6: return jsonText()
        case 6, 7: return pick(Self.numbers)
        case 8: return pick(["true", "false", "null"])
        case 9: return pick(["[]", "{}", "\"\\u0061b\"", "1e0", "-0.0", "123456789012345678901234567890"])
        case 10, 11: return "[\((0..<below(4)).map { _ in json(depth - 1) }.joined(separator: ","))]"
        default:
            let keys = ["sku", "qty", "deep", "a", "k"]
            let fields = (0..<below(4)).map { _ in "\"\(pick(keys))\":\(json(depth - 1))" }
            return "{\(fields.joined(separator: ","))}"
        }
    }

    private mutating func jsonText() -> String { Self.jsonQuote(pick(Self.texts) + (chance(10) ? "z" : "")) }
    private static func jsonQuote(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            scalar == "\""
                ? "\\\""
                : scalar.value < 0x20 ? "\\u\(String(0x10000 + scalar.value, radix: 16).dropFirst())" : "\(scalar)"
        }
        return "\"\(escaped.joined())\""
    }

    private mutating func line() -> String {
        chance(20)
            ? json(1) : "{\"sku\":\(json(0)),\"qty\":\(json(0))\(chance(20) ? ",\"deep\":{\"er\":\(json(0))}" : "")}"
    }

    mutating func event() -> (type: String, json: String) {
        let type = pick(Self.types + ["zz"])
        var fields: [String] = []
        for key in ["a", "b", "a"] where chance(70) { fields.append("\"\(key)\":\(json(2))") }
        if chance(60) { fields.append("\"c\":\(chance(80) ? "{\"d\":\(json(1)),\"e\":\(json(0))}" : json(1))") }
        if chance(40) { fields.append("\"odd key\":\(json(0))") }
        if chance(70) {
            fields.append(
                "\"list\":\(chance(80) ? "[\((0..<below(4)).map { _ in json(1) }.joined(separator: ","))]" : json(1))")
        }
        if chance(60) { fields.append("\"lines\":[\((0..<below(4)).map { _ in line() }.joined(separator: ","))]") }
        if chance(50) {
            fields.append(
                "\"ip\":\(Self.jsonQuote(pick(["10.1.2.3", "10.9.9.9", "11.0.0.1", "::1", "fe80::2", "no"])))")
        }
        let data = chance(95) ? "{\(fields.joined(separator: ","))}" : json(1)
        let event = #"{"specversion":"1.0","id":"1","source":\#(jsonText()),"type":"\#(type)","data":\#(data)}"#
        return (type, event)
    }
}
