/* Images seen through a kernel: which parts are worked on at once, and their copies. */
#include <string.h>

#include "kernels.h"

enum {
    POSITIONS = 256,   /* of a part of several small images */
    FEWER = 64,        /* the same, at least, where there are few */
    WHOLE = 512,       /* images of at most as many positions are not cut */
    COPIED = 40 * 1024 /* elements of a copy: what the second cache holds */
};

static int
at_least_one(int x)
{
    return x > 1 ? x : 1;
}

/* How many products of numbers a convolution with so many other channels is. */
double
products_of(const Windows *w, int channels)
{
    return (double)w->images * w->grid_y * w->grid_x * w->taps * w->channels * channels;
}

static int
rows_of_parts(const Windows *w)
{
    int most = w->most > 0 ? w->most : WHOLE;
    if (w->grid_y * w->grid_x <= most) {
        return w->grid_y;
    }
    return at_least_one(most / w->grid_x);
}

static int
images_of_parts(const Windows *w)
{
    int size = at_least_one(w->grid_y * w->grid_x);
    int most = (w->most > 0 ? w->most : POSITIONS) / size;
    if (w->parts > 0) {
        int even = (w->images + w->parts - 1) / w->parts, least = FEWER / size;
        even = even > least ? even : least;
        most = even < most ? even : most;
    }
    return at_least_one(most);
}

static int
bands(const Windows *w)
{
    int rows = rows_of_parts(w);
    return (w->grid_y + rows - 1) / rows;
}

int
part_count(const Windows *w)
{
    int images = images_of_parts(w);
    return (w->images + images - 1) / images * bands(w);
}

Part
part_of(const Windows *w, int number)
{
    int images = images_of_parts(w), rows = rows_of_parts(w), count = bands(w);
    Part part = {number / count * images, images, number % count * rows, rows};
    if (part.first + part.images > w->images) {
        part.images = w->images - part.first;
    }
    if (part.top + part.rows > w->grid_y) {
        part.rows = w->grid_y - part.top;
    }
    return part;
}

int
part_size(const Windows *w, const Part *part)
{
    return part->images * part->rows * w->grid_x;
}

Extent
extent_of(const Windows *w)
{
    Extent s = {w->tap[0].y, w->tap[0].y, w->tap[0].x, w->tap[0].x};
    for (int t = 1; t < w->taps; t++) {
        int y = w->tap[t].y, x = w->tap[t].x;
        s.low_y = y < s.low_y ? y : s.low_y;
        s.low_x = x < s.low_x ? x : s.low_x;
        s.high_y = y > s.high_y ? y : s.high_y;
        s.high_x = x > s.high_x ? x : s.high_x;
    }
    return s;
}

void
copy_shape(const Windows *w, const Part *part, int channels, Copy *copy)
{
    Extent s = extent_of(w);
    int width = (w->grid_x - 1) * w->step_x + s.high_x - s.low_x + 1;
    copy->low_y = s.low_y;
    copy->low_x = s.low_x;
    copy->rows = (part->rows - 1) * w->step_y + s.high_y - s.low_y + 1;
    copy->columns = (width + w->step_x - 1) / w->step_x;
    copy->line = (long)copy->columns * w->step_x;
    copy->plane = copy->rows * copy->line;
    copy->image = copy->plane * channels;
}

/* Of how many channels a copy has at most so many elements. */
int
channels_copied(const Windows *w, long elements)
{
    Part part = part_of(w, 0);
    Copy copy;
    int most;
    copy_shape(w, &part, 1, &copy);
    most = at_least_one((int)(elements / (copy.plane * part.images)));
    return most < w->channels ? most : w->channels;
}

/* How many channels are copied and multiplied at once. */
int
block_of_channels(const Windows *w)
{
    int count = at_least_one(DEPTH / w->taps), most = channels_copied(w, COPIED);
    return count < most ? count : most;
}

/* Lines are short: eight numbers are moved at a time, where so many more may be read
 * before the end of the images. What is written behind a line is overwritten later. */
