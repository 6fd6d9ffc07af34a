// Catalogue+Host.swift: the pages of H10xx, the host and its configuration. No text of Bay can show them.

extension Catalogue {
    static let host: [CataloguePage] = [
        CataloguePage(
            .cannotListen, "cannot listen on a port",
            """
            Another program has the port, the address is not one of this machine, or a port below 1024 needs \
            rights that this process lacks. End that program, or take other ports: `--public-port`, `--app-port` \
            and `--admin-port`.
            """),
        CataloguePage(
            .folderUnreadable, "cannot read or write a folder",
            """
            The folder does not exist, is a file, or its rights forbid it; the message says which. The folders of \
            an app are `routes/<app>` and `scripts`, seen from where the command runs. Nothing of a deployment goes \
            live while a part of it cannot be read.
            """),
        CataloguePage(
            .fileUnreadable, "cannot read a file",
            """
            The file went away between the listing and the reading, its rights forbid it, or it is larger than a \
            source file may be (1 MB). A running engine stays with the generation that it has and tries again when \
            the folder changes.
            """),
        CataloguePage(
            .routesFolderEmpty, "the routes folder has no `.bay` file",
            """
            An app without a rule and without an endpoint would do nothing. Put its rules into its folder, for \
            example `routes/orders/routes.bay`, or name another folder.
            """),
        CataloguePage(
            .deploymentTooLarge, "the deployment is too large",
            """
            All `.bay` files of a deployment may have 64 MB together (`--deployment-bytes` says otherwise). Most likely the folder holds something that \
            does not belong there.
            """),
        CataloguePage(
            .sidecarCannotStart, "the sidecar cannot start",
            """
            The embedded sidecar could not read its components, open a state store's file, or listen on its ports; \
            the message says which. See `docs/operations.md` for what it reads.
            """),
        CataloguePage(
            .appNameTaken, "two apps of one session are called alike",
            """
            An app is called as its folder, and other apps reach it by that name. Two folders of one name in one \
            `patchbay dev` would be one app: rename one of them.
            """),
        CataloguePage(
            .databaseMissing, "PostgreSQL is not there",
            """
            `patchbay dev` starts a PostgreSQL of its own for apps with a `database`. It looks for `initdb` and \
            `postgres`, and, because PostgreSQL refuses to run as root, for another user when it is root. Install \
            PostgreSQL, or give a database of your own with `--database`.
            """),
        CataloguePage(
            .databaseFailed, "the private PostgreSQL failed",
            """
            PostgreSQL was found and did not come up; the message has the last lines that it wrote. A full disk, \
            too little shared memory and a folder of another user are the usual reasons.
            """),
        CataloguePage(
            .databaseSchema, "the tables cannot be created",
            """
            The schema file of the session was refused by PostgreSQL; the message has its reply. The statements \
            run each time that a session begins, so write `CREATE TABLE IF NOT EXISTS`.
            """),
        CataloguePage(
            .databaseFolder, "the database's folder cannot be used",
            """
            Another `patchbay dev` uses it, its rights forbid it, or another version of PostgreSQL made it. Stop \
            the other session, take another folder with `--state-dir`, or remove the folder with all its data.
            """),
        CataloguePage(
            .databaseNotAsked, "a database could not be asked about its SQL",
            """
            `patchbay check --connect` prepares every SQL statement on the database that its resource declares; the \
            label says why that one could not be reached. Credentials that stand in a secret store come from a running \
            sidecar (`--dapr-http-port`, `DAPR_HTTP_PORT`); without one, name the database yourself: \
            `--database inventory=postgresql://…`. The exit code is 3, for what was not asked may be wrong.
            """),
    ]
}
