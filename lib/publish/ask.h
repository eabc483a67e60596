/* The DNS's side of a judgement (mail/facts.h): asks for what is wanted. */
#pragma once

#include "mail/facts.h"
#include "net/resolve.h"

/* Answers all that is wanted, many names at once. A name that cannot be asked
 * for now is FACT_TEMP; ERR_STOPPED and ERR_SYS only. */
int ask_facts(struct resolver *r, struct facts *f, struct err *e);
