// KeyDigest.swift: what a delivery has in common with another, in sixteen bytes.
//
// Half of a SHA-256, so that neither a long key costs memory nor a made-up one meets another's: an event that is
// mistaken for a duplicate would be lost. Neighbours: DeliveryPolicies.swift (whose loop it is), RememberedEvents.swift.

internal import Machine

struct KeyDigest: Hashable, Comparable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// Each part is preceded by its length, so that no two lists of parts run together.
    init(_ parts: [[UInt8]]) {
        let digest = Self.digest(parts)
        func word(_ start: Int) -> UInt64 { digest[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
        high = word(0)
        low = word(8)
    }

    /// The whole of it, 32 bytes.
    static func digest(_ parts: [[UInt8]]) -> [UInt8] {
        var input: [UInt8] = []
        for part in parts {
            withUnsafeBytes(of: UInt32(part.count).littleEndian) { input.append(contentsOf: $0) }
            input.append(contentsOf: part)
        }
        return Digest.sha256(input)
    }

    init(_ texts: String...) { self.init(texts.map { Array($0.utf8) }) }

    /// Of the value of an `ordered_by`; nil for what orders nothing: null, and what is no JSON. Equal values have equal
    /// digests, so `1` and `1.0` do.
    init?(ordering value: Value) {
        switch value.kind {
        case .null, .missing: return nil
        case .int, .float:
            let number = value.asDouble ?? 0
            if let whole = value.asInt ?? Int64(exactly: number) {
                self.init("int", "\(whole)")
            } else {
                self.init("float", "\(number)")
            }
        default:
            do throws(Fault) {
                self.init([Array(value.kind.name.utf8), try value.json()])
            } catch {
                return nil
            }
        }
    }

    /// One of `count` owners, the same on every loop.
    func owner(of count: Int) -> Int { Int(low % UInt64(count)) }

    static func < (left: Self, right: Self) -> Bool { (left.high, left.low) < (right.high, right.low) }
}
