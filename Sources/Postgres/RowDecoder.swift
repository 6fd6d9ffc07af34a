// RowDecoder.swift: rows into values of Bay.
//
// Results come as text: one form for every type, exact for floats (`extra_float_digits`), and what Bay has no kind for
// is text anyway. Connection sets the session so that the forms below are the ones that come.
// Neighbours: TimeText (timestamps, intervals), ArrayText, LibpqResult.

internal import Machine

enum RowDecoder {
    /// - Throws: class `internal` when a cell holds what Bay has no value for, such as NaN.
    static func value(
        of result: StatementResult, mode: SQLStatement.Mode, in arena: Arena
    ) throws(PostgresFailure) -> Value {
        switch mode {
        case .execute: return .int(result.rows.affectedRows)
        case .one:
            guard result.rows.rowCount > 0 else { return .null }
            return try Rows(result).object(row: 0, in: arena)
        case .rows:
            let rows = Rows(result)
            var items: [Value] = []
            items.reserveCapacity(result.rows.rowCount)
            for row in 0..<result.rows.rowCount { items.append(try rows.object(row: row, in: arena)) }
            return arena.list(items)
        }
    }

    /// One cell's text as a value of its type.
    static func value(_ text: Span<UInt8>, as type: ColumnType, in arena: Arena) throws(CellProblem) -> Value {
        if let element = type.element { return try ArrayText.list(text, of: element, in: arena) }
        switch type.family {
        case .bool: return .bool(text.count == 1 && text[0] == UInt8(ascii: "t"))
        case .int:
            guard let number = Int64(text.string) else { throw CellProblem("`\(text.string)` is not an int") }
            return .int(number)
        case .float, .numeric:
            guard let number = Double(text.string), number.isFinite else {
                throw CellProblem("`\(text.string)` is not a number that Bay knows; cast it (`::text`) or replace it")
            }
            return .float(number)
        case .bytes: return try bytes(text, in: arena)
        case .json:
            do throws(JSONError) {
                return try arena.json(text)
            } catch {
                throw CellProblem("its JSON cannot be taken: \(error)")
            }
        case .time: return .time(nanoseconds: try TimeText.time(text))
        case .duration: return .duration(nanoseconds: try TimeText.interval(text))
        case .text: return arena.string(text.string)
        }
    }

    /// `\x` and two digits a byte.
    private static func bytes(_ text: Span<UInt8>, in arena: Arena) throws(CellProblem) -> Value {
        guard text.count >= 2, text.count.isMultiple(of: 2), text[0] == UInt8(ascii: "\\") else {
            throw CellProblem("bytea did not come in hexadecimal")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2 - 1)
        for index in stride(from: 2, to: text.count, by: 2) {
            bytes.append(hexValue(text[index]) << 4 | hexValue(text[index + 1]))
        }
        return arena.bytes(bytes)
    }

    private static func hexValue(_ digit: UInt8) -> UInt8 {
        digit <= UInt8(ascii: "9") ? digit & 15 : (digit | 0x20) &- UInt8(ascii: "a") &+ 10
    }
}

/// Why one cell has no value in Bay; the column is added by whoever knows it.
struct CellProblem: Error, Equatable {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// The rows of one result, their column names and types looked up once.
private struct Rows {
    let result: StatementResult
    let names: [String]
    let types: [ColumnType]

    init(_ result: StatementResult) {
        self.result = result
        names = (0..<result.rows.columnCount).map { result.rows.columnName($0) }
        types = (0..<result.rows.columnCount).map { result.rows.columnType($0) }
    }

    func object(row: Int, in arena: Arena) throws(PostgresFailure) -> Value {
        var entries: [(String, Value)] = []
        entries.reserveCapacity(names.count)
        for column in names.indices {
            entries.append((names[column], try cell(row: row, column: column, in: arena)))
        }
        return arena.object(entries)
    }

    private func cell(row: Int, column: Int, in arena: Arena) throws(PostgresFailure) -> Value {
        if result.rows.isNull(row: row, column: column) { return .null }
        do throws(CellProblem) {
            return try result.rows.withCell(row: row, column: column) { (text) throws(CellProblem) in
                try RowDecoder.value(text, as: types[column], in: arena)
            }
        } catch {
            throw PostgresFailure(
                .internal, "column `\(names[column])` of row \(row + 1): \(error.reason)", column: names[column],
                mayHaveRun: true)
        }
    }
}

extension Span<UInt8> {
    /// Valid UTF-8 by the session's encoding; anything else is repaired.
    var string: String {
        if let utf8 = try? UTF8Span(validating: self) { return String(copying: utf8) }
        var bytes: [UInt8] = []
        bytes.append(span: self)
        return String(decoding: bytes, as: UTF8.self)
    }
}
