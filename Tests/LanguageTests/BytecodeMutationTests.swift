// BytecodeMutationTests.swift: programs that a broken compiler might write: refused, or run within their limits.
//
// Each conformance case is compiled, its code and tables are damaged, and what the verifier lets through is run with
// arguments of every kind, its effects answered with anything. `BAY_BYTECODE_ROUNDS` asks for more rounds a case; to hunt
// for over-reads, run it under the address sanitizer.

import Diagnostics
import Foundation
import Language
import Testing

@testable import Machine

extension ProgramParts {
    fileprivate init(of program: Program) {
        self.init(
            code: program.code, functions: program.functions, catchRanges: program.catchRanges, places: program.places,
            effectSites: program.effectSites, constants: program.constants, keyLists: program.keyLists,
            shapes: program.shapes, slotPaths: program.slotPaths, patterns: program.patterns)
    }

    fileprivate mutating func damage(_ random: inout SplitMix64) {
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: 0..<code.count, using: &random)
            switch Int.random(in: 0...6, using: &random) {
            case 0: code[place] = UInt32.random(in: 0...(.max), using: &random)
            case 1: code[place] ^= 1 << UInt32.random(in: 0...31, using: &random)
            case 2:
                // Another opcode on the same operands.
                let opcode = Opcode.allCases.randomElement(using: &random) ?? .move
                code[place] = code[place] & ~0xff | UInt32(opcode.rawValue)
            case 3: code[place] = UInt32.random(in: 0...12, using: &random)
            case 4: code.swapAt(place, Int.random(in: 0..<code.count, using: &random))
            case 5: damageFunction(&random)
            default: damageCatch(&random)
            }
        }
    }

    private mutating func damageFunction(_ random: inout SplitMix64) {
        let number = Int.random(in: 0..<functions.count, using: &random)
        let old = functions[number]
        let numbers = [-1, 0, 1, 2, 7, 255, 256, .max, code.count, old.entry, old.wordCount, old.registerCount]
        func changed(_ value: Int) -> Int {
            Int.random(in: 0...3, using: &random) == 0 ? numbers.randomElement(using: &random) ?? value : value
        }
        functions[number] = FunctionCode(
            name: old.name, entry: changed(old.entry), wordCount: changed(old.wordCount),
            registerCount: changed(old.registerCount), parameterCount: changed(old.parameterCount), range: old.range)
    }

    private mutating func damageCatch(_ random: inout SplitMix64) {
        guard !catchRanges.isEmpty else { return }
        let number = Int.random(in: 0..<catchRanges.count, using: &random)
        let start = Int.random(in: 0...code.count, using: &random)
        catchRanges[number] = CatchRange(
            words: start..<(start + Int.random(in: 1...9, using: &random)),
            target: Int.random(in: -1...(code.count + 1), using: &random),
            register: UInt8.random(in: 0...255, using: &random))
    }
}

struct BytecodeMutationTests {
    private static let rounds = ProcessInfo.processInfo.environment["BAY_BYTECODE_ROUNDS"].flatMap { Int($0) } ?? 12
    private static let limits = FiberLimits(
        fuelSteps: 5_000, arenaBytesMax: 1 << 20, callDepthMax: 16, effectsInFlightMax: 8)
    private static let document =
        #"{"id":"1","type":"x","source":"/s","n":3,"k":-1.5,"f":9007199254740993,"list":[1,"a",null,[2]],"b":{"a":1}}"#

    private func argument(_ arena: Arena, _ random: inout SplitMix64) -> Value {
        switch Int.random(in: 0...9, using: &random) {
        case 0: .null
        case 1: .bool(true)
        case 2: .int(Int64.random(in: -5...(.max), using: &random))
        case 3: .float(1.5)
        case 4: arena.string("text é")
        case 5: arena.list([.int(1), arena.string("a"), .null])
        case 6: arena.failure(class: .conflict, message: "no", origin: .effect)
        case 7: .duration(nanoseconds: .max)
        case 8: arena.bytes([1, 2, 255])
        default: (try? arena.json(Self.document)) ?? .null
        }
    }

    /// Runs a function to its end, whatever it asks for.
    private func run(_ program: Program, _ function: FunctionIndex, _ random: inout SplitMix64) {
        let slab = FiberSlab(fibersMax: 1)
        guard let ref = slab.create(program: program, limits: Self.limits), let arena = slab.arena(of: ref) else {
            return
        }
        defer { slab.release(ref) }
        _ = try? slab.scan(Array(Self.document.utf8), for: ref)
        _ = try? slab.evaluate(ref, function)
        var step = slab.start(ref, function, arguments: (0..<4).map { _ in argument(arena, &random) })
        var strand = Strand.main
        for _ in 0..<40 {
            switch step {
            case .finished(let completion):
                if case .returned(let value) = completion { _ = try? value.json() }
                return
            case .faulted(let fault):
                #expect(!fault.message.isEmpty)
                return
            case .suspended:
                for operand in 0..<8 { _ = slab.operand(operand, of: ref, strand) }
                let reply = argument(arena, &random)
                let next =
                    reply.kind == .failure
                    ? slab.resume(ref, strand, failure: reply) : slab.resume(ref, strand, value: reply)
                guard let next else { return }
                (strand, step) = next
            case .forked:
                guard let next = slab.proceed(ref) else { return }
                (strand, step) = next
            }
        }
    }

    @Test(arguments: ConformanceCase.names)
    func `damaged bytecode is refused, or runs within its limits`(name: String) throws {
        guard let program = Compiler.compile(try ConformanceCase.named(name).files).deployment?.program else { return }
        var random = SplitMix64(state: UInt64(name.utf8.reduce(11) { ($0 &* 31 &+ Int($1)) & 0xffff }))
        for _ in 0..<Self.rounds {
            var parts = ProgramParts(of: program)
            parts.damage(&random)
            do throws(VerificationError) {
                try parts.verify()
            } catch {
                #expect(!error.description.isEmpty)
                continue
            }
            let damaged = Program(parts)
            #expect(!damaged.disassembly().isEmpty)
            for number in 0..<min(damaged.functions.count, 6) { run(damaged, FunctionIndex(UInt32(number)), &random) }
        }
    }

    @Test func `the damage is such that many programs are refused and many run`() throws {
        var refused = 0, accepted = 0
        var random = SplitMix64(state: 3)
        for name in ConformanceCase.names.prefix(120) {
            guard let program = Compiler.compile(try ConformanceCase.named(name).files).deployment?.program else {
                continue
            }
            var parts = ProgramParts(of: program)
            parts.damage(&random)
            if (try? parts.verify()) == nil { refused += 1 } else { accepted += 1 }
        }
        #expect(refused > 10 && accepted > 10, "\(refused) refused, \(accepted) run")
    }
}
