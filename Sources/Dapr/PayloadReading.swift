// PayloadReading.swift: a message's payload and headers become values, by their media type.
//
// JSON is validated and stays as it came until somebody looks inside; text is a string; all else is bytes.
// Neighbours: SidecarReply.swift (replies), EventEnvelope.swift (binary events), Engine (requests).

package import Machine
package import Wire

package enum PayloadReading {
    package enum Form: Equatable, Sendable {
        case json, text, bytes
    }

    /// `application/json`, `text/json` and `…+json` are JSON; `text/…`, forms, XML and no type at all are text.
    package static func form(ofMediaType mediaType: String) -> Form {
        let type = mediaType.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
        if type == "application/json" || type == "text/json" || type.hasSuffix("+json") { return .json }
        if type.isEmpty || type.hasPrefix("text/") || type.hasSuffix("/xml") || type.hasSuffix("+xml") {
            return .text
        }
        return type == "application/x-www-form-urlencoded" ? .text : .bytes
    }

    /// The value of a payload; no bytes are null.
    ///
    /// - Throws: when it claims to be JSON and is not.
    package static func value(
        of body: MessageBody, mediaType: String, in arena: Arena
    ) throws(JSONError) -> Value {
        guard !body.isEmpty else { return .null }
        switch form(ofMediaType: mediaType) {
        case .json:
            return try body.withUnsafeBytes { (bytes) throws(JSONError) -> Value in
                try arena.json(bytes, copy: true)
            }
        case .text: return text(body, in: arena)
        case .bytes: return body.withUnsafeBytes { arena.bytes($0.bindMemory(to: UInt8.self).span) }
        }
    }

    /// Header fields as an object, names in lower case; several of one name are joined by a comma (RFC 9110, 5.3).
    ///
    /// - Parameter hidden: the one that is left out.
    package static func headers(_ fields: HeaderFields, without hidden: String? = nil, in arena: Arena) -> Value {
        var joined: [(name: String, value: String)] = []
        for (name, value) in fields.all where name != hidden {
            if let known = joined.firstIndex(where: { $0.name == name }) {
                joined[known].value += ", \(value)"
            } else {
                joined.append((name, value))
            }
        }
        return arena.object(joined.map { ($0.name, arena.string($0.value)) })
    }

    /// The same for what only has to be shown: JSON that is none is text.
    static func lenient(_ body: MessageBody, mediaType: String, in arena: Arena) -> Value {
        do throws(JSONError) {
            return try value(of: body, mediaType: mediaType, in: arena)
        } catch {
            return text(body, in: arena)
        }
    }

    /// JSON, else text, else bytes: for stores, which do not say what they hold.
    static func stored(_ body: MessageBody, in arena: Arena) -> Value {
        lenient(body, mediaType: "application/json", in: arena)
    }

    /// A string where the bytes are valid UTF-8, else bytes.
    private static func text(_ body: MessageBody, in arena: Arena) -> Value {
        body.withUnsafeBytes { bytes in
            let span = bytes.bindMemory(to: UInt8.self).span
            return arena.string(validating: span) ?? arena.bytes(span)
        }
    }
}
