// LibpqConnection.swift: one libpq connection as a value with one owner.
//
// Non-blocking only: nothing here waits for the server. Pointers of libpq do not leave the Libpq* files.
// Neighbours: LibpqResult (what comes back), Connection (drives it from the loop).

internal import CPostgres

/// One libpq connection. Exactly one owner; closing happens here and only here.
@safe struct LibpqConnection: ~Copyable {
    private let raw: OpaquePointer

    /// What libpq waits for while it connects.
    enum ConnectStep: Sendable, Equatable {
        case wantsRead, wantsWrite, connected, failed
    }

    /// How far the outgoing buffer got.
    enum FlushState: Sendable, Equatable {
        case done, blocked, failed
    }

    /// Begins to connect; nil when memory is short. `hostaddr` must be among the parameters wherever a host is a
    /// name, or libpq would block on looking it up.
    static func start(parameters: [ConnectionTarget.Parameter]) -> LibpqConnection? {
        var text: [CChar] = []
        var offsets: [Int] = []
        for parameter in parameters {
            for part in [parameter.keyword, parameter.value] {
                offsets.append(text.count)
                text.append(contentsOf: part.utf8CString)
            }
        }
        let count = parameters.count
        // SAFETY: every offset begins a NUL-terminated text in `text`; both arrays end with null and, like `text`,
        // outlive the call, which copies what it keeps.
        let started = unsafe text.withUnsafeBufferPointer { text in
            unsafe withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: 2 * (count + 1)) {
                pointers in
                unsafe pointers.initialize(repeating: nil)
                for index in 0..<count {
                    unsafe pointers[index] = text.baseAddress.map { unsafe $0 + offsets[2 * index] }
                    unsafe pointers[count + 1 + index] = text.baseAddress.map { unsafe $0 + offsets[2 * index + 1] }
                }
                let keywords = pointers.baseAddress
                return unsafe PQconnectStartParams(keywords, keywords.map { unsafe $0 + count + 1 }, 0)
            }
        }
        guard let started = unsafe started else { return nil }
        return unsafe LibpqConnection(adopting: started)
    }

    private init(adopting raw: OpaquePointer) {
        unsafe self.raw = raw
        // Errors while connecting come as text alone; verbose text carries the SQLSTATE.
        unsafe _ = PQsetErrorVerbosity(raw, PQERRORS_VERBOSE)
    }

    deinit { unsafe PQfinish(raw) }

    borrowing func pollConnect() -> ConnectStep {
        switch unsafe PQconnectPoll(raw) {
        case PGRES_POLLING_READING: .wantsRead
        case PGRES_POLLING_WRITING: .wantsWrite
        case PGRES_POLLING_OK: .connected
        default: .failed
        }
    }

    var isBad: Bool { unsafe PQstatus(raw) == CONNECTION_BAD }
    var socketDescriptor: Int32 { unsafe PQsocket(raw) }
    var backendProcessID: Int32 { unsafe PQbackendPID(raw) }
    /// Meaningful when nothing is in flight.
    var isInsideTransaction: Bool {
        let status = unsafe PQtransactionStatus(raw)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }
    /// libpq's last words about this connection; verbose, may have several lines.
    var errorMessage: String { unsafe PQerrorMessage(raw).map { unsafe String(cString: $0) } ?? "" }

    /// From connected to ready for statements.
    borrowing func enterPipelineMode() -> Bool {
        unsafe PQsetErrorVerbosity(raw, PQERRORS_DEFAULT)
        return unsafe PQsetnonblocking(raw, 1) == 0 && PQenterPipelineMode(raw) == 1
    }

    borrowing func setNoticeSink(_ sink: NoticeSink) {
        // SAFETY: `Connection` keeps the sink until after this connection is finished.
        unsafe _ = PQsetNoticeReceiver(raw, receiveNotice, Unmanaged.passUnretained(sink).toOpaque())
    }

    // MARK: sending; false means that the connection is lost

    borrowing func sendPrepare(name: String, text: String) -> Bool {
        unsafe PQsendPrepare(raw, name, text, 0, nil) == 1
    }

    borrowing func sendDescribe(name: String) -> Bool { unsafe PQsendDescribePrepared(raw, name) == 1 }

    /// A command without parameters, by the extended protocol.
    borrowing func sendCommand(_ text: String) -> Bool {
        unsafe PQsendQueryParams(raw, text, 0, nil, nil, nil, nil, 0) == 1
    }

    /// Binds and executes; results come as text (RowDecoder says why).
    borrowing func sendExecute(name: String, parameters: borrowing EncodedParameters) -> Bool {
        let items = parameters.items.span
        let count = items.count
        // SAFETY: every item's offset lies inside `bytes` (EncodedParameters keeps that), text items end with NUL,
        // and libpq copies all of it into its own buffer before it returns.
        return unsafe parameters.bytes.withUnsafeBytes { bytes in
            unsafe withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { values in
                unsafe withUnsafeTemporaryAllocation(of: Int32.self, capacity: count * 2) { numbers in
                    for index in 0..<count {
                        let item = items[index]
                        let start = unsafe bytes.baseAddress.map { unsafe $0 + Int(item.offset) }
                        let value = unsafe item.isNull ? nil : start?.assumingMemoryBound(to: CChar.self)
                        unsafe values.initializeElement(at: index, to: value)
                        unsafe numbers.initializeElement(at: index, to: item.length)
                        unsafe numbers.initializeElement(at: count + index, to: item.isBinary ? 1 : 0)
                    }
                    return unsafe PQsendQueryPrepared(
                        raw, name, Int32(count), values.baseAddress, numbers.baseAddress,
                        numbers.baseAddress.map { unsafe $0 + count }, 0) == 1
                }
            }
        }
    }

    /// Ends a transaction and its error; libpq 15 sends at once what is buffered.
    borrowing func sendSync() -> Bool { unsafe PQpipelineSync(raw) == 1 }

    borrowing func flush() -> FlushState {
        switch unsafe PQflush(raw) {
        case 0: .done
        case 1: .blocked
        default: .failed
        }
    }

    // MARK: receiving

    /// Reads what is there; false when the connection is lost (what was read before may still hold results).
    borrowing func consumeInput() -> Bool { unsafe PQconsumeInput(raw) == 1 }

    /// True when `nextResult` would have to wait.
    var isBusy: Bool { unsafe PQisBusy(raw) == 1 }

    /// Call only when not busy. Nil between the results of two commands.
    borrowing func nextResult() -> LibpqResult? {
        guard let result = unsafe PQgetResult(raw) else { return nil }
        return unsafe LibpqResult(adopting: result)
    }

    /// NOTIFY messages that nobody asked for; unread they would pile up.
    borrowing func discardNotifications() {
        while let notification = unsafe PQnotifies(raw) { unsafe PQfreemem(notification) }
    }

    /// A ticket to cancel whatever this connection runs, usable on another thread; nil when memory is short.
    borrowing func cancelTicket() -> CancelTicket? {
        guard let cancel = unsafe PQgetCancel(raw) else { return nil }
        return unsafe CancelTicket(adopting: cancel)
    }
}

/// Permission to cancel what one connection runs. It holds a copy of the address and key, not the connection.
///
/// SAFETY: `PQcancel` is documented as safe to call from any thread; the pointer is set once and freed in `deinit`.
@safe final class CancelTicket: @unchecked Sendable {
    private let raw: OpaquePointer
    init(adopting raw: OpaquePointer) { unsafe self.raw = raw }
    deinit { unsafe PQfreeCancel(raw) }

    /// Connects, asks, and waits until the server hung up: blocking, never on a loop.
    func cancelBlocking() {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
            // SAFETY: libpq writes at most 256 bytes. A refused request needs no report: the caller's next step,
            // dropping the connection, is the same.
            unsafe _ = PQcancel(raw, message.baseAddress, 256)
        }
    }
}
