/* SIGINT and SIGTERM ask to stop; whoever waits looks here. */
#pragma once

#include <stdbool.h>

void stop_install(void); /* handlers; a second signal ends at once */
bool stop_asked(void);   /* always false inside a shield of this thread */
void stop_ask(void);     /* what the handler does; for tests */
/* Cleaning up must run to its end although we were asked to stop. Nests. */
void stop_shield(void);
void stop_unshield(void);
