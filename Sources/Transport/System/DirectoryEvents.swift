// DirectoryEvents.swift: "something below these folders changed": a hint, never a list of what.
//
// Watches directories, not files: an editor replaces a file, a ConfigMap swaps a link, and both change only the
// directory. Names in events are not trusted. A folder that is made is watched from then on, one that was replaced is
// watched again; after an overflow everything is hinted. Neighbours: FileSystem.swift (reads), Engine/Reloading.
internal import CLinux
internal import Glibc

/// On its loop only.
@safe package final class DirectoryEvents: DescriptorHandler {
    private let loop: EventLoop
    private let descriptor: Int32
    private let roots: [String]
    private var registration: Registration?
    private var watches: Set<Int32> = []
    private let onChange: () -> Void
    private let buffer: UnsafeMutableRawPointer
    private static let bufferBytes = 64 << 10

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

    deinit { unsafe buffer.deallocate() }

    package func close() {
        guard let registration else { return }
        loop.deregister(registration)
        self.registration = nil
        _ = clinux_close(descriptor)
    }

    package func descriptorReady(_ readiness: Readiness) {
        var changed = false
        while true {
            let count = unsafe clinux_read(descriptor, buffer, Self.bufferBytes)
            guard count > 0 else { break }
            changed = true
            note(bytes: Int(count))
        }
        guard changed else { return }
        // A new folder, or one under its old name, is watched from its first hint on; a watch twice is the same watch.
        watchAll()
        onChange()
    }

    /// Forgets watches that the kernel ended, so that `watches` holds what is really watched.
    private func note(bytes count: Int) {
        let headerBytes = MemoryLayout<inotify_event>.size
        var offset = 0
        while offset + headerBytes <= count {
            // SAFETY: the kernel writes whole, aligned events; the name behind one is `len` bytes.
            let event = unsafe (buffer + offset).load(as: inotify_event.self)
            if event.mask & UInt32(IN_IGNORED) != 0 { watches.remove(event.wd) }
            offset += headerBytes + Int(event.len)
        }
    }

    private func watchAll() {
        for root in roots {
            for folder in (try? FileSystem.foldersRecursively(in: root)) ?? [] {
                let watch = unsafe clinux_watch_directory(descriptor, folder)
                if watch >= 0 { watches.insert(watch) }
            }
        }
    }

    /// Folders watched now.
    package var watchCount: Int { watches.count }
}
