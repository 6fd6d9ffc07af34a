// DatabaseCredentials.swift: from what a `database` declares to a place to connect to.
//
// Neighbours: DatabaseDoor.swift (opens a pool there), StatementCheck.swift (asks about the SQL).

internal import Dapr
internal import Language
internal import Postgres

enum DatabaseCredentials {
    /// Why there are none.
    struct Refusal: Error {
        let message: String
    }

    /// Finds them, in the secret store where the target is a secret. `completion` is called once, on the sidecar client's
    /// loop; before this returns where nobody has to be asked.
    static func find(
        _ target: ResourceTarget, sidecar: SidecarClient, deadlineNanoseconds: UInt64,
        completion: @escaping (Result<ConnectionTarget, Refusal>) -> Void
    ) {
        switch target {
        case .text(let conninfo): completion(read { () throws(ConnectionTargetError) in try .init(conninfo: conninfo) })
        case .environment(let variable, _):
            completion(.failure(Refusal(message: "the environment variable `\(variable)` is not set")))
        case .secret(let store, let secret, let key):
            sidecar.secret(store: store, name: secret, deadlineNanoseconds: deadlineNanoseconds) { reply in
                switch reply {
                case .failure(let failure): completion(.failure(Refusal(message: failure.message)))
                case .success(let found):
                    completion(
                        read { () throws(ConnectionTargetError) in
                            try .init(secret: entries(found, key: key, named: secret))
                        })
                }
            }
        }
    }

    private static func read(
        _ target: () throws(ConnectionTargetError) -> ConnectionTarget
    ) -> Result<ConnectionTarget, Refusal> {
        do throws(ConnectionTargetError) {
            return .success(try target())
        } catch {
            return .failure(Refusal(message: error.message))
        }
    }

    /// A secret of one value is a URL or conninfo; with a key only that entry counts.
    private static func entries(
        _ entries: [String: String], key: String?, named secret: String
    ) -> [String: String] {
        if let key { return entries[key].map { ["url": $0] } ?? [:] }
        if entries.count == 1, let only = entries[secret] { return ["url": only] }
        return entries
    }
}
