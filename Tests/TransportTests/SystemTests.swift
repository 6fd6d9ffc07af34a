// SystemTests.swift: children, signals, directories, files and background threads.
import Foundation
import Glibc
import Synchronization
import Testing
import Wire

@testable import Transport

/// A folder of the test's own, removed with everything in it.
final class TemporaryFolder {
    let path: String
    init() throws {
        var template = Array("/tmp/transport-test-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }
    deinit { removeFolder(path) }

    func write(_ name: String, _ text: String) throws {
        try FileSystem.writeFile(path + "/" + name, bytes: Array(text.utf8), mode: 0o644)
    }
}

/// Removes a folder and all that is in it.
func removeFolder(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

extension ChildProcessTests {
    @Test func `much output is not lost, and does not hold up the loop`() throws {
        let loop = try EventLoop()
        var lines: [String] = []
        var exit: ChildExit?
        _ = try ChildProcess.start(
            ChildCommand("/bin/sh", ["-c", "seq 1 50000"]), output: .lines, on: loop, onLine: { lines.append($0) },
            onExit: { exit = $0 })
        loop.runExpecting("it ends") { exit != nil }
        #expect(lines.count == 50_000)
        #expect(lines.last == "50000")
    }
}

@Suite struct SignalWatcherTests {
    @Test func `a signal arrives as an event`() throws {
        // A real-time signal that nothing else uses, sent to this thread only.
        let number = Int32(__libc_current_sigrtmin()) + 3
        SignalWatcher.block([number])
        let loop = try EventLoop()
        var seen: [Int32] = []
        let watcher = try SignalWatcher(loop: loop, signals: [number]) { seen.append($0) }
        pthread_kill(pthread_self(), number)
        loop.runExpecting("it arrives") { !seen.isEmpty }
        #expect(seen == [number])
        watcher.close()
        #expect(loop.descriptorCount == 0)
    }
}

@Suite struct DirectoryEventsTests {
    /// Does `change` in a watched folder and waits for the hint.
    private func expectHint(_ what: Comment, in folder: TemporaryFolder, _ change: (String) throws -> Void) throws {
        let loop = try EventLoop()
        var hints = 0
        let events = try DirectoryEvents(loop: loop, folders: [folder.path]) { hints += 1 }
        _ = loop.run(until: { false }, atMost: .milliseconds(5))
        #expect(hints == 0, what)
        try change(folder.path)
        loop.runExpecting(what) { hints > 0 }
        events.close()
        #expect(loop.descriptorCount == 0)
        #expect(loop.timerCount == 0)
    }

    @Test func `writing, replacing, creating and deleting are hinted`() throws {
        let folder = try TemporaryFolder()
        try folder.write("a.bay", "1")
        try expectHint("a plain write", in: folder) { path in
            let file = fopen(path + "/a.bay", "w")
            fputs("22", file)
            fclose(file)
        }
        try folder.write("b.tmp", "3")
        try expectHint("a replacement by rename", in: folder) { path in
            #expect(rename(path + "/b.tmp", path + "/a.bay") == 0)
        }
        try expectHint("a new file", in: folder) { _ in try folder.write("c.bay", "4") }
        try expectHint("a deletion", in: folder) { path in #expect(unlink(path + "/c.bay") == 0) }
        try FileSystem.makeFolder(folder.path + "/inner")
        try expectHint("a file in a folder below", in: folder) { _ in try folder.write("inner/d.bay", "5") }
    }

    @Test func `the swap of a mounted ConfigMap is hinted`() throws {
        let folder = try TemporaryFolder()
        try FileSystem.makeFolder(folder.path + "/..v1")
        try folder.write("..v1/cfg.bay", "old")
        #expect(symlink("..v1", folder.path + "/..data") == 0)
        #expect(symlink("..data/cfg.bay", folder.path + "/cfg.bay") == 0)
        try FileSystem.makeFolder(folder.path + "/..v2")
        try folder.write("..v2/cfg.bay", "new")
        #expect(symlink("..v2", folder.path + "/..data_tmp") == 0)
        try expectHint("the swap", in: folder) { path in
            #expect(rename(path + "/..data_tmp", path + "/..data") == 0)
        }
        #expect(try FileSystem.filesRecursively(in: folder.path, suffix: ".bay") == [folder.path + "/cfg.bay"])
        #expect(try FileSystem.readFile(folder.path + "/cfg.bay", bytesMax: 10) == Array("new".utf8))
    }

    @Test(arguments: [false, true])
    func `a root that is removed or moved away is watched again when it is back`(isMoved: Bool) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/inner"
        try FileSystem.makeFolder(path)
        let loop = try EventLoop()
        var hints = 0
        let events = try DirectoryEvents(loop: loop, folders: [path]) { hints += 1 }
        if isMoved { #expect(rename(path, path + "-old") == 0) } else { #expect(rmdir(path) == 0) }
        loop.runExpecting("it went") { hints > 0 && events.watchCount == 0 }
        hints = 0
        try FileSystem.makeFolder(path)
        loop.runExpecting("it is back") { hints > 0 && events.watchCount == 1 }
        hints = 0
        try folder.write("inner/a", "1")
        loop.runExpecting("a change in the new one") { hints > 0 }
        events.close()
    }

    @Test func `folders made below a root are watched, those that go are not`() throws {
        let folder = try TemporaryFolder()
        let loop = try EventLoop()
        var hints = 0
        let events = try DirectoryEvents(loop: loop, folders: [folder.path]) { hints += 1 }
        try FileSystem.makeFolder(folder.path + "/a/b")
        loop.runExpecting("both are watched") { events.watchCount == 3 }
        hints = 0
        try folder.write("a/b/x", "1")
        loop.runExpecting("a change in the deeper one") { hints > 0 }
        #expect(rename(folder.path + "/a", "\(folder.path)-elsewhere") == 0)
        defer { removeFolder("\(folder.path)-elsewhere") }
        loop.runExpecting("they are gone") { events.watchCount == 1 }
        events.close()
    }
}

@Suite struct FileSystemTests {
    @Test func `files and folders are listed in order, through links, without hidden ones`() throws {
        let folder = try TemporaryFolder()
        try FileSystem.makeFolder(folder.path + "/b/c")
        for name in ["z.bay", "b/y.bay", "b/c/x.bay", ".hidden.bay", "b/other"] { try folder.write(name, name) }
        #expect(symlink("b", folder.path + "/link") == 0)
        #expect(symlink("nowhere", folder.path + "/broken") == 0)
        let relative = { (paths: [String]) in paths.map { String($0.dropFirst(folder.path.count)) } }
        #expect(
            relative(try FileSystem.filesRecursively(in: folder.path, suffix: ".bay"))
                == ["/b/c/x.bay", "/b/y.bay", "/link/c/x.bay", "/link/y.bay", "/z.bay"])
        #expect(relative(try FileSystem.folders(in: folder.path)) == ["/b", "/link"])
        #expect(
            relative(try FileSystem.foldersRecursively(in: folder.path)).sorted()
                == ["", "/b", "/b/c", "/link", "/link/c"])
        #expect(FileSystem.isDirectory(folder.path + "/link"))
        #expect(!FileSystem.isFile(folder.path + "/broken"))
    }

    @Test func `a loop of links ends`() throws {
        let folder = try TemporaryFolder()
        try folder.write("a.bay", "1")
        for name in ["one", "two"] { #expect(symlink(".", folder.path + "/" + name) == 0) }
        #expect(try FileSystem.filesRecursively(in: folder.path, suffix: ".bay").count <= 1000)
        #expect(try FileSystem.foldersRecursively(in: folder.path).count <= 1000)
    }

    @Test func `what cannot be read is named with its reason`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/none"
        let expected = FileSystemError(path: path, problem: .system(SystemReason(ENOENT)))
        #expect(throws: expected) { try FileSystem.readFile(path, bytesMax: 10) }
        #expect(expected.description == "\(path): No such file or directory")
        #expect(throws: FileSystemError(path: folder.path, problem: .notAFile)) {
            try FileSystem.readFile(folder.path, bytesMax: 10)
        }
        #expect(throws: FileSystemError.self) { try FileSystem.folders(in: path) }
        try folder.write("five", "12345")
        #expect(throws: FileSystemError(path: folder.path + "/five", problem: .tooLarge(bytesMax: 4))) {
            try FileSystem.readFile(folder.path + "/five", bytesMax: 4)
        }
        #expect(throws: FileSystemError.self) { try FileSystem.makeFolder(folder.path + "/five/six") }
    }

