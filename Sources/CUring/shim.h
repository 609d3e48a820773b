// Makes liburing's static inline functions and macros importable by Swift.
#pragma once
// liburing.h asks for the GNU extensions of the C library, which change some of its structures, and
// Swift's Glibc module is built without them. To have one definition of each, the library's
// features are settled before liburing.h can ask; the one type that it then misses is named first.
#include <features.h>
#include <sched.h>
#include <bits/cpu-set.h>
#include <liburing.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

// The barriers of liburing are generic macros, which Swift does not import: one function for each
// use.

static inline unsigned gyre_completion_tail(const struct io_uring *ring)
{
	return io_uring_smp_load_acquire(ring->cq.ktail);
}

static inline unsigned gyre_completion_head(const struct io_uring *ring)
{
	return *ring->cq.khead;
}

static inline void gyre_completion_advance(struct io_uring *ring, unsigned head)
{
	io_uring_smp_store_release(ring->cq.khead, head);
}

static inline unsigned gyre_submission_flags(const struct io_uring *ring)
{
	return IO_URING_READ_ONCE(*ring->sq.kflags);
}

// Publishes the prepared entries; returns how many the kernel has not consumed yet. Without SQPOLL
// the kernel reads the tail only inside io_uring_enter, so a relaxed store is enough.
static inline unsigned gyre_submission_publish(struct io_uring *ring)
{
	struct io_uring_sq *sq = &ring->sq;

	sq->sqe_head = sq->sqe_tail;
	IO_URING_WRITE_ONCE(*sq->ktail, sq->sqe_tail);
	return sq->sqe_tail - *sq->khead;
}

// How many prepared entries the kernel has not consumed yet.
static inline unsigned gyre_submission_count(struct io_uring *ring)
{
	return ring->sq.sqe_tail - *ring->sq.khead;
}

// Tells the processor that a loop waits for another one's write.
static inline void gyre_relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

// Entry i of the index array is always i: what newer liburing does, and 2.3 may leave to each
// submit.
static inline void gyre_submission_identity(struct io_uring *ring)
{
	if (ring->sq.array == 0)
		return;
	for (unsigned i = 0; i < ring->sq.ring_entries; i++)
		ring->sq.array[i] = i;
}

// io_uring_getevents_arg passed as the sigset of io_uring_enter2, as the EXT_ARG form wants it.
static inline int gyre_enter_with_timeout(struct io_uring *ring, unsigned submit, unsigned wait,
					  unsigned flags, struct __kernel_timespec *timeout)
{
	struct io_uring_getevents_arg arg = {
		.sigmask_sz = _NSIG / 8,
		.ts = (unsigned long) timeout,
	};

	return io_uring_enter2((unsigned) ring->enter_ring_fd, submit, wait,
			       flags | IORING_ENTER_EXT_ARG, (sigset_t *) &arg, sizeof(arg));
}

static inline void gyre_select_buffer(struct io_uring_sqe *sqe, unsigned short group)
{
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = group;
}

static inline bool gyre_opcode_supported(const struct io_uring_probe *probe, int opcode)
{
	return io_uring_opcode_supported(probe, opcode) != 0;
}

// CPU masks of any length, of the calling thread; the C library's wrappers are GNU extensions.
// Both return a negated errno; the first the number of bytes that the kernel wrote.

static inline long gyre_affinity(void *mask, unsigned long bytes)
{
	long code = syscall(SYS_sched_getaffinity, 0, bytes, mask);
	return code < 0 ? -errno : code;
}

static inline long gyre_set_affinity(const void *mask, unsigned long bytes)
{
	long code = syscall(SYS_sched_setaffinity, 0, bytes, mask);
	return code < 0 ? -errno : code;
}

static inline int gyre_restrict_workers(struct io_uring *ring, const void *mask,
					unsigned long bytes)
{
	return io_uring_register_iowq_aff(ring, bytes, (const cpu_set_t *) mask);
}

/// Names the calling thread, for ps, top and perf; up to 15 bytes count.
static inline void gyre_name_thread(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}
