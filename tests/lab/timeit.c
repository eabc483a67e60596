/* timeit FILE COMMAND...: wall, user and system seconds, peak KiB and exit status of a command and all its children, into FILE.
 * A program of its own because the peak of a child counts from what its parent had before exec, and an interpreter has much. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct timespec a, b;
	struct rusage r;
	int st;
	FILE *f;

	if (argc < 3)
		return 64;
	clock_gettime(CLOCK_MONOTONIC, &a);
	if (fork() == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	wait4(-1, &st, 0, &r);
	clock_gettime(CLOCK_MONOTONIC, &b);
	f = fopen(argv[1], "w");
	if (!f)
		return 1;
	fprintf(f, "%.6f %ld.%06ld %ld.%06ld %ld %d\n",
		(b.tv_sec - a.tv_sec) + (b.tv_nsec - a.tv_nsec) / 1e9,
		(long)r.ru_utime.tv_sec, (long)r.ru_utime.tv_usec,
		(long)r.ru_stime.tv_sec, (long)r.ru_stime.tv_usec, r.ru_maxrss,
		WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st));
	return fclose(f) != 0;
}
