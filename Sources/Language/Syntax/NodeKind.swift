// NodeKind.swift: the kinds of the syntax tree's nodes, each with the children that it has, in order.
//
// The tree is flat: a node is twenty bytes in one array, its children a run in another. `x?` is a child that
// may be `NodeID.none`; `x…` any number of them. Round brackets leave no node. `-` before a number is a `negate`
// of it, in types and patterns too (the lowest int alone is one integer); a name in bounds is a `path`.
// The grammar is language.md section 5.
// Neighbours: SyntaxTree.swift (stores), Parser*.swift (builds), Check (reads).

package enum NodeKind: UInt8, CaseIterable, Sendable {
    /// What could not be parsed; already reported. Silences whatever touches it.
    case error

    // Declarations.
    /// `declaration…`
    case file
    /// `name field…`
    case record
    /// `key type default?`
    case field
    /// `string type`
    case eventType
    /// `name type? expression`
    case constant
    /// `name parameters returnType? body`: body is an expression or a block
    case function
    /// `name parameter? block`
    case handler
    /// `parameter…`
    case parameters
    /// `name type?`
    case parameter
    /// `word name target options?`: word is a name, `database` …
    case resource
    /// `string`
    case targetText
    /// `string string?`
    case targetSecret
    /// `string string?`
    case targetEnvironment
    /// `option…`
    case options
    /// `key value`: value is an expression or an interval
    case option
    /// `string options? rule… otherwise?`: the last one is a rule or an `otherwiseRule`
    case subscribe
    /// `patterns name? where? action`: action is a path or a block
    case rule
    /// `string…`
    case typePatterns
    /// `action`
    case otherwiseRule
    /// `word string options? action`: word is a name, `get` …
    case endpoint
    /// `string path options? serveMethod…`
    case serve
    /// `name action`
    case serveMethod
    /// `word string options? action`: word is `input` or `job`
    case trigger
    /// `name…`
    case path

    // Types.
    /// `name bounds? argument?`
    case typeName
    /// `type bounds?`
    case typeList
    /// `type bounds?`
    case typeDictionary
    /// `literal…`
    case typeUnion
    /// `type`
    case typeOptional
    /// `interval`
    case boundsInterval
    /// `string`
    case boundsLike
    /// `low? high?`; flag 1: written `..<`
    case interval

    // Statements.
    /// `statement…`
    case block
    /// `name type? expression`
    case letStatement
    /// `name type? expression`
    case varStatement
    /// `name expression`; flag is an `AssignmentOperator`
    case assignment
    /// `name name? subject where? block`: subject is an interval or an expression
    case forLoop

    // Exits.
    /// `expression?`
    case returnExit
    /// `expression?`
    case retryExit
    /// `expression?`
    case dropExit
    /// `expression`
    case failExit
    case keepExit
    case breakExit
    case continueExit

    // Expressions.
    /// `expression name block`
    case catchBinding
    /// `expression fallback`
    case catchValue
    /// `left right`
    case or, and
    /// `operand`
    case not
    /// `left right`
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    /// `left right`: right is an interval or an expression
    case isIn, isNotIn
    /// `left right`
    case coalesce
    /// `left right`
    case add, subtract, multiply, divide, remainder
    /// `operand`
    case negate
    /// `object name`; flag 1: written `?.`
    case member
    /// `member text`: `inventory.one "SELECT …"`; text is a `string` or a `text`
    case templateCall
    /// `object index`
    case index
    /// `callee argument…`
    case call
    /// `key? value`: value is an expression or a selector
    case argument
    /// `name…`
    case selector

    // Leaves; `payload` says which.
    /// payload: symbol
    case name
    /// payload: index into `SyntaxTree.integers`
    case integer
    /// payload: index into `SyntaxTree.integers`, bytes (`64kb`)
    case size
    /// payload: index into `SyntaxTree.integers`, nanoseconds (`1h30m`)
    case duration
    /// payload: index into `SyntaxTree.floats`
    case float
    /// payload: index into `SyntaxTree.strings`; the value, escapes resolved
    case string
    case trueLiteral, falseLiteral, nullLiteral

    // Compounds.
    /// `part…`: strings and expressions in turn, as they come; at least one is an expression
    case text
    /// `item…`: expressions and spreads
    case list
    /// `expression`
    case spread
    /// `expression clause`
    case listComprehension
    /// `entry…`: entries, shorthands, computed entries, spreads
    case object
    /// `key expression`: key is a name or a string
    case entry
    /// `name`
    case shorthandEntry
    /// `expression expression`
    case computedEntry
    /// `keyExpression expression clause`
    case objectComprehension
    /// `name name? subject where?`
    case clause
    /// `condition block else?`: else is an `ifExpression` or a block
    case ifExpression
    /// `subject arm… otherwise?`: the last one is an arm or a `matchOtherwise`
    case matchExpression
    /// `pattern where? result`: result is an expression or a block
    case arm
    /// `result`
    case matchOtherwise
    /// `name key options? name block`
    case update
    /// `name key options? block`
    case lock
    /// `name options? block`
    case transaction
    /// `list` or `object` or a comprehension
    case together
    /// `name expression where`
    case anyQuantifier, allQuantifier
    /// `expression`
    case exists

    // Patterns of `match`. Literals, strings and intervals stand for themselves.
    /// `pattern…`: `a | b`
    case alternatives
    /// `pattern name`: `p as name`
    case bindingPattern
    /// `_`
    case wildcard
    /// `part…`: patterns, and a `restPattern` last
    case listPattern
    /// `name`
    case restPattern
    /// `fit…`: `fieldPattern`s and names
    case objectPattern
    /// `key pattern`
    case fieldPattern
}

/// The operator of an `assignment`.
package enum AssignmentOperator: UInt8, Sendable {
    case set, add, subtract, multiply, divide
}
