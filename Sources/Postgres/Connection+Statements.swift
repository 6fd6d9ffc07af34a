// Connection+Statements.swift: sending statements and taking their results.
//
// A text that this connection meets for the first time is prepared and described in one exchange; who asks for it
// waits for that one round trip, because the parameters are written as the statement asks for them.

internal import Machine
internal import Transport

extension Connection {
    /// Gives the connection a statement. Answers come later, never from inside.
    func submit(_ request: StatementRequest) {
        guard phase == .ready else { preconditionFailure("a statement was given to a connection that is not open") }
        request.connection = self
        guard let known = prepared.find(request.statement) else { return prepare(for: request) }
        switch known.phase {
        case .ready(let description): send(request, known, description)
        case .describing(let waiting):
            known.phase = .describing(waiting: waiting + [request])
            describingCount += 1
        }
    }

    private func prepare(for request: StatementRequest) {
        let added = prepared.add(request.statement)
        added.phase = .describing(waiting: [request])
        describingCount += 1
        guard handle?.sendPrepare(name: added.name, text: request.statement.text) == true,
            handle?.sendDescribe(name: added.name) == true
        else { return loseSoon() }
        sync(Exchange(.prepare(added)))
    }

    func deallocate(_ statement: PreparedStatement) {
        guard handle?.sendCommand("DEALLOCATE \(statement.name)") == true else { return loseSoon() }
        sync(Exchange(.deallocate))
    }

    private func send(_ request: StatementRequest, _ known: PreparedStatement, _ description: StatementDescription) {
        if case .describe = request.purpose {
            answer(request, PostgresReply(outcome: .description(description)))
            return deliverSoon()
        }
        do throws(PostgresFailure) {
            try ParameterEncoder.encode(request.parameters, as: description.parameterTypes, into: &encoded)
        } catch {
            if isOld(known), !request.hasReprepared {
                request.hasReprepared = true
                return resubmit(request, forgetting: known)
            }
            answer(request, .failure(error))
            return deliverSoon()
        }
        request.isSent = true
        let exchange = Exchange(.run(request, known))
        guard handle?.sendExecute(name: known.name, parameters: encoded) == true else {
            exchanges.append(exchange)
            if let expected = exchange.expectedNanoseconds {
                expectedNanoseconds += expected
            } else {
                unknownCount += 1
            }
            return loseSoon()
        }
        sync(exchange)
    }

    private func sync(_ exchange: Exchange) {
        if exchanges.isEmpty { headSinceNanoseconds = loop.nowNanoseconds }
        exchanges.append(exchange)
        if let expected = exchange.expectedNanoseconds { expectedNanoseconds += expected } else { unknownCount += 1 }
        guard handle?.sendSync() == true else { return loseSoon() }
        flush()
    }

    /// libpq refused: the connection is gone. The rest happens outside of `submit`, after what has arrived was read.
    func loseSoon() {
        noteLoss()
        loop.atEndOfTurn { [self] in
            guard phase == .ready else { return }
            exchangeBytes()
            if phase == .ready { end(lost()) }
        }
    }

    private func deliverSoon() {
        loop.atEndOfTurn { [self] in deliver() }
    }

    // MARK: results

    /// Takes what has arrived. Ends the connection on what must not happen; its callers look at `phase`.
    func takeResults() {
        var consecutiveNils = 0
        while phase == .ready, let isBusy = handle?.isBusy, !isBusy {
            guard let result = handle?.nextResult() else {
                // One nil ends a command's results; with nothing in flight, or a second one, that was all.
                consecutiveNils += 1
                if exchanges.isEmpty || consecutiveNils > 1 { return }
                continue
            }
            consecutiveNils = 0
            guard let exchange = exchanges.first else {
                return end(lost(reason: "the server answered what nobody asked"))
            }
            if result.status == .sync {
                _ = exchanges.popFirst()
                note(exchange)
                finish(exchange)
                watch.headChanged(on: self)
            } else {
                exchange.absorb(result)
                if exchange.isCopy { return end(lost(reason: "a COPY took over the connection")) }
                if handle?.isBad == true { return }
            }
        }
    }

    /// Learns how long it took, and begins to count for the next one.
    private func note(_ exchange: Exchange) {
        let now = loop.nowNanoseconds
        if let expected = exchange.expectedNanoseconds { expectedNanoseconds -= expected } else { unknownCount -= 1 }
        if case .run(_, let prepared) = exchange.work { prepared.took(nanoseconds: now &- headSinceNanoseconds) }
        headSinceNanoseconds = now
    }

