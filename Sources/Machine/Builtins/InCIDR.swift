// InCIDR.swift: the builtin `in_cidr`.

internal import Diagnostics

extension Builtin {
    static let inCIDR = Builtin(
        "in_cidr", on: .string, [Parameter("network", .string)], gives: .bool,
        summary: "Is the text an IP address of a network? A text that is no address is not.",
        examples: [
            Example(.string("10.1.2.3"), .string("10.0.0.0/8"), gives: .bool(true)),
            Example(.string("2001:db8::1"), .string("2001:db8::/32"), gives: .bool(true)),
            Example(.string("nowhere"), .string("10.0.0.0/8"), gives: .bool(false)),
        ],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "in_cidr")
            let network = try call.string(1, "in_cidr")
            guard let parsed = IPNetwork(network.text.string(network.length)) else {
                throw Fault(
                    .badArgument, "`in_cidr` takes a network such as \"10.0.0.0/8\", got \"\(network.asString ?? "")\"")
            }
            return .bool(IPAddress(text).map { parsed.contains($0) } ?? false)
        })
}
