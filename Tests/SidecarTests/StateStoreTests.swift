// StateStoreTests.swift: the conformance cases of Dapr's state stores, for each store of this build.
import Foundation
import Testing

@testable import Sidecar

struct StateStoreTests {
    enum Kind: CaseIterable, Sendable {
        case memory, sqlite
    }

    /// A store of its own, closed and removed at the end.
    private func withStore(_ kind: Kind, _ body: (any StateStore) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sidecar-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store: any StateStore =
            switch kind {
            case .memory: MemoryStore()
            case .sqlite:
                try SQLiteStore(SQLiteSettings(path: folder.appendingPathComponent("state.db").path))
            }
        defer { store.close() }
        try await body(store)
    }

    private func save(
        _ key: String, _ value: String, etag: String? = nil, first: Bool = false, ttl: Int? = nil
    ) -> StateWrite {
        StateWrite(
            key: key, change: .save(value: Array(value.utf8), timeToLiveSeconds: ttl), etag: etag,
            isFirstWrite: first)
    }

    private func delete(_ key: String, etag: String? = nil) -> StateWrite {
        StateWrite(key: key, change: .delete, etag: etag, isFirstWrite: false)
    }

    @Test(arguments: Kind.allCases)
    func `what is saved is read, and is gone when deleted`(kind: Kind) async throws {
        try await withStore(kind) { store in
            #expect(await store.get("k") == nil)
            for value in ["\"x\"", "{\"a\":[1,2]}", "\"Ärger 🐝\"", "null", ""] {
                #expect(await store.write(save("k", value)) == nil)
                #expect(await store.get("k")?.value == Array(value.utf8))
            }
            #expect(await store.write(delete("k")) == nil)
            #expect(await store.get("k") == nil)
            #expect(await store.write(delete("k")) == nil)
        }
    }

    @Test(arguments: Kind.allCases)
    func `an etag guards a save`(kind: Kind) async throws {
        try await withStore(kind) { store in
            #expect(await store.write(save("k", "1")) == nil)
            let first = try #require(await store.get("k")).etag
            #expect(!first.isEmpty)
            #expect(await store.write(save("k", "2", etag: "bad-etag")) == .etagMismatch)
            #expect(await store.get("k")?.value == Array("1".utf8))
            #expect(await store.write(save("k", "2", etag: first)) == nil)
            let second = try #require(await store.get("k")).etag
            #expect(second != first)
            #expect(await store.write(save("k", "3", etag: first)) == .etagMismatch)
            #expect(await store.write(save("missing", "3", etag: first)) == .etagMismatch)
            #expect(await store.write(save("k", "4", etag: "")) == nil)
        }
    }

    @Test(arguments: Kind.allCases)
    func `an etag guards a delete`(kind: Kind) async throws {
        try await withStore(kind) { store in
            #expect(await store.write(save("k", "1")) == nil)
            let etag = try #require(await store.get("k")).etag
            #expect(await store.write(delete("k", etag: "bad-etag")) == .etagMismatch)
            #expect(await store.get("k") != nil)
            #expect(await store.write(delete("k", etag: etag)) == nil)
            #expect(await store.get("k") == nil)
            #expect(await store.write(delete("k", etag: etag)) == .etagMismatch)
        }
    }

    @Test(arguments: Kind.allCases)
    func `one conflict among several saves does not undo the others`(kind: Kind) async throws {
        try await withStore(kind) { store in
            #expect(await store.write(save("a", "1")) == nil)
            let reply = await store.perform(.writeEach([save("a", "2", etag: "bad-etag"), save("b", "2")]))
            guard case .writes(let failures) = reply else { throw Unexpected(reply: "\(reply)") }
            #expect(failures == [.etagMismatch, nil])
            #expect(await store.get("a")?.value == Array("1".utf8))
            #expect(await store.get("b")?.value == Array("2".utf8))
        }
    }

    @Test(arguments: Kind.allCases, [nil, ""] as [String?])
    func `a first write takes a key once`(kind: Kind, etag: String?) async throws {
        try await withStore(kind) { store in
            #expect(await store.write(save("k", "1", etag: etag, first: true)) == nil)
            #expect(await store.write(save("k", "2", etag: etag, first: true)) == .etagMismatch)
            let stale = try #require(await store.get("k")).etag
            #expect(await store.write(save("k", "3", etag: stale, first: true)) == nil)
            #expect(await store.write(save("k", "4", etag: stale, first: true)) == .etagMismatch)
            #expect(await store.get("k")?.value == Array("3".utf8))
        }
    }

    @Test(arguments: Kind.allCases)
    func `a transaction keeps its order and is all or nothing`(kind: Kind) async throws {
        try await withStore(kind) { store in
            #expect(await store.write(save("a", "0")) == nil)
            let good = await store.perform(
                .transact([
                    delete("a"), save("a", "1"), delete("a"), save("a", "2"), delete("none"), save("b", "1"),
                ]))
            guard case .transaction(failure: nil) = good else { throw Unexpected(reply: "\(good)") }
            #expect(await store.get("a")?.value == Array("2".utf8))
            let bad = await store.perform(
                .transact([save("a", "9"), delete("b"), save("b", "9", etag: "bad-etag")]))
            guard case .transaction(failure: .etagMismatch) = bad else { throw Unexpected(reply: "\(bad)") }
            #expect(await store.get("a")?.value == Array("2".utf8))
            #expect(await store.get("b")?.value == Array("1".utf8))
        }
    }

