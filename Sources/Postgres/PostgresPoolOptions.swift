// PostgresPoolOptions.swift: the numbers of a pool. Every queue has a limit and every wait an end.

package struct PostgresPoolOptions: Sendable {
    /// Kept open, also without work.
    package var connectionsMin = 1
    /// Of this loop; the server sees this many times the number of loops.
    package var connectionsMax = 4
    /// Statements in flight on one connection before others wait.
    package var pipelineDepthMax = 32
    /// Statements that wait for a connection; one more fails at once.
    package var waitersMax = 1024
    /// Prepared statements a connection keeps.
    package var preparedStatementsMax = 256
    /// A statement whose data does not fit is described anew if its description is older: the table may have changed.
    package var descriptionTrust = Duration.seconds(5)
    /// Larger results fail.
    package var resultBytesMax = 64 << 20
    /// A ROLLBACK that takes longer ends its connection, and the transaction with it.
    package var rollbackTimeout = Duration.seconds(5)
    /// From looking up the name to being authenticated.
    package var connectTimeout = Duration.seconds(5)
    /// While the database is down, a statement waits this long (and not beyond its deadline) for it to come back.
    package var downPatience = Duration.seconds(1)
    /// First pause after a failed attempt; it doubles up to the other one, each time between half and the whole.
    package var backoffMin = Duration.milliseconds(50)
    package var backoffMax = Duration.seconds(2)
    /// Connections above `connectionsMin` that did nothing for so long are closed.
    package var idleTimeout = Duration.seconds(60)
    /// A connection whose statements in flight should take longer than this together, or whose current one does take
    /// longer, gets no others behind them.
    package var pipelineStall = Duration.milliseconds(100)
    /// Gives the jitter: a number in 0..<1.
    package var random: @Sendable () -> Double = { Double.random(in: 0..<1) }

    package init() {}
}

/// Numbers for `/readyz`, metrics and tests.
package struct PostgresPoolStatistics: Sendable, Equatable {
    package var connectionsReady = 0
    package var connectionsOpening = 0
    package var inFlight = 0
    package var waiting = 0
    /// Connections that a transaction has for itself.
    package var transactions = 0
    /// Since the pool was made.
    package var connectionsOpened = 0
    package var connectionsFailed = 0
    package var connectionsLost = 0
}
