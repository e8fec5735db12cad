// Stands in for Winograd's convolution where there is none, and cker_winograd_supports() says so.
#include "CKernels.h"

#ifndef __x86_64__

int64_t cker_winograd_phases(const cker_winograd_shape *shape, enum cker_winograd_pass pass, int64_t parts) {
    (void)shape, (void)pass, (void)parts;
    return 0;
}

size_t cker_winograd_scratch_bytes(const cker_winograd_shape *shape, enum cker_winograd_pass pass, int64_t parts) {
    (void)shape, (void)pass, (void)parts;
    return 0;
}

void cker_winograd_forward(const cker_winograd_forward_arguments *arguments, int64_t phase, int64_t part,
                           int64_t parts) {
    (void)arguments, (void)phase, (void)part, (void)parts;
}

void cker_winograd_backward_data(const cker_winograd_data_arguments *arguments, int64_t phase, int64_t part,
                                 int64_t parts) {
    (void)arguments, (void)phase, (void)part, (void)parts;
}

void cker_winograd_backward_weights(const cker_winograd_weights_arguments *arguments, int64_t phase, int64_t part,
                                    int64_t parts) {
    (void)arguments, (void)phase, (void)part, (void)parts;
}

#endif
