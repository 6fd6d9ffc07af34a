// WorkloadTests.swift: every workload of the house does the work that its figure is about.

import Bench
import Foundation
import Machine
import Testing

struct WorkloadTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Benchmarks/machine").path

    private static func measured(_ workload: Workload, argument: Int = 1) throws -> Bench.Measurement {
        try workload.run(
            BenchInput(
                sources: ["\(folder)/machine.bay"], events: "\(folder)/widget.json", count: 2, rounds: 2,
                argument: argument))
    }

    @Test func `a whole event becomes the object of the handler`() throws {
        let result = try Self.measured(.event).result
        #expect(
            result == [
                "id": "A234-1234-1234", "kind": "order", "total": 263.25,
                "message": "Order W-4711-B x13 from /eu/berlin/warehouse-7", "region": "eu-central-1",
            ])
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let workload: Workload
        let argument: Int
        let units: Int
        let result: JSON
        var testDescription: String { workload.rawValue }
    }

    static let rows = [
        Row(workload: .condition, argument: 1, units: 2, result: true),
        // fib(10) makes 177 calls.
        Row(workload: .fib, argument: 10, units: 354, result: 55),
        Row(workload: .sum, argument: 10, units: 20, result: 24),
        Row(workload: .suspend, argument: 7, units: 14, result: 7),
        Row(workload: .suspendMany, argument: 7, units: 14, result: 14),
        Row(workload: .load, argument: 1, units: 1, result: 1),
    ]

    @Test(arguments: rows) func `counts its units and gives what it computed`(_ row: Row) throws {
        let measurement = try Self.measured(row.workload, argument: row.argument)
        #expect(measurement.result == row.result)
        #expect(measurement.count == row.units)
        #expect(measurement.nanoseconds.count == 2 && measurement.nanoseconds.allSatisfy { $0 > 0 })
        #expect(try JSON.parse(measurement.line)["bench"] == .string(row.workload.rawValue))
    }

    @Test(arguments: [Workload.token, .tokenAgain])
    func `takes every token, each time`(workload: Workload) throws {
        let place = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Peers/tokens/tokens.json")
        let data = try JSON.parse([UInt8](Data(contentsOf: place)))
        let folder = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (keys, tokens) = (folder.appending(path: "keys.json"), folder.appending(path: "tokens"))
        try Data((data["jwks"] ?? .null).serialized()).write(to: keys)
        let lines = ["RS256", "ES256", "EdDSA"].compactMap { data["tokens"]?[$0]?.string }
        try Data(lines.joined(separator: "\n").utf8).write(to: tokens)
        let measurement = try workload.run(
            BenchInput(sources: [keys.path], events: tokens.path, count: 2, rounds: 2, argument: 1))
        #expect(measurement.result == 6 && measurement.count == 6)
    }

    @Test func `finds the rules of each event`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try """
        subscribe "pubsub/orders" (dead_letter: "dead", match: "all") {
          on "a" as any_a => nothing
          on "b" where event.data.n > 1 => nothing
          on "a", "b" where event.data.n > 1 => nothing
        }
        handler nothing(event) { return null }
        """.write(toFile: "\(folder)/rules.bay", atomically: true, encoding: .utf8)
        try """
        {"type":"a","data":{"n":1}}
        {"type":"b","data":{"n":2}}
        {"type":"c","data":{"n":2}}
        """.write(toFile: "\(folder)/events.jsonl", atomically: true, encoding: .utf8)
        let measurement = try Workload.match.run(
            BenchInput(
                sources: ["\(folder)/rules.bay"], events: "\(folder)/events.jsonl", count: 3, rounds: 1, argument: 1))
        // Rule 1 takes event 1; rules 2 and 3 take event 2: 1·1 + 2·2 + 2·3.
        #expect(measurement.result == ["matches": 3, "digest": 11])
    }

    @Test func `a workload without its events says what is missing`() throws {
        let error = try #require(throws: BenchError.self) {
            _ = try Workload.event.run(
                BenchInput(
                    sources: ["\(Self.folder)/machine.bay"], events: nil, count: 1, rounds: 1, argument: 1))
        }
        #expect(error.message == "which events? Name a file with --events")
    }
}
