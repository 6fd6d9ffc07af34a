// ListenSocket.swift: a port that is taken, waiting for a server on some loop.
//
// Sockets of a group share their port by SO_REUSEPORT, one per loop, and the kernel spreads connections among them.
// SO_REUSEPORT would also let a second Patchbay share the port silently, so a group first binds the port without it.
// Neighbours: HTTPServer.swift.
internal import CLinux
internal import Glibc

package final class ListenSocket: Sendable {
    private static let backlog: Int32 = 1024

    package let address: String
    package let port: Int
    let descriptor: Int32

    private init(address: String, port: Int, descriptor: Int32) {
        self.address = address
        self.port = port
        self.descriptor = descriptor
    }

    deinit { _ = clinux_close(descriptor) }

    /// Takes a port for one loop. Port 0 takes any free one.
    package static func open(address: String, port: Int) throws(TransportError) -> ListenSocket {
        try open(address: address, port: port, isShared: false)
    }

    /// Takes a port for `count` loops. Port 0 takes any free one.
    package static func group(address: String, port: Int, count: Int) throws(TransportError) -> [ListenSocket] {
        guard count > 1 else { return [try open(address: address, port: port)] }
        if port != 0 { _ = try bound(address: address, port: port, isShared: false) }
        var sockets = [try open(address: address, port: port, isShared: true)]
        while sockets.count < count {
            sockets.append(try open(address: address, port: sockets[0].port, isShared: true))
        }
        return sockets
    }

    private static func open(address: String, port: Int, isShared: Bool) throws(TransportError) -> ListenSocket {
        let socket = try bound(address: address, port: port, isShared: isShared)
        let result = clinux_listen(socket.descriptor, backlog)
        guard result == 0 else { throw failure(result, address: address, port: port) }
        return socket
    }

    /// Bound but not yet listening; closed again when dropped.
    private static func bound(address: String, port: Int, isShared: Bool) throws(TransportError) -> ListenSocket {
        guard port >= 0, port <= 65_535 else {
            throw .addressInvalid(address: address, reason: "port \(port) is not between 0 and 65535")
        }
        guard let target = SocketAddress.immediate(address, port: port)?.first else {
            throw .addressInvalid(
                address: address, reason: "to listen on, write a numeric address such as 127.0.0.1 or 0.0.0.0")
        }
        let descriptor = clinux_socket(target.family)
        guard descriptor >= 0 else { throw failure(descriptor, address: address, port: port) }
        var result = clinux_set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if result == 0, isShared { result = clinux_set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
        if result == 0 { result = unsafe clinux_bind(descriptor, target.bytes, UInt32(target.bytes.count)) }
        if result == 0 { result = clinux_local_port(descriptor) }
        guard result >= 0 else {
            _ = clinux_close(descriptor)
            throw failure(result, address: address, port: port)
        }
        return ListenSocket(address: address, port: Int(result), descriptor: descriptor)
    }

    private static func failure(_ result: Int32, address: String, port: Int) -> TransportError {
        result == -EADDRINUSE
            ? .addressInUse(address: address, port: port)
            : .listenFailed(address: address, port: port, reason: SystemReason(result: result))
    }
}
