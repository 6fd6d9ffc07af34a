// ChildProcess+Spawn.swift: posix_spawn with a clean signal mask, closed descriptors and a group of its own.
internal import CLinux
internal import Glibc

extension ChildProcess {
    /// - Parameter pipe: the writing end for `.lines`.
    static func spawn(_ command: ChildCommand, output: ChildOutput, pipe: Int32) throws(TransportError) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        switch output {
        case .inherited: break
        case .lines:
            unsafe posix_spawn_file_actions_adddup2(&actions, pipe, 1)
            unsafe posix_spawn_file_actions_adddup2(&actions, pipe, 2)
        case .file(let path):
            unsafe posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
        if let directory = command.workingDirectory {
            unsafe posix_spawn_file_actions_addchdir_np(&actions, directory)
        }
        var noSignals = sigset_t()
        var allSignals = sigset_t()
        unsafe sigemptyset(&noSignals)
        unsafe sigfillset(&allSignals)
        unsafe posix_spawnattr_setsigmask(&attributes, &noSignals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &allSignals)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        let environment = command.environment.map { $0.map { "\($0.name)=\($0.value)" } }
        var processID: pid_t = 0
        let result = unsafe withCStrings([command.executable] + command.arguments) { arguments in
            guard let environment else {
                return unsafe posix_spawn(
                    &processID, command.executable, &actions, &attributes, arguments, clinux_environment())
            }
            return unsafe withCStrings(environment) { environment in
                unsafe posix_spawn(&processID, command.executable, &actions, &attributes, arguments, environment)
            }
        }
        guard result == 0 else {
            throw .unavailable(what: "start \(command.executable)", reason: SystemReason(result))
        }
        return processID
    }

    /// Lends a null-terminated array of C strings.
    private static func withCStrings(
        _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        let pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe pointers.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return EINVAL }
            return unsafe body(base)
        }
    }
}
