#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/stop.h"

#define GRACE_MS 2000 /* between SIGTERM and SIGKILL */

/* A pipe that the child writes into and we read. */
struct drain {
	int from, to;
	struct buf *into;
};

static void auto_drain(struct drain *d)
{
	auto_fd(&d->from);
	auto_fd(&d->to);
}

static void shut(int *fd)
{
	auto_fd(fd);
	*fd = -1;
}

static int drain_open(struct drain *d, struct buf *into)
{
	int fds[2];

	d->into = into;
	if (!into) {
		d->to = open("/dev/null", O_WRONLY | O_CLOEXEC);
		return d->to < 0 ? -1 : 0;
	}
	if (pipe2(fds, O_CLOEXEC))
		return -1;
	d->from = fds[0];
	d->to = fds[1];
	return fcntl(d->from, F_SETFL, O_NONBLOCK);
}

/* Reads what is there; what passes the buffer's cap is dropped. */
static void drain_read(struct drain *d)
{
	char at[16384];

	while (d->from >= 0) {
		ssize_t n = read(d->from, at, sizeof(at));

		if (n > 0)
			buf_add(d->into, at, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			shut(&d->from);
		else if (errno == EAGAIN)
			return;
	}
}

/* Input lies in memory rather than in a pipe, so nobody has to feed it. */
static int input_open(struct str input)
{
	if (!input.n)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	AUTO(fd) int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	while (input.n) {
		ssize_t n = write(fd, input.at, input.n);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			input.at += n;
			input.n -= (size_t)n;
		}
	}
	return lseek(fd, 0, SEEK_SET) ? -1 : FD_TAKE(fd);
}

/* Everything a child needs from us. */
struct launch {
	const struct proc *p;
	int in, trouble; /* stdin; where it says that exec failed */
	struct drain out, errs;
	sigset_t mask;
};

static void auto_launch(struct launch *l)
{
	auto_fd(&l->in);
	auto_fd(&l->trouble);
	auto_drain(&l->out);
	auto_drain(&l->errs);
}

static void reset_signals(const sigset_t *mask)
{
	struct sigaction act = { .sa_handler = SIG_DFL };

	for (int i = 1; i < NSIG; i++)
		(void)sigaction(i, &act, NULL);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
}

/* Between fork and exec only what is safe in a threaded program. All our
 * descriptors close at exec; those of libraries are marked here. */
static _Noreturn void child(const struct launch *l)
{
	const struct proc *p = l->p;
	char *const *argv = (char *const *)(uintptr_t)p->argv;
	char *const *env = p->env ? (char *const *)(uintptr_t)p->env : environ;
	int errs = p->merge ? l->out.to : l->errs.to;

	(void)setpgid(0, 0);
	reset_signals(&l->mask);
	if (dup2(l->in, 0) == 0 && dup2(l->out.to, 1) == 1 &&
	    dup2(errs, 2) == 2 && (!p->dir || !chdir(p->dir))) {
		(void)syscall(SYS_close_range, 3U, ~0U, 4U /* CLOEXEC */);
		execvpe(argv[0], argv, env);
	}
	int number = errno;

	if (write(l->trouble, &number, sizeof(number)) < 0)
		_exit(126);
	_exit(127);
}

/* Blocks signals over the fork, so that our handlers never run in a child. */
static pid_t spawn(struct launch *l)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &l->mask);
	pid_t pid = fork();

	if (pid == 0) {
		sigemptyset(&l->mask);
		child(l);
	}
	if (pid > 0)
		(void)setpgid(pid, pid);
	pthread_sigmask(SIG_SETMASK, &l->mask, NULL);
	return pid;
}

/* Did it get to run? The pipe closes at exec, or brings an errno. */
static int started(int from, struct err *e, const char *name)
{
	int number = 0;
	ssize_t n;

	while ((n = read(from, &number, sizeof(number))) < 0 && errno == EINTR)
		continue;
	if (n != (ssize_t)sizeof(number))
		return 0;
	errno = number;
	return err_sys(e, "%s", name);
}

static int prepare(struct launch *l, struct err *e)
{
	const struct proc *p = l->p;

	l->in = input_open(p->input);
	if (l->in < 0 || drain_open(&l->out, p->out) ||
	    drain_open(&l->errs, p->merge ? NULL : p->errs))
		return err_sys(e, "%s", p->argv[0]);
	return 0;
}

static bool has_ended(pid_t pid)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) ||
	       info.si_pid == pid;
}

/* Waits up to wait_ms for output or for the end of the child. */
static void watch(struct launch *l, int pidfd, int64_t wait_ms)
{
	struct pollfd fds[] = {
		{ .fd = l->out.from, .events = POLLIN },
		{ .fd = l->errs.from, .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN },
	};
	int64_t longest = pidfd < 0 ? 10 : 100; /* 100: look at stop_asked */

	(void)poll(fds, 3, (int)(wait_ms < longest ? wait_ms : longest));
	drain_read(&l->out);
	drain_read(&l->errs);
}

enum outcome { ENDED, LATE, STOPPED };

static enum outcome follow(struct launch *l, pid_t pid, int pidfd,
			   int64_t until)
{
	while (!has_ended(pid)) {
		int64_t left = until ? until - clock_ms() : 1000;

		if (left <= 0)
			return LATE;
		if (stop_asked())
			return STOPPED;
		watch(l, pidfd, left);
	}
	return ENDED;
}

/* The leader is not yet reaped, so the group's number still is ours. */
static void end_group(struct launch *l, pid_t pid, int pidfd)
{
	(void)kill(-pid, SIGTERM);
	(void)kill(-pid, SIGCONT);
	for (int64_t until = clock_ms() + GRACE_MS;
	     !has_ended(pid) && clock_ms() < until;)
		watch(l, pidfd, until - clock_ms());
	(void)kill(-pid, SIGKILL);
	while (!has_ended(pid))
		watch(l, pidfd, 1000);
}

static int reap(pid_t pid)
{
	int raw = 0;

	while (waitpid(pid, &raw, 0) < 0 && errno == EINTR)
		continue;
	return WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
}

static int judge(const struct proc *p, enum outcome how, struct err *e)
{
	if (how == LATE)
		return err_set(e, ERR_TIMEOUT,
			       "%s: ended after its limit of %lld s",
			       p->argv[0], (long long)p->limit_ms / 1000);
	if (how == STOPPED)
		return err_set(e, ERR_STOPPED, "%s: stopped", p->argv[0]);
	return 0;
}

int proc_run(const struct proc *p, int *status, struct err *e)
{
	AUTO(launch)
	struct launch l = { .p = p,
			    .in = -1,
			    .trouble = -1,
			    .out = { .from = -1, .to = -1 },
			    .errs = { .from = -1, .to = -1 } };
	int fds[2];

	if (prepare(&l, e))
		return -1;
	if (pipe2(fds, O_CLOEXEC))
		return err_sys(e, "%s", p->argv[0]);
	AUTO(fd) int trouble = fds[0];

	l.trouble = fds[1];
	pid_t pid = spawn(&l);

	if (pid < 0)
		return err_sys(e, "%s", p->argv[0]);
	shut(&l.trouble);
	shut(&l.out.to);
	shut(&l.errs.to);
	if (started(trouble, e, p->argv[0])) {
		reap(pid);
		return -1;
	}
	AUTO(fd) int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int64_t until = p->limit_ms ? clock_ms() + p->limit_ms : 0;
	enum outcome how = follow(&l, pid, pidfd, until);

	end_group(&l, pid, pidfd);
	drain_read(&l.out);
	drain_read(&l.errs);
	*status = reap(pid);
	return judge(p, how, e);
}
