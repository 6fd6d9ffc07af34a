// DatabaseDoors.swift: the databases of a deployment, on one loop: credentials from the secret store, then a pool.
//
// A door opens at its first use and stays open over reloads that keep its declaration. Credentials come from the
// secret store, never from the environment of this process; a refusal is told to the run as `unavailable` and asked
// again at the next use, so that a secret that appears later heals by itself.
// Neighbours: EffectPerformer.swift (knocks), Postgres (the pool).

internal import Dapr
internal import Language
internal import Machine
internal import Postgres
internal import Transport

final class DatabaseDoors {
    private let loop: EventLoop
    private let sidecar: SidecarClient
    private let log: Log
    private let connectionsMax: Int
    private var doors: [ResourceTarget: DatabaseDoor] = [:]

    /// - Parameter connectionsMax: of one database on this loop.
    init(loop: EventLoop, sidecar: SidecarClient, log: Log, connectionsMax: Int) {
        self.loop = loop
        self.sidecar = sidecar
        self.log = log
        self.connectionsMax = connectionsMax
    }

    /// The door for a declared database, made when it is new.
    func door(for resource: ResourcePlan) -> DatabaseDoor {
        if let known = doors[resource.target] { return known }
        let door = DatabaseDoor(
            name: resource.name, target: resource.target, loop: loop, sidecar: sidecar, log: log,
            connectionsMax: connectionsMax)
        doors[resource.target] = door
        return door
    }

    /// Closes the doors that this deployment no longer declares, once their statements are done.
    func keep(only resources: [ResourcePlan]) {
        let wanted = Set(resources.lazy.filter { $0.kind == .database }.map(\.target))
        for (target, door) in doors where !wanted.contains(target) {
            door.close()
            doors[target] = nil
        }
    }

    func close() {
        for door in doors.values { door.close() }
        doors = [:]
    }
}
