// What Glibc's Swift module lacks: epoll, eventfd, signalfd, inotify, accept4, pidfd, and the few calls whose
// C types (unions, variable-length socket addresses, flexible arrays) would cost more casts than they are worth.
//
// Law: wrappers only, no logic. A wrapper answers what the call answers, with -errno in place of -1, so that
// nothing runs between the failure and the reading of its reason.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <dirent.h>
#include <unistd.h>

// Declared here because Glibc's headers hide them without _GNU_SOURCE.
extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pthread_setname_np(pthread_t, const char *);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
extern int pipe2(int[2], int);

static inline int clinux_result(int result) { return result < 0 ? -errno : result; }
static inline int64_t clinux_size(ssize_t result) { return result < 0 ? -(int64_t)errno : (int64_t)result; }

// Sockets.
static inline int clinux_socket(int family) {
    return clinux_result(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}
static inline int clinux_accept(int descriptor) {
    return clinux_result(accept4(descriptor, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC));
}
static inline int clinux_bind(int descriptor, const void *address, uint32_t length) {
    return clinux_result(bind(descriptor, (const struct sockaddr *)address, length));
}
static inline int clinux_connect(int descriptor, const void *address, uint32_t length) {
    return clinux_result(connect(descriptor, (const struct sockaddr *)address, length));
}
static inline int clinux_listen(int descriptor, int backlog) { return clinux_result(listen(descriptor, backlog)); }
static inline int clinux_set_option(int descriptor, int level, int name, int value) {
    return clinux_result(setsockopt(descriptor, level, name, &value, sizeof value));
}
static inline int clinux_set_no_delay(int descriptor) {
    return clinux_set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
}
/// The pending error of a socket (an errno, 0 for none), or -errno when even that cannot be read.
static inline int clinux_socket_error(int descriptor) {
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) < 0 ? -errno : error;
}
/// The port that a bound socket got, in host order.
static inline int clinux_local_port(int descriptor) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    if (getsockname(descriptor, (struct sockaddr *)&address, &length) < 0) return -errno;
    if (address.ss_family == AF_INET) return ntohs(((struct sockaddr_in *)&address)->sin_port);
    if (address.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    return -EAFNOSUPPORT;
}
static inline int64_t clinux_receive(int descriptor, void *bytes, size_t count) {
    return clinux_size(recv(descriptor, bytes, count, MSG_DONTWAIT));
}
static inline int64_t clinux_peek(int descriptor, void *bytes, size_t count) {
    return clinux_size(recv(descriptor, bytes, count, MSG_DONTWAIT | MSG_PEEK));
}
static inline int64_t clinux_send(int descriptor, const void *bytes, size_t count) {
    return clinux_size(send(descriptor, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL));
}
/// Two pieces in one call, so that a head and a large body leave together without being joined.
static inline int64_t clinux_send_two(
    int descriptor, const void *first, size_t first_count, const void *second, size_t second_count) {
    struct iovec pieces[2] = {{(void *)first, first_count}, {(void *)second, second_count}};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = pieces;
    message.msg_iovlen = 2;
    return clinux_size(sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL));
}
static inline int clinux_shutdown_writing(int descriptor) { return clinux_result(shutdown(descriptor, SHUT_WR)); }

// Descriptors.
static inline int clinux_close(int descriptor) { return clinux_result(close(descriptor)); }
static inline int64_t clinux_read(int descriptor, void *bytes, size_t count) {
    return clinux_size(read(descriptor, bytes, count));
}
static inline int64_t clinux_write(int descriptor, const void *bytes, size_t count) {
    return clinux_size(write(descriptor, bytes, count));
}
static inline int clinux_open_for_reading(const char *path) { return clinux_result(open(path, O_RDONLY | O_CLOEXEC)); }
static inline int clinux_spare_descriptor(void) { return clinux_result(open("/dev/null", O_RDONLY | O_CLOEXEC)); }
/// Both ends close on exec; only the reading end is non-blocking (the writing end belongs to a child).
static inline int clinux_pipe(int *reading, int *writing) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) {
        int error = errno;
        close(ends[0]);
        close(ends[1]);
        return -error;
    }
    *reading = ends[0];
    *writing = ends[1];
    return 0;
}

// Waiting.
static inline int clinux_epoll_create(void) { return clinux_result(epoll_create1(EPOLL_CLOEXEC)); }
static inline int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t data) {
    struct epoll_event event;
    event.events = events;
    event.data.u64 = data;
    return clinux_result(epoll_ctl(epoll, operation, descriptor, &event));
}
static inline int clinux_epoll_wait(int epoll, struct epoll_event *events, int count, int milliseconds) {
    return clinux_result(epoll_wait(epoll, events, count, milliseconds));
}
static inline int clinux_wake_descriptor(void) { return clinux_result(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }
static inline int clinux_blocking_wake_descriptor(void) { return clinux_result(eventfd(0, EFD_CLOEXEC)); }

// Signals.
static inline int clinux_signal_descriptor(const sigset_t *signals) {
    return clinux_result(signalfd(-1, signals, SFD_NONBLOCK | SFD_CLOEXEC));
}
/// The next pending signal's number, or -EAGAIN.
static inline int clinux_next_signal(int descriptor) {
    struct signalfd_siginfo information;
    ssize_t count = read(descriptor, &information, sizeof information);
    if (count < 0) return -errno;
    return count == sizeof information ? (int)information.ssi_signo : -EIO;
}

// Directories.
static inline int clinux_inotify(void) { return clinux_result(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)); }
/// Watches the directory itself: never the files, whose inodes an editor or a ConfigMap swap replaces.
static inline int clinux_watch_directory(int descriptor, const char *path) {
    return clinux_result(inotify_add_watch(
        descriptor, path,
        IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR));
}
static inline int clinux_unwatch(int descriptor, int watch) { return clinux_result(inotify_rm_watch(descriptor, watch)); }
static inline const char *clinux_entry_name(const struct dirent *entry) { return entry->d_name; }
/// The kind bits of what `path` leads to (links followed), or -errno.
static inline int clinux_file_kind(const char *path) {
    struct stat status;
    return stat(path, &status) < 0 ? -errno : (int)(status.st_mode & S_IFMT);
}
static inline int clinux_is_directory(int kind) { return kind == S_IFDIR; }
static inline int clinux_is_file(int kind) { return kind == S_IFREG; }

// Processes.
static inline int clinux_pidfd_open(pid_t process) { return clinux_result((int)syscall(SYS_pidfd_open, process, 0)); }
static inline int clinux_pidfd_signal(int descriptor, int signal) {
    return clinux_result((int)syscall(SYS_pidfd_send_signal, descriptor, signal, 0, 0));
}
/// Reaps the child behind a pidfd. 1: reaped, `*exited` says whether `*status` is an exit code or a signal; 0: it still runs.
static inline int clinux_reap(int descriptor, int *exited, int *status) {
    siginfo_t information;
    memset(&information, 0, sizeof information);
    if (waitid((idtype_t)3 /* P_PIDFD */, (id_t)descriptor, &information, WEXITED | WNOHANG) < 0) return -errno;
    if (information.si_pid == 0) return 0;
    *exited = information.si_code == CLD_EXITED;
    *status = information.si_status;
    return 1;
}

/// Our own environment, to be passed on.
extern char **environ;
static inline char **clinux_environment(void) { return environ; }

// Randomness.
static inline int64_t clinux_random(void *bytes, size_t count) { return clinux_size(getrandom(bytes, count, 0)); }

/// Bytes that the allocator has given out and not got back.
static inline size_t patchbay_heap_bytes(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
