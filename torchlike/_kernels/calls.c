/* What XLA calls: the arguments read and checked, then the work. */
#include <string.h>

#include "kernels.h"

enum { GEOMETRY = 7 };

/* A convolution of images (N, C, H, W) with weight (O, C / groups, R, S). */
typedef struct {
    int images, inputs, height, width;
    int outputs, tall, wide; /* of the result */
    int kernel_y, kernel_x, step_y, step_x, before_y, before_x, apart_y, apart_x;
    int groups;
} Shape;

void *
refuse(CallFrame *frame, const char *message)
{
    ErrorArgs args = {sizeof args, NULL, message, FFI_INVALID_ARGUMENT};
    return frame->api->error_create(&args);
}

int
is_question(CallFrame *frame)
{
    Extension *extension = frame->extensions;
    if (extension == NULL || extension->type != FFI_METADATA) {
        return 0;
    }
    Metadata *metadata = ((MetadataExtension *)extension)->metadata;
    metadata->version.major = FFI_MAJOR;
    metadata->version.minor = FFI_MINOR;
    metadata->traits = 0;
    metadata->state = 0;
    return 1;
}

static Shape
shape_of(CallFrame *frame, const Buffer *image, const Buffer *result,
         const Buffer *weight)
{
    const int64_t *geometry = ((Array *)frame->attributes.items[0])->data;
    Shape shape = {
        (int)image->dims[0],   (int)image->dims[1],  (int)image->dims[2],
        (int)image->dims[3],   (int)result->dims[1], (int)result->dims[2],
        (int)result->dims[3],  (int)weight->dims[2], (int)weight->dims[3],
        (int)geometry[0],      (int)geometry[1],     (int)geometry[2],
        (int)geometry[3],      (int)geometry[4],     (int)geometry[5],
        (int)geometry[6],
    };
    return shape;
}

const int64_t *
numbers_of(CallFrame *frame, size_t count)
{
    Array *numbers;
    if (frame->arguments.count != 2 || frame->results.count != 1 ||
        frame->attributes.count != 1) {
        return NULL;
    }
    numbers = frame->attributes.items[0];
    return numbers->size == count ? numbers->data : NULL;
}

int
are_single(CallFrame *frame)
{
    for (int i = 0; i < 3; i++) {
        Buffer *x = i < 2 ? frame->arguments.items[i] : frame->results.items[0];
        if (x->dtype != FFI_FLOAT32) {
            return 0;
        }
    }
    return 1;
}

static const char *
mistake(CallFrame *frame)
{
    int right = 1;
    if (numbers_of(frame, GEOMETRY) == NULL) {
        return "expected two arguments, a result and the geometry, seven numbers";
    }
    for (int i = 0; i < 3; i++) {
        Buffer *x = i < 2 ? frame->arguments.items[i] : frame->results.items[0];
        right &= x->rank == 4;
    }
    if (!right || !are_single(frame)) {
        return "expected float32 arrays of four dimensions";
    }
    return NULL;
}

/* Whether a tap meets an element at any of the positions: in a very small image the
 * outer ones of a kernel may not. */
static int
meets(int tap, int positions, int step, int size)
{
    int first = tap < 0 ? (-tap + step - 1) / step : 0;
    return first < positions && tap + first * step < size;
}

/* The taps as the result's positions meet them: the windows of the images. */
static Windows
windows_of(const Shape *s, const float *images, int group, Tap *taps)
{
    int channels = s->inputs / s->groups, n = 0;
    long plane = (long)s->height * s->width;
    for (int r = 0; r < s->kernel_y; r++) {
        for (int c = 0; c < s->kernel_x; c++) {
            int y = r * s->apart_y - s->before_y, x = c * s->apart_x - s->before_x;
            if (meets(y, s->tall, s->step_y, s->height) &&
                meets(x, s->wide, s->step_x, s->width)) {
                taps[n++] = (Tap){y, x, r * s->kernel_x + c};
            }
        }
    }
    Windows w = {
        images + group * channels * plane, s->inputs * plane, plane, s->images,
        channels, s->height, s->width, s->tall, s->wide, s->step_y, s->step_x, n, taps,
    };
    return w;
}

#define BEGIN(image, result, weight) \
    if (is_question(frame)) { \
        return NULL; \
    } \
    if (frame->stage != FFI_EXECUTE) { \
        return NULL; \
    } \
    const char *wrong = mistake(frame); \
    if (wrong != NULL) { \
        return refuse(frame, wrong); \
    } \
    const Buffer *first = frame->arguments.items[0]; \
    const Buffer *second = frame->arguments.items[1]; \
    const Buffer *out = frame->results.items[0]; \
    Shape s = shape_of(frame, image, result, weight); \
    int inputs = s.inputs / s.groups, outputs = s.outputs / s.groups; \
    int kernel = s.kernel_y * s.kernel_x; \
    Tap taps[MAX_TAPS]; \
    if (kernel > MAX_TAPS) { \
        return refuse(frame, "the kernel is too large"); \
    }

