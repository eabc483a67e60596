/* Completion scripts for shells, printed from the rows. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

/* bash, zsh or fish; ERR_USAGE for another. */
int complete_script(const char *shell, struct buf *out, struct err *e);
