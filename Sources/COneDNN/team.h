// A team of threads for the parallel regions of oneDNN and of the engine's own kernels: see team.c.
#ifndef CONVNET_ONEDNN_TEAM_H
#define CONVNET_ONEDNN_TEAM_H

#include <stdbool.h>

// OpenMP's functions as GCC calls them, on such a team. `threads` 0 means as many as were set.
void cdnn_team_parallel(void (*body)(void *), void *argument, unsigned threads, unsigned flags);
void cdnn_team_barrier(void);
int cdnn_team_thread(void);
int cdnn_team_size(void);
int cdnn_team_maximum(void);
int cdnn_team_is_parallel(void);
// Of the calling thread's regions.
void cdnn_team_set_maximum(int threads);

// Has the calling thread's team at least so many threads, the calling one included. Returns how many it has if the system
// grants fewer; else `threads`.
int cdnn_team_start(int threads);

// Whether parts of the calling thread's regions wait for one another, without cdnn_team_barrier too: all threads are called to
// these.
void cdnn_team_set_meeting(bool meet);

// Has a library that was loaded, and nobody else, call these in the place of OpenMP's. False, with nothing changed, where
// it uses no OpenMP, or more of it than this, or where this system's way of linking is not known here.
bool cdnn_team_serve(void *library);

#endif