    @Test(arguments: Kind.allCases)
    func `an item with a time to live goes, unless a later write clears it`(kind: Kind) async throws {
        try await withStore(kind) { store in
            #expect(await store.write(save("goes", "1", ttl: 1)) == nil)
            #expect(await store.write(save("stays", "1", ttl: 1)) == nil)
            #expect(await store.write(save("long", "1", ttl: 60)) == nil)
            let expiresAt = try #require(await store.get("long")?.expiresAt)
            #expect(CalendarTime(rfc3339: expiresAt) != nil)
            #expect(await store.write(save("stays", "2")) == nil)
            #expect(await store.get("stays")?.expiresAt == nil)
            #expect(await eventually { await store.get("goes") == nil })
            #expect(await store.get("stays") != nil)
            // What has expired counts as absent for every kind of write.
            #expect(await store.write(save("goes", "2", first: true)) == nil)
        }
    }

    @Test(arguments: Kind.allCases)
    func `several items are read in the order of the keys`(kind: Kind) async throws {
        try await withStore(kind) { store in
            #expect(await store.write(save("a", "1")) == nil)
            #expect(await store.write(save("c", "3")) == nil)
            guard case .items(let items) = await store.perform(.get(["c", "b", "a"])) else { return }
            #expect(items.map { $0.map { String(decoding: $0.value, as: UTF8.self) } } == ["3", nil, "1"])
        }
    }

    @Test(arguments: Kind.allCases)
    func `eight writers that read, add one and save lose nothing`(kind: Kind) async throws {
        try await withStore(kind) { store in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<25 {
                            while true {
                                let item = await store.get("count")
                                let number =
                                    item.flatMap { Int(String(decoding: $0.value, as: UTF8.self)) } ?? 0
                                let write = StateWrite(
                                    key: "count",
                                    change: .save(value: Array("\(number + 1)".utf8), timeToLiveSeconds: nil),
                                    etag: item?.etag, isFirstWrite: true)
                                if await store.write(write) == nil { break }
                            }
                        }
                    }
                }
            }
            #expect(await store.get("count")?.value == Array("200".utf8))
        }
    }

    @Test func `what was acknowledged is in the file after a restart`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sidecar-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let settings = SQLiteSettings(path: folder.appendingPathComponent("state.db").path)
        let first = try SQLiteStore(settings)
        for number in 0..<100 { #expect(await first.write(save("k\(number)", "\(number)")) == nil) }
        let before = try #require(await first.get("k7")).etag
        first.close()
        #expect(await first.write(save("late", "1")) == .store("the store is closed"))
        let second = try SQLiteStore(settings)
        defer { second.close() }
        #expect(await second.get("k99")?.value == Array("99".utf8))
        #expect(await second.get("k7")?.etag == before)
    }

    @Test func `a binary row that daprd wrote over gRPC is read as its bytes`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sidecar-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let settings = SQLiteSettings(path: folder.appendingPathComponent("state.db").path)
        try SQLiteStore(settings).close()
        do {
            let other = try SQLiteConnection(path: settings.path, busyTimeoutMilliseconds: 1000)
            try other.execute(
                "INSERT INTO state (key, value, is_binary, etag) VALUES ('k', 'AAECAw==', 1, 'e')")
        }
        let store = try SQLiteStore(settings)
        defer { store.close() }
        #expect(await store.get("k") == StateItem(value: [0, 1, 2, 3], etag: "e", expiresAt: nil))
    }

    @Test func `a locked file is a failure in the store's words, not a hang`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sidecar-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var settings = SQLiteSettings(path: folder.appendingPathComponent("state.db").path)
        settings.busyTimeout = .milliseconds(20)
        let store = try SQLiteStore(settings)
        defer { store.close() }
        do {
            let other = try SQLiteConnection(path: settings.path, busyTimeoutMilliseconds: 1000)
            try other.execute("BEGIN IMMEDIATE")
            #expect(await store.write(save("k", "1")) == .store("database is locked"))
            #expect(await store.get("k") == nil)
            try other.execute("ROLLBACK")
        }
        #expect(await store.write(save("k", "1")) == nil)
    }
}

struct Unexpected: Error {
    let reply: String
}

/// Asks again until it holds, for at most ten seconds.
func eventually(_ condition: () async -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return await condition()
}

extension StateStore {
    func perform(_ operation: StateOperation) async -> StateReply {
        await withCheckedContinuation { continuation in
            submit(operation) { continuation.resume(returning: $0) }
        }
    }

    func get(_ key: String) async -> StateItem? {
        guard case .items(let items) = await perform(.get([key])) else { return nil }
        return items.first ?? nil
    }

    func write(_ write: StateWrite) async -> StateFailure? {
        switch await perform(.writeEach([write])) {
        case .writes(let failures): failures.first ?? nil
        case .failed(let failure): failure
        case .items, .transaction: .store("another reply")
        }
    }
}
