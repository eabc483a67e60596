/* chasquid-util: what the program does when it is called by that name, word for
 * word as chasquid's own does it. */
#pragma once

/* Its exit status. The value of --password is taken from argv and overwritten
 * there before anything else is done. */
int util_main(int argc, char **argv);
