// ConformanceTests.swift: every case under Tests/Conformance/cases means what it says.
//
// `BAY_CASES_UPDATE=1` writes what happened into the cases instead; then read every line of the difference.

import Foundation
import Testing

struct ConformanceTests {
    @Test(arguments: ConformanceCase.names)
    func `a case comes out as it is written`(name: String) throws {
        let test = try ConformanceCase.named(name)
        var run = ConformanceRun(test)
        try run.run()
        if ProcessInfo.processInfo.environment["BAY_CASES_UPDATE"] == "1" {
            try test.rewritten(run.outcomes)
            return
        }
        for section in ["diagnostics", "effects", "result"] {
            #expect(run.outcomes[section] ?? "" == test.section(section) ?? "", "\(name): \(section)")
        }
    }

    @Test func `there are cases, and each says what it shows`() throws {
        #expect(ConformanceCase.names.count >= 400)
        for name in ConformanceCase.names { #expect(!(try ConformanceCase.named(name).summary.isEmpty), "\(name)") }
    }
}
