// Connection+Connecting.swift: from nothing to a connection in pipeline mode.
//
// Names are looked up on a thread of their own, then PQconnectPoll is driven by readiness; libpq's own
// connect_timeout does not hold for it, so the loop keeps the time.

internal import Machine
internal import Transport

extension Connection {
    func open() {
        openTimer = loop.schedule(after: options.connectTimeout) { [weak self] in
            guard let self else { return }
            openTimer = nil
            failOpening("no answer within \(options.connectTimeout)")
        }
        guard target.needsLookup else { return startConnecting(to: []) }
        let places = target.places
        let loop = loop
        let confined = LoopConfined(self, on: loop)
        let isStarted = runBlocking {
            let found = ConnectionTarget.lookUpBlocking(places)
            loop.execute { confined.onLoop { $0.lookupEnded(found) } }
        }
        if !isStarted { failOpening("no thread could be started to look up the host") }
    }

    private func lookupEnded(_ found: Result<[HostAddress], PostgresFailure>) {
        guard phase == .opening else { return }
        switch found {
        case .success(let addresses): startConnecting(to: addresses)
        case .failure(let failure): end(failure)
        }
    }

    private func startConnecting(to addresses: [HostAddress]) {
        guard let started = LibpqConnection.start(parameters: target.connectParameters(addresses: addresses)) else {
            return failOpening("out of memory")
        }
        started.setNoticeSink(noticeSink)
        let isBad = started.isBad
        let descriptor = started.socketDescriptor
        handle = consume started
        if isBad || !watch(descriptor, for: .writable) { failOpening(handle?.errorMessage ?? "") }
    }

    func continueConnecting() {
        unwatch()
        guard let step = handle?.pollConnect() else { return }
        let descriptor = handle?.socketDescriptor ?? -1
        switch step {
        case .wantsRead: if !watch(descriptor, for: .readable) { failOpening("its socket cannot be watched") }
        case .wantsWrite: if !watch(descriptor, for: .writable) { failOpening("its socket cannot be watched") }
        case .failed: failOpening(handle?.errorMessage ?? "")
        case .connected: connected(descriptor)
        }
    }

    private func connected(_ descriptor: Int32) {
        guard handle?.enterPipelineMode() == true, watch(descriptor, for: .readable) else {
            return failOpening(handle?.errorMessage ?? "")
        }
        if let openTimer { loop.cancel(openTimer) }
        openTimer = nil
        phase = .ready
        hasBeenReady = true
        idleSinceNanoseconds = loop.nowNanoseconds
        owner?.connectionOpened(self)
    }

    private func failOpening(_ reason: String) {
        guard phase == .opening else { return }
        let verbose = ConnectFailure(libpqMessage: reason)
        end(
            PostgresFailure(
                .unavailable, "cannot connect to \(target): \(verbose.reason)", sqlstate: verbose.sqlstate,
                mayHaveRun: false))
    }
}

/// Why connecting failed, taken out of libpq's verbose text: there is no result to ask for its fields.
struct ConnectFailure: Equatable {
    let reason: String
    let sqlstate: String?

    /// Text such as `connection to server at "127.0.0.1", port 5 failed: FATAL:  28P01: password … failed`, and a line
    /// `LOCATION: …` below; with several addresses, such a pair for each. The last one counts.
    init(libpqMessage text: String) {
        let lines = text.split(separator: "\n").map { Self.trimmed($0) }
            .filter { !$0.isEmpty && !$0.hasPrefix("LOCATION:") && !$0.hasPrefix("HINT:") }
        let failures = lines.filter { $0.hasPrefix("connection to server") }
        var line = failures.last ?? lines.last ?? "no reason given"
        var code: String?
        if let found = Self.severity(in: line) {
            let rest = line[found...]
            if let colon = rest.firstIndex(of: ":"), rest.distance(from: rest.startIndex, to: colon) == 5 {
                code = String(rest[..<colon])
                line = String(Self.trimmed(rest[rest.index(after: colon)...]))
            }
        } else if let name = line.firstRange(of: " failed: ") {
            line = String(line[name.upperBound...])
        }
        reason = line
        sqlstate = code
    }

    /// Where the SQLSTATE begins: behind `FATAL:  ` or `ERROR:  `.
    private static func severity(in line: String) -> String.Index? {
        for word in ["FATAL:  ", "ERROR:  ", "PANIC:  "] {
            if let found = line.firstRange(of: word) { return found.upperBound }
        }
        return nil
    }

    private static func trimmed(_ line: some StringProtocol) -> String {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let head = line.drop(while: blank)
        return String(head.reversed().drop(while: blank).reversed())
    }

    /// Trying again soon will not help; only a change of credentials or of the server's set-up does.
    static func isLasting(sqlstate: String?) -> Bool {
        guard let sqlstate else { return false }
        return sqlstate.hasPrefix("28") || sqlstate == "3D000" || sqlstate == "42501"
    }
}
