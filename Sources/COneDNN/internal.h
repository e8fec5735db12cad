#ifndef CONVNET_ONEDNN_INTERNAL_H
#define CONVNET_ONEDNN_INTERNAL_H

#include <dnnl.h>

#include "COneDNN.h"

struct cdnn_context {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
};

struct cdnn_layout {
    dnnl_memory_desc_t description;
};

enum { cdnn_maximum_arguments = 8 };

struct cdnn_primitive {
    cdnn_context *context;
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive;
    int argument_count;
    dnnl_exec_arg_t arguments[cdnn_maximum_arguments];
};

#endif
