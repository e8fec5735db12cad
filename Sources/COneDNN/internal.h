// What the files of the shim share.
//
// They call oneDNN by the names of its version 3. Where version 2 is installed, version2.h provides those, so that a
// primitive is written once; only what no common name can hide is in both version2.h and version3.h.
#ifndef CONVNET_ONEDNN_INTERNAL_H
#define CONVNET_ONEDNN_INTERNAL_H

#if !__has_include(<dnnl.h>)
#error "oneDNN is missing: install libdnnl-dev (or build without the trait OneDNN: --disable-default-traits)"
#endif
#include "functions.h"

#if DNNL_VERSION_MAJOR < 2 || (DNNL_VERSION_MAJOR == 2 && DNNL_VERSION_MINOR < 6) || DNNL_VERSION_MAJOR > 3
#error "this needs oneDNN 2.6 or newer, or any 3: install libdnnl-dev (or build with --disable-default-traits)"
#endif

#include "COneDNN.h"

// How a layout that is made of blocks has its elements in memory: the block at position p along the axes starts at
// offset + Σ p·strides, and has blocks of sizes `block_sizes` along `block_axes` inside.
struct blocking {
    int rank;
    const int64_t *sizes, *padded_sizes, *strides;
    int64_t offset;
    int block_count;
    const int64_t *block_sizes, *block_axes;
};

#if DNNL_VERSION_MAJOR == 2
#include "version2.h"
#else
#include "version3.h"
#endif

struct cdnn_context {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
};

// The team of threads that the library's parallel regions run in. NULL where it has none, `set_meeting` and `start` where it is
// not the one of team.c.
extern struct cdnn_team {
    void (*set_meeting)(bool meet);
    int (*start)(int threads);
    void (*set_size)(int threads);
    void (*run)(void (*body)(void *), void *argument, unsigned threads, unsigned flags);
    int (*thread)(void);
    int (*size)(void);
} cdnn_team;

struct cdnn_layout {
    dnnl_memory_desc_t description;
};

enum { cdnn_maximum_arguments = 12 };

struct cdnn_primitive {
    cdnn_context *context;
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive;
    cdnn_layout *channels;  // of the vectors with a number a channel; NULL where there are none
    bool parts_meet;  // the shares of the work that its threads do wait for one another, in loops that do not sleep
    int argument_count;
    dnnl_exec_arg_t arguments[cdnn_maximum_arguments];
};

// A primitive in the making, with what is needed only until it is made. Every function that makes one starts a draft,
// calls dnnl_…_primitive_desc_create with it and finishes it.
struct cdnn_draft {
    cdnn_context *context;
    dnnl_status_t status;  // of the first preparation that failed
    dnnl_primitive_attr_t attributes;
    dnnl_primitive_desc_t description;
    int layout_count;
    dnnl_memory_desc_t layouts[3];
};

struct cdnn_draft cdnn_draft_start(cdnn_context *context);
// Has the primitive add its output to what is there, or apply an activation to it, or both.
void cdnn_draft_operations(struct cdnn_draft *draft, bool adds, cdnn_activation activation);
static inline void cdnn_draft_activation(struct cdnn_draft *draft, cdnn_activation activation) {
    cdnn_draft_operations(draft, false, activation);
}
// A layout for oneDNN to choose; it lives as long as the draft.
const_dnnl_memory_desc_t cdnn_draft_layout(struct cdnn_draft *draft, dnnl_data_type_t type, int rank,
                                           const int64_t *sizes);
// Single precision, whatever the type of the feature maps.
const_dnnl_memory_desc_t cdnn_draft_bias(struct cdnn_draft *draft, bool bias, int64_t count);
const_dnnl_memory_desc_t cdnn_draft_window_output(struct cdnn_draft *draft, dnnl_data_type_t type,
                                                  const cdnn_window_shape *shape);
// Makes the primitive, if `status`, which is that of creating draft->description, allows. Ends the draft in any case.
int cdnn_draft_finish(struct cdnn_draft *draft, dnnl_status_t status, cdnn_primitive **result);

dnnl_alg_kind_t cdnn_activation_algorithm(enum cdnn_activation_kind kind);

static inline dnnl_prop_kind_t forward_kind(bool training) {
    return training ? dnnl_forward_training : dnnl_forward_inference;
}

// oneDNN's name for one of the shim's layouts, and the other way round: a copy.
static inline const_dnnl_memory_desc_t description(const cdnn_layout *layout) { return view(&layout->description); }
static inline dnnl_data_type_t element_type(const cdnn_layout *layout) { return get_type(description(layout)); }
static inline dnnl_data_type_t library_type(enum cdnn_type type) {
    return type == cdnn_bfloat16 ? dnnl_bf16 : dnnl_f32;
}
int cdnn_layout_copy(const_dnnl_memory_desc_t original, cdnn_layout **layout);

#endif
