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

    struct Look: Sendable {
        let method: String
        let path: String
        let expected: String?
        let parameters: [String: String]

        init(_ method: String, _ path: String, _ expected: String?, _ parameters: [String: String] = [:]) {
            self.method = method
            self.path = path
            self.expected = expected
            self.parameters = parameters
        }
    }

    static let looks: [Look] = [
        Look("GET", "/v1/widgets/7", "/v1/widgets/{id}", ["id": "7"]),
        Look("GET", "/v1/widgets/newest", "/v1/widgets/newest"),
        Look("POST", "/v1/widgets", "/v1/widgets"),
        Look("POST", "/v1/widgets/7", nil),
        Look("GET", "/v1/widgets", nil),
        Look("GET", "/v1/gadgets/a%20b%2Fc/count", "/v1/gadgets/{id}/count", ["id": "a b/c"]),
        Look("GET", "/v1/gadgets/a", "/v1/gadgets/{id}", ["id": "a"]),
        Look("GET", "/files/a/b/c", "/files/{rest*}", ["rest": "a/b/c"]),
        Look("GET", "/files/a/meta", "/files/{id}/meta", ["id": "a"]),
        Look("GET", "/files/a/meta/x", "/files/{rest*}", ["rest": "a/meta/x"]),
        Look("GET", "/", "/"),
        Look("GET", "/v1/widgets/%zz", nil),
        Look("GET", "/nowhere", nil),
    ]

    @Test(arguments: looks)
    func `the most literal endpoint takes the path`(look: Look) {
        let match = router.match(method: look.method, path: look.path)
        #expect(match.map { Self.paths[$0.endpoint].1 } == look.expected)
        var found: [String: String] = [:]
        for parameter in match?.parameters ?? [] { found[parameter.name] = parameter.value }
        #expect(found == look.parameters)
    }
}
