#include "CWebP.h"

#include <string.h>

#ifdef CONVNET_WEBP

#include <webp/decode.h>

bool cwebp_is_available(void) { return true; }

static cwebp_status refuse(VP8StatusCode code, char *message) {
    const char *reason = code == VP8_STATUS_OUT_OF_MEMORY        ? "there is not enough memory"
                         : code == VP8_STATUS_UNSUPPORTED_FEATURE ? "it uses a feature that libwebp does not decode"
                                                                  : "its data is not valid";
    strncpy(message, reason, CWEBP_MESSAGE_SIZE - 1);
    message[CWEBP_MESSAGE_SIZE - 1] = 0;
    return code == VP8_STATUS_NOT_ENOUGH_DATA || code == VP8_STATUS_SUSPENDED ? cwebp_truncated : cwebp_corrupt;
}

static cwebp_status read_features(
    const uint8_t *data, size_t size, WebPBitstreamFeatures *features, char message[CWEBP_MESSAGE_SIZE]) {
    const VP8StatusCode code = WebPGetFeatures(data, size, features);
    if (code != VP8_STATUS_OK) return refuse(code, message);
    if (!features->has_animation) return cwebp_ok;
    strncpy(message, "it is animated, and only still pictures are decoded", CWEBP_MESSAGE_SIZE);
    return cwebp_corrupt;
}

cwebp_status cwebp_read_header(
    const uint8_t *data, size_t size, cwebp_header *header, char message[CWEBP_MESSAGE_SIZE]) {
    WebPBitstreamFeatures features;
    const cwebp_status status = read_features(data, size, &features, message);
    if (status != cwebp_ok) return status;
    *header = (cwebp_header){
        .width = (uint32_t)features.width, .height = (uint32_t)features.height, .has_alpha = features.has_alpha};
    return cwebp_ok;
}

cwebp_status cwebp_decode(const uint8_t *data, size_t size, uint8_t *pixels, char message[CWEBP_MESSAGE_SIZE]) {
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) return refuse(VP8_STATUS_INVALID_PARAM, message);
    const cwebp_status status = read_features(data, size, &config.input, message);
    if (status != cwebp_ok) return status;
    const int bytes = config.input.has_alpha ? 4 : 3;
    config.output.colorspace = bytes == 4 ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = pixels;
    config.output.u.RGBA.stride = config.input.width * bytes;
    config.output.u.RGBA.size = (size_t)config.input.width * config.input.height * bytes;
    const VP8StatusCode code = WebPDecode(data, size, &config);
    WebPFreeDecBuffer(&config.output);
    return code == VP8_STATUS_OK ? cwebp_ok : refuse(code, message);
}

#else

bool cwebp_is_available(void) { return false; }

static cwebp_status refuse(char *message) {
    strncpy(message, "this program was built without libwebp", CWEBP_MESSAGE_SIZE);
    return cwebp_corrupt;
}

cwebp_status cwebp_read_header(
    const uint8_t *data, size_t size, cwebp_header *header, char message[CWEBP_MESSAGE_SIZE]) {
    (void)data, (void)size, (void)header;
    return refuse(message);
}

cwebp_status cwebp_decode(const uint8_t *data, size_t size, uint8_t *pixels, char message[CWEBP_MESSAGE_SIZE]) {
    (void)data, (void)size, (void)pixels;
    return refuse(message);
}

#endif
