import Foundation
import Testing

@testable import Machine

/// A small generator with a seed, so that a failure can be run again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

struct JSONDifferentialTests {
    private func document(_ random: inout SeededGenerator, depth: Int) -> JSON {
        switch Int.random(in: 0...(depth > 4 ? 6 : 9), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .int(Int64.random(in: .min...(.max), using: &random) >> Int64.random(in: 0...63, using: &random))
        case 3:
            let double = Double(bitPattern: UInt64.random(in: .min...(.max), using: &random))
            return .double(double.isFinite ? double : 0.5)
        case 4: return .double((Double.random(in: -1e6...1e6, using: &random) * 100).rounded() / 100)
        case 5, 6:
            let alphabet = Array("abc\"\\/\n\t\u{1}é😀 ü\u{7f}漢")
            return .string(
                String(
                    (0..<Int.random(in: 0...20, using: &random)).map { _ in alphabet.randomElement(using: &random)! }))
        case 7, 8:
            return .object(
                (0..<Int.random(in: 0...24, using: &random)).map {
                    JSON.Member("k\($0)é", document(&random, depth: depth + 1))
                })
        default:
            return .array((0..<Int.random(in: 0...6, using: &random)).map { _ in document(&random, depth: depth + 1) })
        }
    }

    private func same(_ ours: JSON, _ theirs: Any) -> Bool {
        switch ours {
        case .null: theirs is NSNull
        case .bool(let value): (theirs as? Bool) == value
        case .int(let value): (theirs as? NSNumber)?.int64Value == value
        // Foundation goes through a decimal and may be off in the last place; `ours == tree` is exact.
        case .double(let value):
            (theirs as? NSNumber).map { abs($0.doubleValue - value) <= abs(value) * 1e-14 } ?? false
        case .string(let value): (theirs as? String) == value
        case .array(let items):
            (theirs as? [Any]).map { $0.count == items.count && zip(items, $0).allSatisfy { same($0, $1) } } ?? false
        case .object(let members):
            (theirs as? [String: Any]).map { other in
                other.count == members.count
                    && members.allSatisfy { member in other[member.key].map { same(member.value, $0) } ?? false }
            } ?? false
        }
    }

    /// `make fuzz` asks for more.
    private static let rounds = ProcessInfo.processInfo.environment["PATCHBAY_JSON_ROUNDS"].flatMap { Int($0) } ?? 200

    @Test(arguments: 1...rounds)
    func `random documents are read as Foundation reads them, and written so that both read them again`(seed: Int)
        throws
    {
        var random = SeededGenerator(state: UInt64(seed))
        let tree = document(&random, depth: 0)
        let text = tree.serialized()
        let theirs = try JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
        let ours = try JSON.parse(text)
        let agrees = same(ours, theirs), isExact = ours == tree
        #expect(agrees && isExact)
        let pretty = try JSONSerialization.data(withJSONObject: [theirs], options: [.prettyPrinted])
        guard case .array(let items)? = try? JSON.parse(Array(pretty)) else {
            Issue.record("what Foundation wrote was not read")
            return
        }
        let agreesAgain = same(items[0], theirs)
        #expect(agreesAgain)
    }

    @Test(arguments: 1...rounds)
    func `a damaged document is never read as something else, and never crashes`(seed: Int) throws {
        var random = SeededGenerator(state: UInt64(seed) &* 977)
        var text = document(&random, depth: 0).serialized()
        guard !text.isEmpty else { return }
        for _ in 0..<3 {
            text[Int.random(in: 0..<text.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        let theirs = try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
        guard let ours = try? JSON.parse(text) else { return }
        guard let theirs else {
            Issue.record("read what Foundation refuses: \(String(decoding: text, as: UTF8.self).prefix(200))")
            return
        }
        let agrees = same(ours, theirs)
        #expect(agrees, "\(String(decoding: text, as: UTF8.self).prefix(200))")
    }
}
