import Diagnostics
import Language
import Machine
import Testing

@testable import Engine

struct EndpointRouterTests {
    private static func endpoint(_ method: String, _ path: String) -> CompiledEndpoint {
        let segments = path.split(separator: "/").map { part -> CompiledEndpoint.Segment in
            guard part.hasPrefix("{") else { return .literal(String(part)) }
            let name = String(part.dropFirst().dropLast())
            return name.hasSuffix("*") ? .rest(String(name.dropLast())) : .parameter(name)
        }
        return CompiledEndpoint(
            method: method, path: path, segments: segments, action: FunctionIndex(0), timeoutNanoseconds: 1,
            range: SourceRange(file: SourceFileID(0), start: 0, end: 0))
    }

    private static let paths = [
        ("GET", "/v1/widgets/{id}"), ("POST", "/v1/widgets"), ("GET", "/v1/widgets/newest"),
        ("GET", "/v1/gadgets/{id}/count"), ("GET", "/v1/gadgets/{id}"), ("GET", "/files/{rest*}"), ("GET", "/"),
        ("GET", "/files/{id}/meta"),
    ]
    private let router = EndpointRouter(paths.map { endpoint($0.0, $0.1) })

    @Test(arguments: [
        ("GET", "/v1/widgets/7", "/v1/widgets/{id}", ["id": "7"]),
        ("GET", "/v1/widgets/newest", "/v1/widgets/newest", [:]),
        ("POST", "/v1/widgets", "/v1/widgets", [:]),
        ("POST", "/v1/widgets/7", nil, [:]),
        ("GET", "/v1/widgets", nil, [:]),
        ("GET", "/v1/gadgets/a%20b%2Fc/count", "/v1/gadgets/{id}/count", ["id": "a b/c"]),
        ("GET", "/v1/gadgets/a", "/v1/gadgets/{id}", ["id": "a"]),
        ("GET", "/files/a/b/c", "/files/{rest*}", ["rest": "a/b/c"]),
        ("GET", "/files/a/meta", "/files/{id}/meta", ["id": "a"]),
        ("GET", "/files/a/meta/x", "/files/{rest*}", ["rest": "a/meta/x"]),
        ("GET", "/", "/", [:]),
        ("GET", "/nowhere", nil, [:]),
    ])
    func `the most literal endpoint takes the path`(
        method: String, path: String, expected: String?, parameters: [String: String]
    ) {
        let match = router.match(method: method, path: path)
        #expect(match.map { Self.paths[$0.endpoint].1 } == expected)
        let found = Dictionary(uniqueKeysWithValues: (match?.parameters ?? []).map { ($0.name, $0.value) })
        #expect(found == parameters)
    }
}