    @Test func `identifiers are random and well formed`() {
        #expect(RandomBytes.hexadecimal(bytes: 16).count == 32)
        #expect(RandomBytes.bytes(1000) != RandomBytes.bytes(1000))
        let uuid = RandomBytes.uuid()
        #expect(uuid.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        #expect(uuid.dropFirst(14).first == "4")
    }
}

@Suite struct BackgroundThreadTests {
    @Test func `jobs run in order and come back to the loop`() throws {
        let loop = try EventLoop()
        let thread = try BackgroundThread(name: "jobs", jobsMax: 1000)
        defer { thread.stop() }
        var results: [Int] = []
        loop.schedule(after: .zero) {
            for number in 0..<100 {
                try? thread.submit({ number * 2 }, on: loop) { value in
                    #expect(loop.isCurrent)
                    results.append(value)
                }
            }
        }
        loop.runExpecting("all come back") { results.count == 100 }
        #expect(results == (0..<100).map { $0 * 2 })
    }

    @Test func `a full queue refuses, and stopping finishes what is queued`() throws {
        let thread = try BackgroundThread(name: "full", jobsMax: 2)
        let (started, release) = (Gate(), Gate())
        let ran = Atomic(0)
        try thread.submit {
            started.open()
            _ = release.wait()
        }
        #expect(started.wait())
        for _ in 0..<2 { try thread.submit { ran.add(1, ordering: .relaxed) } }
        let refusal = BackgroundQueueFull(name: "full", jobsMax: 2)
        #expect(throws: refusal) { try thread.submit {} }
        #expect(refusal.description == "the background thread `full` has 2 jobs waiting already")
        release.open()
        thread.stop()
        #expect(ran.load(ordering: .relaxed) == 2)
        #expect(throws: refusal) { try thread.submit {} }
        thread.stop()
    }
}