static inline void
move(const float *in, int count, const float *end, float *out)
{
    int i = 0, whole = (count + SPARE - 1) / SPARE * SPARE;
    whole = whole <= end - in ? whole : 0;
    for (; i < whole; i += SPARE) {
        memcpy(out + i, in + i, SPARE * sizeof *in);
    }
    for (; i < count; i++) {
        out[i] = in[i];
    }
}

#ifdef WIDE
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#else
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14
#endif

/* The same of each second number. */
FAST static inline void
move_second(const float *in, int count, const float *end, float *out)
{
    int i = 0, whole = (count + 3) / 4 * 4;
    whole = 2 * whole <= end - in ? whole : 0;
    for (; i + LANES <= whole; i += LANES, in += 2 * LANES) {
        Vector a = *(const Vector *)in, b = *(const Vector *)(in + LANES);
        *(Vector *)(out + i) = SHUFFLE(Places, a, b, EVEN);
    }
    for (; i < whole; i += 4, in += 8) {
        Four a = *(const Four *)in, b = *(const Four *)(in + 4);
        *(Four *)(out + i) = SHUFFLE(FourPlaces, a, b, 0, 2, 4, 6);
    }
    for (; i < count; i++, in += 2) {
        out[i] = *in;
    }
}

static inline void
zero(int count, float *out)
{
    static const float nothing[SPARE];
    for (int i = 0; i < count; i += SPARE) {
        memcpy(out + i, nothing, sizeof nothing);
    }
}

FAST static inline void
fill_line(const Windows *w, const float *line, const float *all, const Copy *copy,
          float *out)
{
    for (int phase = 0; phase < w->step_x; phase++) {
        int x = copy->low_x + phase, step = w->step_x;
        int begin = x < 0 ? (-x + step - 1) / step : 0;
        int end = x >= w->width ? 0 : (w->width - x + step - 1) / step;
        begin = begin < copy->columns ? begin : copy->columns;
        end = end < copy->columns ? end : copy->columns;
        end = end > begin ? end : begin;
        zero(begin, out);
        if (step == 1) {
            move(line + x + begin, end - begin, all, out + begin);
        }
        else if (step == 2) {
            move_second(line + x + begin * step, end - begin, all, out + begin);
        }
        else {
            for (int i = begin; i < end; i++) {
                out[i] = line[x + i * step];
            }
        }
        zero(copy->columns - end, out + end);
        out += copy->columns;
    }
}

/* Copy the channels from <= c < to; copy->image is for the block's full count. */
FAST void
copy_fill(const Windows *w, const Part *part, int from, int to, Copy *copy)
{
    int top = part->top * w->step_y + copy->low_y;
    const float *all = w->data + (w->images - 1) * w->image +
                       (w->channels - 1) * w->plane + (long)w->height * w->width;
    for (int n = 0; n < part->images; n++) {
        for (int c = from; c < to; c++) {
            float *out = copy->data + n * copy->image + (c - from) * copy->plane;
            const float *in = w->data + (part->first + n) * w->image + c * w->plane;
            for (int y = top; y < top + copy->rows; y++, out += copy->line) {
                if (y < 0 || y >= w->height) {
                    zero((int)copy->line, out);
                }
                else {
                    fill_line(w, in + (long)y * w->width, all, copy, out);
                }
            }
        }
    }
}

long
tap_place(const Windows *w, const Copy *copy, int tap)
{
    int y = w->tap[tap].y - copy->low_y, x = w->tap[tap].x - copy->low_x;
    return y * copy->line + x % w->step_x * copy->columns + x / w->step_x;
}

void
position_places(const Windows *w, const Part *part, const Copy *copy, int *places)
{
    for (int n = 0; n < part->images; n++) {
        for (int u = 0; u < part->rows; u++) {
            long start = n * copy->image + u * w->step_y * copy->line;
            for (int v = 0; v < w->grid_x; v++) {
                *places++ = (int)(start + v);
            }
        }
    }
}

void
find_moves(const int *places, int size, int width, Moves *moves)
{
    int begin = 0;
    moves->count = 0;
    for (int j = 0; j < size; j++) {
        int breaks = j > 0 && places[j] != places[j - 1] + 1;
        if (breaks) {
            begin = j;
        }
        if ((j - begin) % width == 0) {
            moves->from[moves->count] = places[j];
            moves->to[moves->count++] = j;
        }
    }
}
