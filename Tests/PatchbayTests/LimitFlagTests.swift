// LimitFlagTests.swift: the limits of language.md section 11 as flags of `patchbay run`.

import Foundation
import Testing

struct LimitFlagTests {
    @Test(arguments: [
        ("--fuel", "0", "`--fuel` takes a number from 1 to 1000000000, not `0`"),
        ("--run-memory", "12", "`--run-memory` takes a number from 65536 to 2147483648, not `12`"),
        ("--call-depth", "x", "`--call-depth` takes a number from 1 to 1024, not `x`"),
        ("--effects-in-flight", "-1", "`--effects-in-flight` takes a number from 1 to 4096, not `-1`"),
        ("--effect-timeout", "5", "`--effect-timeout` takes a duration such as `25s` or `500ms`, not `5`"),
        ("--event-bytes", "1", "`--event-bytes` takes a number from 1024 to 1073741824, not `1`"),
        ("--deployment-bytes", "many", "`--deployment-bytes` takes a number from 1024 to 1073741824, not `many`"),
    ])
    func `a limit that is none is wrong usage`(flag: String, value: String, says: String) throws {
        let run = try ProgramRun(["run", "routes", flag, value], in: FileManager.default.temporaryDirectory)
        #expect(run.status == 2)
        #expect(run.errors.contains(says), "\(run.errors)")
    }
}