/* (images, weight) -> result */
void *
convolution(CallFrame *frame)
{
    BEGIN(first, out, second)
    long plane = (long)s.tall * s.wide;
    for (int g = 0; g < s.groups; g++) {
        Windows w = windows_of(&s, first->data, g, taps);
        const float *weight = (float *)second->data + (long)g * outputs * inputs * kernel;
        Target target = {
            (float *)out->data + g * outputs * plane, s.outputs * plane, plane, s.wide, 1,
            outputs,
        };
        correlate(frame, &w, weight, (long)inputs * kernel, kernel, &target);
    }
    return NULL;
}

/* Floor and remainder for a positive divisor. */
static int
divide(int x, int by, int *rest)
{
    *rest = (x % by + by) % by;
    return (x - *rest) / by;
}

/* The elements (top + step_y u, left + step_x v) of the gradient of the images: which
 * elements of the gradient of the result they meet, and where in the weight. */
static int
taps_of_phase(const Shape *s, int top, int left, int tall, int wide, Tap *taps)
{
    int n = 0;
    for (int r = 0; r < s->kernel_y; r++) {
        for (int c = 0; c < s->kernel_x; c++) {
            int rest_y, rest_x;
            int y = divide(top + s->before_y - r * s->apart_y, s->step_y, &rest_y);
            int x = divide(left + s->before_x - c * s->apart_x, s->step_x, &rest_x);
            if (rest_y == 0 && rest_x == 0 && meets(y, tall, 1, s->tall) &&
                meets(x, wide, 1, s->wide)) {
                taps[n++] = (Tap){y, x, r * s->kernel_x + c};
            }
        }
    }
    return n;
}

static void
phase(CallFrame *frame, const Shape *s, int top, int left, const float *gradient,
      const float *weight, float *out)
{
    int inputs = s->inputs / s->groups, outputs = s->outputs / s->groups;
    long small = (long)s->tall * s->wide, large = (long)s->height * s->width;
    Tap taps[MAX_TAPS];
    int kernel = s->kernel_y * s->kernel_x;
    int tall = (s->height - top + s->step_y - 1) / s->step_y;
    int wide = (s->width - left + s->step_x - 1) / s->step_x;
    int n = taps_of_phase(s, top, left, tall, wide, taps);
    Windows w = {
        gradient, s->outputs * small, small, s->images, outputs, s->tall, s->wide,
        tall, wide, 1, 1, n, taps,
    };
    Target target = {
        out + (long)top * s->width + left, s->inputs * large, large,
        (long)s->width * s->step_y, s->step_x, inputs,
    };
    correlate(frame, &w, weight, kernel, (long)inputs * kernel, &target);
}

/* (gradient of the result, weight) -> gradient of the images */
void *
convolution_input(CallFrame *frame)
{
    BEGIN(out, first, second)
    long small = (long)s.tall * s.wide, large = (long)s.height * s.width;
    (void)taps;
    for (int g = 0; g < s.groups; g++) {
        const float *gradient = (float *)first->data + g * outputs * small;
        const float *weight = (float *)second->data + (long)g * outputs * inputs * kernel;
        float *images = (float *)out->data + g * inputs * large;
        for (int top = 0; top < s.step_y; top++) {
            for (int left = 0; left < s.step_x; left++) {
                phase(frame, &s, top, left, gradient, weight, images);
            }
        }
    }
    return NULL;
}

/* (images, gradient of the result) -> gradient of the weight */
void *
convolution_weight(CallFrame *frame)
{
    BEGIN(first, second, out)
    long plane = (long)s.tall * s.wide, size = (long)outputs * inputs * kernel;
    for (int g = 0; g < s.groups; g++) {
        Windows w = windows_of(&s, first->data, g, taps);
        float *result = (float *)out->data + g * size;
        if (w.taps < kernel) { /* the others have no gradient */
            memset(result, 0, (size_t)size * sizeof *result);
        }
        if (w.taps > 0) {
            correlate_weights(frame, &w, (float *)second->data + g * outputs * plane,
                              s.outputs, outputs, result, (long)inputs * kernel,
                              kernel);
        }
    }
    return NULL;
}

/* (x) -> x, whose memory is the operand's where XLA could make it so. */
void *
kept(CallFrame *frame)
{
    Array *bytes;
    Buffer *from, *to;
    if (is_question(frame) || frame->stage != FFI_EXECUTE) {
        return NULL;
    }
    if (frame->arguments.count != 1 || frame->results.count != 1 ||
        frame->attributes.count != 1) {
        return refuse(frame, "expected an argument, a result and its size");
    }
    bytes = frame->attributes.items[0];
    from = frame->arguments.items[0];
    to = frame->results.items[0];
    if (from->data != to->data) {
        memcpy(to->data, from->data, (size_t)*(int64_t *)bytes->data);
    }
    return NULL;
}
