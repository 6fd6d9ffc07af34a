// PostgresReply.swift: what a statement came to.
//
// The rows stay in libpq's memory until somebody says into which arena they go: the fiber that asked may be gone.

package import Machine

/// The answer to one statement. May be kept; its rows live as long as it does.
package struct PostgresReply {
    enum Outcome {
        case result(StatementResult, SQLStatement.Mode)
        case description(StatementDescription)
        case failure(PostgresFailure)
    }
    let outcome: Outcome

    static func failure(_ failure: PostgresFailure) -> PostgresReply { PostgresReply(outcome: .failure(failure)) }

    /// Why it failed, if it did. A value that does not fit Bay shows only in `value(in:)`.
    package var failure: PostgresFailure? {
        guard case .failure(let failure) = outcome else { return nil }
        return failure
    }

    /// The value for the script, built in `arena`.
    package func value(in arena: Arena) -> Result<Value, PostgresFailure> {
        switch outcome {
        case .failure(let failure): return .failure(failure)
        case .description: return .success(.null)
        case .result(let result, let mode):
            do throws(PostgresFailure) {
                return .success(try RowDecoder.value(of: result, mode: mode, in: arena))
            } catch {
                return .failure(error)
            }
        }
    }

    /// What the server said about a statement that was only described.
    package var description: Result<StatementDescription, PostgresFailure> {
        switch outcome {
        case .failure(let failure): .failure(failure)
        case .description(let description): .success(description)
        case .result: .success(StatementDescription(parameterTypes: [], columns: []))
        }
    }
}

/// A statement's parameters and columns, as the server understands it.
package struct StatementDescription: Sendable, Equatable {
    package struct Column: Sendable, Equatable {
        package let name: String
        package let type: ColumnType
    }
    package let parameterTypes: [ColumnType]
    /// Empty for statements without rows.
    package let columns: [Column]
}

/// A result with shared ownership.
final class StatementResult {
    let rows: LibpqResult
    init(_ rows: consuming LibpqResult) { self.rows = rows }
}
