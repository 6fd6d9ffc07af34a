// DiagnosticCode.swift: every code, explicit, never reused, never renumbered.
//
// The first digits are the area (a test asserts the ranges): E01 text and tokens, E02 grammar, E03 names,
// E04 types and failures, E05 routes, E06 effects, W08 warnings, F09 faults of a running fiber, H10 host.

package enum DiagnosticCode: String, CaseIterable, Sendable {
    // Names.
    case unknownName = "E0301"
    case duplicateName = "E0302"
    case shadowedName = "E0303"
    case unknownModule = "E0304"
    case unknownType = "E0305"
    case notAValue = "E0306"

    // Types and failures.
    case wrongType = "E0401"
    case wrongArgumentCount = "E0402"
    case unknownArgument = "E0403"
    case unknownMethod = "E0404"
    case nothingToCatch = "E0405"
    case matchNotExhaustive = "E0406"
    case unknownField = "E0407"
    case notAssignable = "E0408"
    case misplacedStatement = "E0409"
    case notConstant = "E0410"
    case tooLarge = "E0411"
    case badBounds = "E0412"
    case badPattern = "E0413"

    // Routes.
    case duplicateSubscription = "E0501"
    case duplicateEndpoint = "E0502"
    case badEndpointPath = "E0503"
    case unknownHandler = "E0504"
    case handlerMisfit = "E0505"
    case eventTypeConflict = "E0506"
    case badOption = "E0507"
    case badTopic = "E0508"
    case unknownAttribute = "E0509"
    case badGlob = "E0510"

    // Effects.
    case unknownResource = "E0601"
    case effectNotAllowed = "E0602"
    case unknownEffect = "E0603"
    case sqlNotLiteral = "E0604"
    case sqlUnbalanced = "E0605"
    case sqlSeveralStatements = "E0606"
    case sqlInterpolationInQuotes = "E0607"
    case sqlPlaceholder = "E0608"
    case assignmentOutside = "E0609"
    case pathNotLiteral = "E0610"
    case notInThisBuild = "E0611"
    case badTarget = "E0612"

    // Warnings.
    case unusedBinding = "W0801"
    case unreachableCode = "W0802"
    case ruleNeverMatches = "W0803"
    case noDeadLetter = "W0804"
    case unreachedHandler = "W0805"
    case endlessRecursion = "W0806"

    // F09: faults of a running fiber.
    /// Reading a field or item of `null`, or of something that has none.
    case readThroughNull = "F0901"
    case outOfFuel = "F0902"
    case outOfMemory = "F0903"
    case callDepthExceeded = "F0904"
    /// An int result that does not fit 64 bits.
    case overflow = "F0905"
    case divisionByZero = "F0906"
    /// An operation on values of a kind that it does not take.
    case wrongKind = "F0907"
    case indexOutOfRange = "F0908"
    /// A float result that would be infinite or not a number.
    case notFinite = "F0909"
    /// A condition that is not `true` or `false`.
    case notBool = "F0910"
    /// `${…}` of null or of an aggregate.
    case notInterpolable = "F0911"
    /// A value that does not fit the type that is stated for it.
    case misfit = "F0912"
    /// A secret where it would leave the process.
    case secretLeak = "F0913"
    case nestedTooDeep = "F0914"
    /// A place that cannot be reached was: a `match` that no arm fits.
    case unreachableReached = "F0915"
    /// An argument outside of what a builtin takes.
    case badArgument = "F0916"

    package var severity: Severity {
        switch rawValue.first {
        case "W": .warning
        case "F": .fault
        default: .error
        }
    }
}