    private func finish(_ exchange: Exchange) {
        switch exchange.work {
        case .deallocate: break
        case .prepare(let statement): finishPreparing(statement, exchange)
        case .run(let request, let statement): finishRunning(request, statement, exchange)
        }
    }

    private func finishPreparing(_ statement: PreparedStatement, _ exchange: Exchange) {
        let waiting = takeWaiting(of: statement)
        guard exchange.failure == nil, let result = exchange.result else {
            // Not kept: the table may be there the next time.
            prepared.remove(statement)
            let failure =
                exchange.failure?.failure(mayHaveRun: false)
                ?? PostgresFailure(.internal, "the server did not describe the statement", mayHaveRun: false)
            for request in waiting {
                if isStrayCancel(exchange.failure, of: request) {
                    submit(request)
                } else {
                    answer(request, .failure(failure))
                }
            }
            return
        }
        let description = StatementDescription(result)
        statement.phase = .ready(description)
        statement.describedNanoseconds = loop.nowNanoseconds
        for request in waiting where !request.isAnswered { send(request, statement, description) }
        while phase == .ready, let surplus = prepared.evictSurplus() { deallocate(surplus) }
    }

    private func finishRunning(_ request: StatementRequest, _ statement: PreparedStatement, _ exchange: Exchange) {
        guard !request.isAnswered, case .run(let mode) = request.purpose else { return }
        if let error = exchange.failure {
            let isStale = error.isStalePlan || (error.mayBeStaleTypes && isOld(statement))
            if request.isInside {
                // What came before it in the transaction is undone too: it cannot run again alone.
                if isStale { forget(statement) }
                return answer(request, .failure(error.failure(mayHaveRun: false)))
            }
            if isStale, !request.hasReprepared {
                // Rolled back by the server, so running it again is safe.
                request.hasReprepared = true
                return resubmit(request, forgetting: statement)
            }
            if isStrayCancel(error, of: request) { return resubmit(request, forgetting: nil) }
            return answer(request, .failure(error.failure(mayHaveRun: false)))
        }
        guard let result = exchange.result else {
            let failure = PostgresFailure(
                .internal, "the server ended the statement without a result", mayHaveRun: true)
            return answer(request, .failure(failure))
        }
        guard result.rows.memoryBytes <= options.resultBytesMax else {
            let failure = PostgresFailure(
                .invalid,
                "the result has \(result.rows.memoryBytes) bytes, at most \(options.resultBytesMax) are taken;"
                    + " ask for fewer rows", mayHaveRun: true)
            return answer(request, .failure(failure))
        }
        answer(request, PostgresReply(outcome: .result(result, mode)))
    }

    /// Hit by the cancel request of a neighbour, and not sent again yet: from here on it is.
    private func isStrayCancel(_ error: ServerError?, of request: StatementRequest) -> Bool {
        guard error?.sqlstate == "57014", watch.hasCancelledLately(on: loop), !request.isInside,
            !request.hasBeenResent
        else { return false }
        request.hasBeenResent = true
        return true
    }

    private func isOld(_ statement: PreparedStatement) -> Bool {
        loop.nowNanoseconds &- statement.describedNanoseconds >= options.descriptionTrust.wholeNanoseconds
    }

    /// The next transaction prepares it anew.
    private func forget(_ statement: PreparedStatement) {
        prepared.remove(statement)
        forgottenInside.append(statement)
    }

    private func resubmit(_ request: StatementRequest, forgetting statement: PreparedStatement?) {
        if let statement {
            prepared.remove(statement)
            deallocate(statement)
        }
        request.isSent = false
        submit(request)
    }

    /// The requests that waited for a description, those whose time ran out aside.
    func takeWaiting(of statement: PreparedStatement) -> [StatementRequest] {
        guard case .describing(let waiting) = statement.phase else { return [] }
        statement.phase = .describing(waiting: [])
        describingCount -= waiting.count
        return waiting.filter { !$0.isAnswered }
    }
}

extension StatementDescription {
    init(_ result: StatementResult) {
        parameterTypes = result.rows.parameterTypes
        columns = (0..<result.rows.columnCount).map {
            Column(name: result.rows.columnName($0), type: result.rows.columnType($0))
        }
    }
}
