// DirectoryEvents.swift: "something below these folders changed": a hint, never a list of what.
//
// Watches directories, not files: an editor replaces a file, a ConfigMap swaps a link, and both change only the
// directory. Names in events are not trusted: after each hint the folders are walked and watched as they are then, so a
// new one is watched, one that was replaced is watched again, and one that was moved away is not. A root that is
// missing is looked for until it is there. Source: inotify(7). Neighbours: FileSystem.swift (reads), Engine/Reloading.
internal import CLinux
internal import Glibc

/// On its loop only.
@safe package final class DirectoryEvents: DescriptorHandler {
    private static let bufferBytes = 64 << 10
    private static let missingRootTime = Duration.milliseconds(500)

    private let loop: EventLoop
    private let descriptor: Int32
    private let roots: [String]
    private let onChange: () -> Void
    private let buffer: UnsafeMutableRawPointer
    private var registration: Registration?
    /// Watch → the folder's path when it was last walked.
    private var watches: [Int32: String] = [:]
    private var missingRoots: Set<String> = []
    private var missingTimer = TimerToken.none

    /// Watches from now on; look at the folders after this, so that no change falls in between.
    /// - Parameter onChange: called on the loop, often several times for one change.
    package init(loop: EventLoop, folders: [String], onChange: @escaping () -> Void) throws(TransportError) {
        self.loop = loop
        self.onChange = onChange
        roots = folders
        descriptor = clinux_inotify()
        unsafe buffer = .allocate(byteCount: Self.bufferBytes, alignment: 8)
        guard descriptor >= 0 else {
            throw .unavailable(what: "watch folders", reason: SystemReason(result: descriptor))
        }
        registration = try loop.register(descriptor, for: .readable, handler: self)
        watchAll()
    }

    deinit {
        if descriptor >= 0 { _ = clinux_close(descriptor) }
        unsafe buffer.deallocate()
    }

    /// Hears no more.
    package func close() {
        if let registration { loop.deregister(registration) }
        registration = nil
        loop.cancel(missingTimer)
    }

    /// Folders watched now.
    package var watchCount: Int { watches.count }

    package func descriptorReady(_ readiness: Readiness) {
        var changed = false
        while true {
            let count = unsafe clinux_read(descriptor, buffer, Self.bufferBytes)
            guard count > 0 else { break }
            if note(bytes: Int(count)) { changed = true }
        }
        guard changed else { return }
        watchAll()
        onChange()
    }

    /// Takes note of watches that ended. Says whether anything changed but our own watches.
    private func note(bytes count: Int) -> Bool {
        let headerBytes = MemoryLayout<inotify_event>.size
        var changed = false
        var offset = 0
        while offset + headerBytes <= count {
            // SAFETY: the kernel writes whole, aligned events; the name behind one is `len` bytes.
            let event = unsafe (buffer + offset).load(as: inotify_event.self)
            offset += headerBytes + Int(event.len)
            if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
                for watch in Array(watches.keys) { forget(watch) }
            }
            // A moved folder would stay watched under a name that is no longer its own.
            if event.mask & UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT) != 0 { forget(event.wd) }
            if event.mask & UInt32(IN_IGNORED) == 0 { changed = true }
        }
        return changed
    }

    private func forget(_ watch: Int32) {
        if watches.removeValue(forKey: watch) != nil { _ = clinux_unwatch(descriptor, watch) }
    }

    private func watchAll() {
        var wanted: Set<String> = []
        missingRoots = []
        for root in roots {
            let folders = try? FileSystem.foldersRecursively(in: root)
            if folders == nil { missingRoots.insert(root) }
            wanted.formUnion(folders ?? [])
        }
        for (watch, path) in watches where !wanted.contains(path) { forget(watch) }
        for path in wanted {
            // Watching a folder twice is the same watch.
            let watch = unsafe clinux_watch_directory(descriptor, path)
            if watch >= 0 { watches[watch] = path }
        }
        loop.cancel(missingTimer)
        guard !missingRoots.isEmpty else { return }
        missingTimer = loop.schedule(after: Self.missingRootTime) { [weak self] in self?.lookForMissingRoots() }
    }

    private func lookForMissingRoots() {
        guard registration != nil else { return }
        let before = missingRoots
        watchAll()
        if missingRoots != before { onChange() }
    }
}
