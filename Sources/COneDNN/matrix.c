#ifdef CONVNET_ONEDNN
#include "internal.h"

int cdnn_matrix_product(int64_t rows, int64_t columns, int64_t inner, cdnn_matrix first, cdnn_matrix second,
                        float *result) {
    return dnnl_sgemm(first.transposed ? 'T' : 'N', second.transposed ? 'T' : 'N', rows, columns, inner, 1,
                      first.elements, first.stride, second.elements, second.stride, 0, result, columns);
}
#endif
