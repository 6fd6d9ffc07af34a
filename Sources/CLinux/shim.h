// What Glibc's Swift module lacks: epoll, eventfd, signalfd, inotify, accept4.
#pragma once
#include <stdint.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/inotify.h>
#include <pthread.h>
#include <signal.h>

extern int accept4(int, struct sockaddr *, socklen_t *, int);
static inline int clinux_accept(int descriptor) {
    return accept4(descriptor, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
