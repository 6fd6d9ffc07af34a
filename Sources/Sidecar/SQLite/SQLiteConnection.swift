// SQLiteConnection.swift: one connection to SQLite and its prepared statements.
//
// The only file that imports CSQLite. Used by one thread at a time; the pointers never leave this file.
// Neighbours: SQLiteTable.swift (the statements of a state store).

internal import CSQLite

/// What SQLite said.
struct SQLiteError: Error, Equatable {
    let code: Int32
    let message: String
}

/// A connection; closing happens in `deinit` and only there.
struct SQLiteConnection: ~Copyable {
    private let raw: OpaquePointer

    /// - Parameter path: a file, `:memory:` or a `file:` URI
    init(path: String, busyTimeoutMilliseconds: Int32) throws(SQLiteError) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard let opened else { throw SQLiteError(code: code, message: "no memory for a connection") }
        guard code == SQLITE_OK else {
            let error = SQLiteError(code: code, message: String(cString: sqlite3_errmsg(opened)))
            sqlite3_close_v2(opened)
            throw error
        }
        sqlite3_busy_timeout(opened, busyTimeoutMilliseconds)
        raw = opened
    }

    deinit { sqlite3_close_v2(raw) }

    /// No transaction is open: also after SQLite itself rolled one back (disk full, I/O error).
    borrowing func isOutsideTransaction() -> Bool { sqlite3_get_autocommit(raw) != 0 }

    /// Rows that the last write touched.
    borrowing func changedRows() -> Int { Int(sqlite3_changes(raw)) }

    /// Runs statements that return nothing of interest.
    borrowing func execute(_ sql: String) throws(SQLiteError) {
        let code = sqlite3_exec(raw, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
    }

    borrowing func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(raw, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw error(code) }
        return SQLiteStatement(adopting: statement, of: raw)
    }

    private borrowing func error(_ code: Int32) -> SQLiteError {
        SQLiteError(code: code, message: String(cString: sqlite3_errmsg(raw)))
    }
}

/// A prepared statement. `sqlite3_close_v2` keeps the connection until the last one is gone.
struct SQLiteStatement: ~Copyable {
    /// What a parameter may be.
    enum Parameter {
        case text(String)
        case bytes([UInt8])
        case integer(Int64)
        case null
    }

    private let raw: OpaquePointer
    private let connection: OpaquePointer

    init(adopting raw: OpaquePointer, of connection: OpaquePointer) {
        self.raw = raw
        self.connection = connection
    }

    deinit { sqlite3_finalize(raw) }

    /// Runs it with `?1 …` bound; `row` sees each row of the result.
    borrowing func run(
        _ parameters: [Parameter], row: (borrowing SQLiteStatement) -> Void = { _ in }
    ) throws(SQLiteError) {
        defer {
            sqlite3_reset(raw)
            sqlite3_clear_bindings(raw)
        }
        for (index, parameter) in parameters.enumerated() {
            let code = bind(parameter, at: Int32(index + 1))
            guard code == SQLITE_OK else { throw error(code) }
        }
        while true {
            switch sqlite3_step(raw) {
            case SQLITE_ROW: row(self)
            case SQLITE_DONE: return
            case let code: throw error(code)
            }
        }
    }

    /// A column of the current row as bytes; nil for NULL.
    borrowing func bytes(_ column: Int32) -> [UInt8]? {
        guard sqlite3_column_type(raw, column) != SQLITE_NULL else { return nil }
        // The pointer is nil for an empty value, and dies with the next step: copied here.
        guard let start = sqlite3_column_blob(raw, column) else { return [] }
        let count = Int(sqlite3_column_bytes(raw, column))
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    borrowing func text(_ column: Int32) -> String? {
        bytes(column).map { String(decoding: $0, as: UTF8.self) }
    }

    borrowing func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(raw, column) }

    private borrowing func bind(_ parameter: Parameter, at index: Int32) -> Int32 {
        // SQLITE_TRANSIENT, which the importer cannot express: SQLite copies before it returns.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch parameter {
        case .null:
            return sqlite3_bind_null(raw, index)
        case .integer(let number):
            return sqlite3_bind_int64(raw, index, number)
        case .text(let text):
            var text = text
            return text.withUTF8 { bytes in bindText(bytes, index, transient) }
        case .bytes(let bytes):
            return bytes.withUnsafeBufferPointer { bindText($0, index, transient) }
        }
    }

    /// Both kinds are bound as TEXT: the column holds JSON, and other tools shall read it.
    private borrowing func bindText(
        _ bytes: UnsafeBufferPointer<UInt8>, _ index: Int32, _ transient: sqlite3_destructor_type?
    ) -> Int32 {
        // A nil address would bind NULL.
        guard let start = bytes.baseAddress else { return sqlite3_bind_text(raw, index, "", 0, transient) }
        return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
            sqlite3_bind_text64(raw, index, $0, UInt64(bytes.count), transient, UInt8(SQLITE_UTF8))
        }
    }

    private borrowing func error(_ code: Int32) -> SQLiteError {
        SQLiteError(code: code, message: String(cString: sqlite3_errmsg(connection)))
    }
}
