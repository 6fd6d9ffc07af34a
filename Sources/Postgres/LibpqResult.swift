// LibpqResult.swift: one result of libpq, owned, and the text that lies in it.
//
// Neighbours: LibpqConnection (makes them), RowDecoder (reads the cells), Exchange (keeps them until the commit).

internal import CPostgres

/// One result. Freed with its owner.
@safe struct LibpqResult: ~Copyable {
    private let raw: OpaquePointer

    init(adopting raw: OpaquePointer) { unsafe self.raw = raw }
    deinit { unsafe PQclear(raw) }

    enum Status: Sendable, Equatable {
        /// A command without rows, or a description.
        case command
        case rows
        /// The transaction of the commands before it has ended.
        case sync
        /// A command before it in the same transaction failed.
        case aborted
        case copy
        case empty
        case failed
    }

    var status: Status {
        switch unsafe PQresultStatus(raw) {
        case PGRES_COMMAND_OK: .command
        case PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE: .rows
        case PGRES_PIPELINE_SYNC: .sync
        case PGRES_PIPELINE_ABORTED: .aborted
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: .copy
        case PGRES_EMPTY_QUERY: .empty
        default: .failed
        }
    }

    /// A field of the server's error or notice.
    enum ErrorField: Int32, Sendable {
        case severity = 0x56  // V
        case sqlstate = 0x43  // C
        case message = 0x4d  // M
        case detail = 0x44  // D
        case hint = 0x48  // H
        case position = 0x50  // P
        case table = 0x74  // t
        case column = 0x63  // c
        case constraint = 0x6e  // n
    }

    func errorField(_ field: ErrorField) -> String? {
        guard let text = unsafe PQresultErrorField(raw, field.rawValue) else { return nil }
        return unsafe String(cString: text)
    }

    /// libpq's own words where the server said nothing: a lost connection.
    var errorMessage: String { unsafe PQresultErrorMessage(raw).map { unsafe String(cString: $0) } ?? "" }

    /// Rows that the command changed or returned; 0 for commands that do not count.
    var affectedRows: Int64 {
        guard let text = unsafe PQcmdTuples(raw) else { return 0 }
        return unsafe Int64(String(cString: text)) ?? 0
    }

    /// Bytes that libpq holds for this result.
    var memoryBytes: Int { unsafe PQresultMemorySize(raw) }
    var rowCount: Int { Int(unsafe PQntuples(raw)) }
    var columnCount: Int { Int(unsafe PQnfields(raw)) }

    func columnName(_ column: Int) -> String {
        unsafe PQfname(raw, Int32(column)).map { unsafe String(cString: $0) } ?? ""
    }

    func columnType(_ column: Int) -> ColumnType { ColumnType(unsafe PQftype(raw, Int32(column))) }

    /// The statement's parameters, from a description.
    var parameterTypes: [ColumnType] {
        (0..<(unsafe PQnparams(raw))).map { ColumnType(unsafe PQparamtype(raw, $0)) }
    }

    func isNull(row: Int, column: Int) -> Bool { unsafe PQgetisnull(raw, Int32(row), Int32(column)) == 1 }

    /// Lends a cell's text. `row` and `column` are below the counts above.
    func withCell<T, Failure: Error>(
        row: Int, column: Int, _ body: (Span<UInt8>) throws(Failure) -> T
    ) throws(Failure) -> T {
        let length = Int(unsafe PQgetlength(raw, Int32(row), Int32(column)))
        guard let start = unsafe PQgetvalue(raw, Int32(row), Int32(column)) else {
            preconditionFailure("a cell outside of the result was asked for")
        }
        // SAFETY: libpq keeps `length` bytes at `start` until `PQclear`, which `self` outlives here.
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length).bindMemory(to: UInt8.self)
        return try body(unsafe Span(_unsafeElements: bytes))
    }
}
