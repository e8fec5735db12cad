#ifndef CZLIB_SHIM_H
#define CZLIB_SHIM_H

// A module map cannot name a header of the system by its include path; this file can.
#include <zlib.h>

#endif
