#include "base/stop.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_bool asked;
static _Thread_local unsigned shields;

void stop_ask(void)
{
	atomic_store(&asked, true);
}

static void on_signal(int number)
{
	(void)number;
	stop_ask();
	(void)signal(SIGINT, SIG_DFL); /* the second one ends at once */
	(void)signal(SIGTERM, SIG_DFL);
}

/* Without SA_RESTART, so that a blocking call comes back with EINTR. */
void stop_install(void)
{
	struct sigaction act = { .sa_handler = on_signal };

	sigemptyset(&act.sa_mask);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
}

bool stop_asked(void)
{
	return !shields && atomic_load(&asked);
}

void stop_shield(void)
{
	shields++;
}

void stop_unshield(void)
{
	if (shields)
		shields--;
}
