// Folders.swift: which of the folders on the command line hold routes and which hold scripts.
//
// A folder called `scripts`, or one given by `--scripts`, holds modules; every other one is an app's routes. With no
// scripts folder named, `scripts` here is taken when it exists.

internal import Transport

struct Folders: Sendable {
    let routes: [String]
    let scripts: [String]

    static let flag = Flag(
        name: "scripts", value: "FOLDER", summary: "the handlers' folder (default: scripts, when it exists)")

    /// - Parameter skipping: operands that are no folders, before those that are.
    init(_ options: CommandOptions, skipping: Int = 0) {
        func tidy(_ path: String) -> String {
            var path = path
            while path.count > 1, path.hasSuffix("/") { path.removeLast() }
            return path
        }
        let operands = options.operands.dropFirst(skipping).map(tidy)
        var scripts = operands.filter { Self.lastComponent($0) == "scripts" }
        routes = operands.filter { Self.lastComponent($0) != "scripts" }
        if let named = options.text("scripts") { scripts.append(tidy(named)) }
        if scripts.isEmpty, FileSystem.isDirectory("scripts") { scripts = ["scripts"] }
        self.scripts = scripts
    }

    /// `inventory` of `routes/inventory`: an app's name where none is given.
    static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
