// StandardStream.swift: text to standard output and standard error, whole, from any thread.
//
// Neighbours: Engine/Log and patchbay/Terminal (write through it).
internal import CLinux
internal import Glibc

package enum StandardStream: Sendable {
    case output, error

    /// One `write(2)` where the system takes it whole, so that lines of several threads do not mix. A reader that is gone
    /// ends it silently: there is nobody to tell.
    package func write(_ text: String) {
        let descriptor = self == .output ? STDOUT_FILENO : STDERR_FILENO
        var text = text
        text.withUTF8 { bytes in
            var sent = 0
            while sent < bytes.count {
                let rest = unsafe UnsafeBufferPointer(rebasing: bytes[sent...])
                let count = unsafe clinux_write(descriptor, rest.baseAddress, rest.count)
                if count == -Int64(EINTR) { continue }
                guard count > 0 else { return }
                sent += Int(count)
            }
        }
    }

    /// Whether a person sits at it.
    package var isTerminal: Bool { isatty(self == .output ? STDOUT_FILENO : STDERR_FILENO) == 1 }
}
