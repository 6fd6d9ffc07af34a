// FuzzCorpus.swift: every deployment of the repository as the seed of others: bytes, words and lines changed, and parts
// of one put into another.

import Diagnostics
import Foundation
import Language

struct FuzzCorpus {
    /// The cases of the conformance suite, and each shipped app with the scripts.
    let deployments: [[DeploymentFile]]
    /// Their words and signs, each once: mutation by token puts one in the place of another.
    private let tokens: [[UInt8]]

    init() throws {
        var deployments = try ConformanceCase.names.map { try ConformanceCase.named($0).files }
        let root = SyntaxShippedTests.root
        func shipped(_ prefix: String, isModule: Bool) -> [DeploymentFile] {
            SyntaxShippedTests.shippedFiles.filter { $0.hasPrefix(prefix) }.compactMap { path in
                guard let data = try? Data(contentsOf: root.appending(path: path)) else { return nil }
                let module = path.split(separator: "/").last.map { String($0.dropLast(4)) }
                return DeploymentFile(
                    source: SourceFile(path: path, bytes: Array(data)), module: isModule ? module : nil)
            }
        }
        let scripts = shipped("scripts/", isModule: true)
        for app in ["routes/inventory/", "routes/products/"] {
            deployments.append(shipped(app, isModule: false) + scripts)
        }
        self.deployments = deployments.filter { !$0.isEmpty }
        var seen: Set<[UInt8]> = []
        for file in self.deployments.joined() {
            for token in Self.split(file.source.bytes) where token.count < 40 { seen.insert(token) }
        }
        tokens = seen.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Some deployment of the corpus, changed in a few places.
    func mutated(_ dice: inout SplitMix64) -> [DeploymentFile] {
        var files = dice.pick(deployments)
        for _ in 0..<dice.roll(4) {
            let index = dice.roll(files.count)
            let file = files[index]
            let bytes =
                dice.roll(3) == 0 ? mutatedBytes(file.source.bytes, &dice) : mutatedTokens(file.source.bytes, &dice)
            files[index] = DeploymentFile(
                source: SourceFile(path: file.source.path, bytes: bytes), module: file.module)
        }
        return files
    }

    private func mutatedBytes(_ source: [UInt8], _ dice: inout SplitMix64) -> [UInt8] {
        var bytes = source
        let place = dice.roll(bytes.count + 1)
        switch dice.roll(5) {
        case 0 where place < bytes.count: bytes[place] = UInt8(dice.roll(256))
        case 1: bytes.insert(UInt8(dice.roll(256)), at: place)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + dice.roll(9)))
        case 3:
            bytes.insert(
                contentsOf: bytes[place..<min(bytes.count, place + dice.roll(60))], at: dice.roll(bytes.count + 1))
        default: bytes.insert(contentsOf: dice.pick([[0xEF, 0xBB, 0xBF], [0], [0xFF], [13, 10], [0xC3]]), at: place)
        }
        return bytes
    }

    private func mutatedTokens(_ source: [UInt8], _ dice: inout SplitMix64) -> [UInt8] {
        var parts = Self.split(source)
        guard !parts.isEmpty else { return source }
        let place = dice.roll(parts.count)
        switch dice.roll(5) {
        case 0: parts[place] = dice.pick(tokens)
        case 1: parts.insert(dice.pick(tokens), at: place)
        case 2: parts.remove(at: place)
        case 3: parts.swapAt(place, dice.roll(parts.count))
        default:
            // A stretch of another text, such as a whole expression or rule.
            let other = Self.split(dice.pick(dice.pick(deployments)).source.bytes)
            let start = dice.roll(other.count)
            parts.insert(contentsOf: other[start..<min(other.count, start + 1 + dice.roll(12))], at: place)
        }
        return Array(parts.joined())
    }

    /// Words, blanks and single signs, whose concatenation is the text.
    private static func split(_ bytes: [UInt8]) -> [[UInt8]] {
        func kind(_ byte: UInt8) -> Int {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x80...: 0
            case 0x20: 1
            default: 2
            }
        }
        var parts: [[UInt8]] = []
        for byte in bytes {
            if let last = parts.last?.last, kind(last) == kind(byte), kind(byte) != 2 {
                parts[parts.count - 1].append(byte)
            } else {
                parts.append([byte])
            }
        }
        return parts
    }
}
