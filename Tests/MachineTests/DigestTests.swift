// DigestTests.swift: SHA-256 against FIPS 180-4, its HMAC against RFC 4231, and what their fuel pays for.

import Diagnostics
import Testing

@testable import Machine

struct DigestTests {
    private static func hex(_ outcome: Outcome) -> String? {
        guard case .returned(.bytes(let bytes)) = outcome else { return nil }
        return bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func `the vectors of FIPS 180-4`(text: String, digest: String) throws {
        #expect(Self.hex(try call("sha256", .string(text), [])) == digest)
        #expect(Self.hex(try call("sha256", .bytes(Array(text.utf8)), [])) == digest)
    }

    private static func repeated(_ byte: UInt8, _ count: Int) -> [UInt8] { Array(repeating: byte, count: count) }

    @Test(
        arguments: [
            (
                repeated(0x0b, 20), Array("Hi There".utf8),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                repeated(0xaa, 20), repeated(0xdd, 50),
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
            ),
            (Array(1...25), repeated(0xcd, 50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
            (
                repeated(0xaa, 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            (
                repeated(0xaa, 131),
                Array(
                    ("This is a test using a larger than block-size key and a larger than block-size data. "
                        + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
            ),
        ] as [([UInt8], [UInt8], String)])
    func `the vectors of RFC 4231`(key: [UInt8], text: [UInt8], digest: String) throws {
        #expect(Self.hex(try call("hmac_sha256", .bytes(text), [.bytes(key)])) == digest)
    }

    @Test func `nothing at all has an HMAC too`() throws {
        #expect(
            Self.hex(try call("hmac_sha256", .string(""), [.string("")]))
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func `a secret is a key, and the digest none`() throws {
        let bench = try Workbench(parameters: 2) { code in
            code.emit(.callBuiltin, 7, 0, 2, word: Builtin.index(named: "hmac_sha256")!, at: nowhere)
            code.emit(.returnValue, 7, at: nowhere)
        }
        let ref = bench.create()
        defer { bench.slab.release(ref) }
        let arena = try #require(bench.slab.arena(of: ref))
        let arguments = [arena.string("what do ya want for nothing?"), arena.secret("Jefe")]
        let outcome = Outcome(bench.slab.start(ref, FunctionIndex(0), arguments: arguments), arena)
        #expect(Self.hex(outcome) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test(
        arguments: [
            ("sha256", .int(1), [], "`sha256` works on a string or bytes, got an int"),
            ("hmac_sha256", .null, [.string("k")], "`hmac_sha256` works on a string or bytes, got null"),
            (
                "hmac_sha256", .string("a"), [.int(1)],
                "`hmac_sha256` takes a string, bytes or a secret as its key, got an int"
            ),
        ] as [(String, Constant, [Constant], String)])
    func `misuse is told in clear words`(name: String, receiver: Constant, arguments: [Constant], message: String)
        throws
    {
        #expect(try call(name, receiver, arguments) == .fault(.wrongKind, message))
    }

    @Test func `a digest is paid for by the block`() throws {
        var limits = FiberLimits.standard
        limits.fuelSteps = 100
        #expect(
            Self.hex(try call("sha256", .string(String(repeating: "a", count: 64 * 50)), [], limits: limits)) != nil)
        let outcome = try call("sha256", .string(String(repeating: "a", count: 64 * 200)), [], limits: limits)
        #expect(outcome == .fault(.outOfFuel, "ran out of fuel after 100 steps"))
    }
}
