// AllocationTests.swift: the machine asks the system's allocator for nothing in steady state.
//
// A library that counts `malloc` and its kin is put before the C library's, and the program's own workloads are run with
// it, twice: the second time with more units, which must not ask for more.

import Foundation
import Testing

struct AllocationTests {
    private static let counter = """
        #define _GNU_SOURCE
        #include <stddef.h>
        #include <stdio.h>
        #include <unistd.h>
        extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
        extern void *__libc_memalign(size_t, size_t);
        static unsigned long count;
        void *malloc(size_t n) { count++; return __libc_malloc(n); }
        void *calloc(size_t n, size_t m) { count++; return __libc_calloc(n, m); }
        void *realloc(void *p, size_t n) { count++; return __libc_realloc(p, n); }
        void *aligned_alloc(size_t a, size_t n) { count++; return __libc_memalign(a, n); }
        int posix_memalign(void **p, size_t a, size_t n) { count++; *p = __libc_memalign(a, n); return *p ? 0 : 12; }
        __attribute__((destructor)) static void tell(void) {
            char text[32];
            int length = snprintf(text, sizeof text, "%lu allocations\\n", count);
            if (length > 0 && write(2, text, (size_t)length) < 0) return;
        }
        """
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "patchbay-allocations-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Self.counter.write(to: folder.appendingPathComponent("counter.c"), atomically: true, encoding: .utf8)
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Benchmarks/machine")
        for name in ["machine.bay", "widget.json"] {
            try FileManager.default.copyItem(
                at: source.appendingPathComponent(name), to: folder.appendingPathComponent(name))
        }
        // The compiler that Swift links with is there wherever these tests were built.
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = ["clang", "-shared", "-fPIC", "-O1", "-o", "counter.so", "counter.c"]
        compiler.currentDirectoryURL = folder
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0)
    }

    private func allocations(_ workload: String, count: Int, argument: Int) throws -> Int {
        let run = try ProgramRun(
            [
                "bench", workload, "machine.bay", "--events", "widget.json", "--rounds", "1", "--count", "\(count)",
                "--argument", "\(argument)",
            ],
            in: folder, environment: ["LD_PRELOAD": folder.appendingPathComponent("counter.so").path])
        try #require(run.status == 0, "\(run.errors)")
        let words = run.errors.split(whereSeparator: { $0 == " " || $0 == "\n" })
        return try #require(words.first.flatMap { Int($0) }, "\(run.errors)")
    }

    /// What the printed figures take differs by a few, with their digits.
    private static let noise = 40

    @Test(arguments: [
        (workload: "condition", count: (1_000, 5_000), argument: (1, 1)), ("sum", (1, 1), (1_000, 9_000)),
        ("fib", (1, 1), (12, 16)), ("suspend", (1, 1), (500, 4_000)),
    ])
    func `no condition, no step of a loop, no call and no suspension asks for memory`(
        workload: String, count: (Int, Int), argument: (Int, Int)
    ) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let few = try allocations(workload, count: count.0, argument: argument.0)
        let many = try allocations(workload, count: count.1, argument: argument.1)
        #expect(abs(many - few) < Self.noise, "\(few), then \(many)")
    }

    /// The rules that match come back as lists, and an unoptimised build boxes more; the run itself asks for nothing: an
    /// event makes some fifty values.
    @Test func `an event asks for memory a handful of times at most`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let few = try allocations("event", count: 200, argument: 1),
            many = try allocations("event", count: 1_200, argument: 1)
        #expect(many - few <= 8_000 + Self.noise, "\(many - few) for 1,000 events")
    }
}
