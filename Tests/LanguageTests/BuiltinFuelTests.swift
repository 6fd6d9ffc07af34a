// BuiltinFuelTests.swift: no builtin in a loop outlasts the run's fuel or memory, whatever it is given.
//
// Each is called again and again on large values, by a loop without an end to speak of. The run ends by fuel or memory, at
// the call, and not by anybody's patience: the processor time of a step is bounded. Figures of a release build stand in
// docs/performance.md. Neighbours: Machine/Arguments.swift (what builtins charge), LimitTests.swift (of the machine).

import Diagnostics
import Foundation
import Language
import Machine
import Testing

struct BuiltinFuelTests {
    /// The dearest call that we know of each builtin: on a text of 64 KB, a list of 8,192 items, an object of 4,096 keys.
    static let calls: [String: [String]] = [
        "length": ["accents.length()", "list.length()"], "lower": ["text.lower()", "accents.lower()"],
        "upper": ["text.upper()", "accents.upper()"], "trim": ["blanks.trim()"],
        "split": [#"text.split("x")"#, #"text.split("")"#, #"text.split(",")"#], "join": [#"words.join(with: ", ")"#],
        "replace": [#"text.replace("a", "bb")"#, #"text.replace("aaaaaaaaaaaaaaaaaaab", "")"#],
        "starts_with": ["text.starts_with(text)"], "ends_with": ["text.ends_with(text)"],
        "contains": [
            #"text.contains("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")"#, "list.contains(-1)", "words.contains(text)",
        ],
        "like": [#"text.like("*aaaaaaaaaaab*aaaaaaaaaaac*")"#, #"text.like("*b*b*b*b*b*b*")"#],
        "matches": [#"text.matches(r"(a?){30}b{1000}$")"#], "capture": [#"text.capture(r"(a*)(a*)(a*)(a*)b$")"#],
        "index_of": [#"text.index_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")"#, "list.index_of(-1)"],
        "slice": ["accents.slice(30000)", "list.slice(1)"], "repeat": [#""a".repeat(1_000_000)"#, #"text.repeat(0)"#],
        "pad_left": [#""a".pad_left(1_000_000)"#, #"accents.pad_left(1)"#], "pad_right": [#""a".pad_right(1_000_000)"#],
        "to_int": ["digits.to_int()"], "to_float": ["digits.to_float()"], "to_time": ["text.to_time()"],
        "to_duration": ["digits.to_duration()"],
        "to_json": ["object.to_json()", "accents.to_json()", "made.to_json()"],
        "from_json": ["json.from_json()", "text.from_json()"], "base64_encode": ["text.base64_encode()"],
        "base64_decode": ["text.base64_decode()"], "hex_encode": ["text.hex_encode()"],
        "hex_decode": ["text.hex_decode()"], "url_encode": ["accents.url_encode()"],
        "url_decode": ["text.url_decode()"], "sha256": ["text.sha256()"], "hmac_sha256": ["text.hmac_sha256(text)"],
        "equals_ignore_case": ["text.equals_ignore_case(text)", "accents.equals_ignore_case(accents)"],
        "in_cidr": [#"text.in_cidr("10.0.0.0/8")"#], "append": ["list.append(1)", "made.append(1)"],
        "concat": ["list.concat(list)"], "first": ["list.first()", "unread.first()"], "last": ["list.last()"],
        "get": ["list.get(8000)", #"object.get("k4000")"#, "unread.get(3)"], "reverse": ["list.reverse()"],
        "sort": ["list.sort()", "words.sort()"], "sort_by": ["rows.sort_by(.n)"],
        "unique": ["list.unique()", "rows.unique()"],
        "flatten": ["rows.flatten()", "[list, list].flatten()"], "sum": ["list.sum()"],
        "min": ["list.min()", "words.min()"],
        "max": ["list.max()"], "zip": ["list.zip(list)"], "group_by": ["rows.group_by(.n)"], "keys": ["object.keys()"],
        "values": ["object.values()"], "has": [#"object.has("k4000")"#],
        "set": [#"object.set("k", 1)"#, #"object.set("k0", 1)"#],
        "remove": [#"object.remove("k0")"#], "merge": ["object.merge(object)", "object.merge(other)"],
        "pick": ["object.pick(names)"], "omit": ["object.omit(names)"], "abs": ["(-1).abs()"],
        "round": ["1.2345.round(3)"],
        "floor": ["1.5.floor()"], "ceil": ["1.5.ceil()"], "clamp": ["5.clamp(1, 3)"], "div": ["7.div(2)"],
        "to_string": ["1.5e300.to_string()", "text.sha256().to_string()"], "add": ["5s.add(1s)"],
        "subtract": ["5s.subtract(1s)"],
        "format": [#"time.format("YYYY-MM-DDTHH:mm:ss")"#], "truncate": ["time.truncate(1h)"], "year": ["time.year()"],
        "month": ["time.month()"], "day": ["time.day()"], "hour": ["time.hour()"], "minute": ["time.minute()"],
        "second": ["time.second()"], "weekday": ["time.weekday()"], "unix": ["time.unix()"], "kind": ["list.kind()"],
    ]

    @Test func `every builtin has its dearest call`() {
        #expect(Set(Self.calls.keys) == Set(Builtin.all.map(\.name)))
    }

    /// A part of what a run may have, so that all of this takes seconds in a debug build.
    private static let limits = FiberLimits(
        fuelSteps: 20_000, arenaBytesMax: 8 << 20, callDepthMax: 64, effectsInFlightMax: 1)
    /// Nanoseconds of processor time a step of fuel, and a byte of memory, in a debug build on a slow machine.
    private static let stepMax = 40_000
    private static let byteMax = 200

    /// The data that the calls are on, once.
    private static let data: [UInt8] = {
        let text = String(repeating: "a", count: 65_536)
        let accents = String(repeating: "é", count: 32_768)
        let list = (0..<8_192).map { String(($0 &* 7_919) % 8_192) }.joined(separator: ",")
        let words = (0..<8_192).map { "\"\(String(repeating: "w", count: 30))\($0)\"" }.joined(separator: ",")
        let keys = (0..<4_096).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        let others = (0..<4_096).map { "\"o\($0)\":\($0)" }.joined(separator: ",")
        let names = (0..<4_096).map { "\"k\($0)\"" }.joined(separator: ",")
        let rows = (0..<4_096).map { "{\"n\":\(($0 &* 7_919) % 4_096)}" }.joined(separator: ",")
        let json = "[" + (0..<8_192).map { "{\\\"n\\\":\($0)}" }.joined(separator: ",") + "]"
        return Array(
            """
            {"text":"\(text)","accents":"\(accents)","blanks":"\(String(repeating: " ", count: 65_536))",\
            "digits":"\(String(repeating: "9", count: 65_536))","list":[\(list)],"words":[\(words)],"object":{\(keys)},\
            "other":{\(others)},"names":[\(names)],"rows":[\(rows)],"json":"\(json)","unread":[[[[1,\(list)],2],3],4,[\(list)]]}
            """.utf8)
    }()

    private static func source(_ call: String) -> String {
        """
        get "/" => run
        handler run(request) {
          let b = request.body
          let text = b.text; let accents = b.accents; let blanks = b.blanks; let digits = b.digits; let list = b.list
          let words = b.words; let object = b.object; let other = b.other; let names = b.names; let rows = b.rows
          let json = b.json; let unread = b.unread; let time = "2026-11-21T12:31:00Z".to_time()
          let made = [[x, "é"] for x in list]
          for _ in 0..<1_000_000_000 {
            let _x = \(call)
          }
        }
        """
    }

    @Test(arguments: calls.flatMap { name, calls in calls.map { (name: name, call: $0) } }.map(\.call).sorted())
    func `a call in a loop ends by fuel or memory, at its place`(call: String) throws {
        let file = DeploymentFile(source: SourceFile(path: "routes/a.bay", text: Self.source(call)), module: nil)
        let result = Compiler.compile([file])
        let report = TextRenderer(colour: false, ascii: true).render(result.diagnostics, in: result.sources)
        let deployment = try #require(result.deployment, "\(report)")
        let slab = FiberSlab(fibersMax: 1)
        let fiber = try #require(slab.create(program: deployment.program, limits: Self.limits))
        defer { slab.release(fiber) }
        let arena = try #require(slab.arena(of: fiber))
        let request = arena.object([("body", try arena.json(Self.data))])
        let began = Self.processorNanoseconds()
        let step = slab.start(fiber, try #require(deployment.endpoints.first?.action), argument: request)
        let took = Self.processorNanoseconds() - began
        guard case .faulted(let fault) = step else {
            Issue.record("it ends otherwise")
            return
        }
        let bound = Int(Self.limits.fuelSteps) * Self.stepMax + Int(Self.limits.arenaBytesMax) * Self.byteMax
        #expect(took < bound, "\(took / 1_000_000) ms")
        #expect(fault.code == .outOfFuel || fault.code == .outOfMemory, "\(fault.message)")
        let place = try #require(fault.word.flatMap { deployment.program.range(atWord: $0) })
        let line = file.source.position(at: place.start).line
        #expect(line == 8 || line == 9, "line \(line): \(fault.message)")
    }

    private static func processorNanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
