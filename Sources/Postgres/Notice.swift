// Notice.swift: what the server says beside its answers: warnings, `RAISE NOTICE`.
//
// libpq calls back while it parses; the sink only collects, and Connection hands over after reading.

internal import CPostgres

/// One message of the server that is not an error.
package struct PostgresNotice: Sendable, Equatable {
    /// `WARNING`, `NOTICE`, `INFO`, `LOG` or `DEBUG`.
    package let severity: String
    package let sqlstate: String
    package let message: String
}

/// Collects notices of one connection; on the connection's loop only, bounded.
final class NoticeSink {
    /// Beyond this many in one turn, the rest is dropped: a chatty function must not fill the memory.
    static let noticesMax = 64
    private var collected: [PostgresNotice] = []

    func add(_ notice: PostgresNotice) {
        if collected.count < Self.noticesMax { collected.append(notice) }
    }

    func take() -> [PostgresNotice] {
        guard !collected.isEmpty else { return [] }
        defer { collected = [] }
        return collected
    }
}

/// Called by libpq on the connection's loop, inside of reading. Balanced by `setNoticeSink`.
func receiveNotice(_ context: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
    guard let context = unsafe context, let result = unsafe result else { return }
    // SAFETY: `Connection` owns the sink for as long as the libpq connection exists.
    let sink = unsafe Unmanaged<NoticeSink>.fromOpaque(context).takeUnretainedValue()
    func field(_ field: LibpqResult.ErrorField) -> String {
        unsafe PQresultErrorField(result, field.rawValue).map { unsafe String(cString: $0) } ?? ""
    }
    sink.add(
        PostgresNotice(severity: field(.severity), sqlstate: field(.sqlstate), message: field(.message)))
}
