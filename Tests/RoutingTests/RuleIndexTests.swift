// RuleIndexTests.swift: the index means what testing the rules one by one means.

import Diagnostics
import Machine
import Routing
import Testing

/// What the index must mean: every rule in turn.
private func oneByOne(_ rules: [Rule], _ type: String, all: Bool, holds: (FunctionIndex) -> Bool) -> [Rule] {
    var found: [Rule] = []
    for rule in rules {
        let fits = rule.typePatterns.isEmpty || rule.typePatterns.contains { naiveGlob(Array($0), Array(type)) }
        guard fits, !rule.isOtherwise || found.isEmpty, rule.predicate.map(holds) ?? true else { continue }
        found.append(rule)
        if !all { break }
    }
    return found
}

private func naiveGlob(_ pattern: [Character], _ text: [Character]) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    let rest = Array(pattern.dropFirst())
    if first == "*" { return (0...text.count).contains { naiveGlob(rest, Array(text.dropFirst($0))) } }
    return text.first == first && naiveGlob(rest, Array(text.dropFirst()))
}

struct RuleIndexTests {
    @Test(arguments: [
        ("order.*", "order.paid", true), ("order.*", "order.", true), ("order.*", "order", false),
        ("*", "", true), ("*.v1", "widget.v1", true), ("*.v1", "v1", false), ("a*b*c", "abc", true),
        ("a*b*c", "a1b2c", true), ("a*b*c", "acb", false), ("a*a", "a", false), ("", "", true), ("", "x", false),
        ("**", "anything", true), ("x*ä*", "xä", true),
    ])
    func `a glob's star is any run of characters`(pattern: String, text: String, fits: Bool) {
        #expect(Glob(pattern).matches(text) == fits)
    }

    @Test(arguments: [
        ("order.*", "order.paid", true), ("order.*", "order.paid.*", true), ("order.paid.*", "order.*", false),
        ("*", "a*b", true), ("a*", "*", false), ("a", "a", true), ("a", "a*", false),
    ])
    func `a glob covers another when nothing fits the other alone`(one: String, two: String, covers: Bool) {
        #expect(Glob(one).covers(Glob(two)) == covers)
    }

    @Test func `the first rule in source order wins, whether it names its type or not`() throws {
        let index = RuleIndex(rules: [rule(0, ["a.*"]), rule(1, ["a.b"]), rule(2, [], isOtherwise: true)])
        #expect(try names(index, type: "a.b", all: false) == ["r0"])
        #expect(try names(index, type: "a.b", all: true) == ["r0", "r1"])
        #expect(try names(index, type: "c", all: true) == ["r2"])
    }

    @Test func `a predicate runs only for a rule whose type fits, and its error goes through`() throws {
        let index = RuleIndex(rules: [rule(0, ["a"], predicate: 7), rule(1, ["b"], predicate: 8)])
        var asked: [UInt32] = []
        let found = try names(index, type: "b", all: true) { predicate throws(Fault) in
            asked.append(predicate.rawValue)
            return true
        }
        #expect(asked == [8])
        #expect(found == ["r1"])
        #expect(throws: Fault.self) {
            _ = try names(index, type: "a", all: true) { _ throws(Fault) in throw Fault(.outOfFuel, "out of fuel") }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func `the index finds what testing the rules one by one finds`(seed: UInt64) throws {
        var random = Seeded(state: seed)
        let words = ["a", "b", "c", "ab", "*", "a*", "*b", "", "c*a"]
        for _ in 0..<150 {
            let count = Int.random(in: 0...40, using: &random)
            var rules = (0..<count).map { number in
                let patterns = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    (0..<Int.random(in: 1...3, using: &random)).map { _ in words.randomElement(using: &random)! }
                        .joined(separator: ".")
                }
                let predicate = Bool.random(using: &random) ? Int.random(in: 0..<16, using: &random) : nil
                return rule(number, patterns, predicate: predicate)
            }
            if Bool.random(using: &random) { rules.append(rule(count, [], isOtherwise: true)) }
            let index = RuleIndex(rules: rules)
            for _ in 0..<20 {
                let truth = UInt64.random(in: 0...UInt64.max, using: &random)
                let type = (0..<Int.random(in: 1...3, using: &random))
                    .map { _ in ["a", "b", "c", "ab", "", "ca"].randomElement(using: &random)! }
                    .joined(separator: ".")
                let all = Bool.random(using: &random)
                let holds = { (predicate: FunctionIndex) in truth >> predicate.rawValue & 1 == 1 }
                let expected = oneByOne(rules, type, all: all, holds: holds)
                let found = try names(index, type: type, all: all) { predicate throws(Fault) in holds(predicate) }
                #expect(found == expected.map(\.name), "type \(type), all \(all)")
            }
        }
    }
}
