// NameResolver.swift: names → addresses, away from the loops, remembered for a short while.
//
// The system's resolver blocks, so it is asked on one background thread for the whole process. Numeric addresses and
// `localhost` never come here.
// Neighbours: SocketAddress.swift, ClientConnection.swift.
internal import Synchronization

enum NameResolver {
    private struct Entry {
        let addresses: [SocketAddress]
        let expiresNanoseconds: UInt64
    }
    private static let rememberedNanoseconds: UInt64 = 30_000_000_000
    private static let namesMax = 1024
    private static let lookUpsMax = 1024

    private static let remembered = Mutex<[HTTPOrigin: Entry]>([:])
    private static let thread = try? BackgroundThread(name: "names", jobsMax: lookUpsMax)

    /// What is known without asking: numeric addresses, `localhost`, and recent answers.
    static func immediate(_ origin: HTTPOrigin, nowNanoseconds: UInt64) -> [SocketAddress]? {
        if let addresses = SocketAddress.immediate(origin.host, port: origin.port) { return addresses }
        return remembered.withLock { names in
            guard let entry = names[origin], entry.expiresNanoseconds > nowNanoseconds else { return nil }
            return entry.addresses
        }
    }

    /// Asks the system; `completion` is called on `loop`, later.
    static func lookUp(
        _ origin: HTTPOrigin, on loop: EventLoop,
        completion: @escaping (Result<[SocketAddress], TransportError>) -> Void
    ) {
        let refusal = TransportError.nameNotFound(host: origin.host, reason: "too many names are being looked up")
        guard let thread else { return loop.atEndOfTurn { completion(.failure(refusal)) } }
        do throws(BackgroundQueueFull) {
            try thread.submit({ ask(origin) }, on: loop, then: completion)
        } catch {
            loop.atEndOfTurn { completion(.failure(refusal)) }
        }
    }

    private static func ask(_ origin: HTTPOrigin) -> Result<[SocketAddress], TransportError> {
        do throws(TransportError) {
            let addresses = try SocketAddress.lookUp(origin.host, port: origin.port)
            let expires = Clock.monotonicNanoseconds() + rememberedNanoseconds
            remembered.withLock { names in
                if names.count >= namesMax { names.removeAll() }
                names[origin] = Entry(addresses: addresses, expiresNanoseconds: expires)
            }
            return .success(addresses)
        } catch {
            return .failure(error)
        }
    }
}
