/* Winograd's F(2×2, 3×3): what a square of 4 × 4 elements gives to its 2 × 2 results
 * is made of 16 products instead of 36. Here: when, and the squares' side of it. */
#include "kernels.h"

enum {
    COPIED = 16 * 1024, /* elements of a copy: it is read soon */
    SIDE = 4,           /* results in a column and in a row, at least */
    CHANNELS = 32,      /* of images and of results, at least */
    LONGEST = 1 << 18,  /* row of results times channels: a task holds it */
#ifdef WIDE
    PAIRS = 1024, /* of such channels, for the gradient of the weight */
#else
    PAIRS = 2048,
#endif
};

/* Whether the taps are a kernel of 3 × 3 neighbours, and where they lie. */
static int
find_kernel(const Windows *w, Squares *s, Extent *extent)
{
    if (w->taps != 9 || w->step_y != 1 || w->step_x != 1) {
        return 0;
    }
    *extent = extent_of(w);
    for (int t = 0; t < 9; t++) {
        int y = w->tap[t].y - extent->low_y, x = w->tap[t].x - extent->low_x;
        if (y > 2 || x > 2 || w->tap[t].weight > 8) {
            return 0;
        }
        s->order[3 * y + x] = (int)w->tap[t].weight;
    }
    return 1;
}

/* The squares at the edges have fewer results, and a panel may have fewer squares. */
int
squares_of(const Windows *w, int outputs, Squares *s)
{
    long results = (long)w->images * w->grid_y * w->grid_x;
    Extent extent;
    if (w->grid_y < SIDE || w->grid_x < SIDE || w->channels < CHANNELS ||
        outputs < CHANNELS || (long)w->grid_x * w->channels > LONGEST ||
        !find_kernel(w, s, &extent)) {
        return 0;
    }
    for (int i = 0; i < SQUARE; i++) {
        s->taps[i] = (Tap){extent.low_y + i / 4, extent.low_x + i % 4, 0};
    }
    s->grid_y = w->grid_y;
    s->grid_x = w->grid_x;
    s->windows = *w;
    s->windows.grid_y = divided(w->grid_y, 2);
    s->windows.grid_x = divided(w->grid_x, 2);
    s->windows.step_y = s->windows.step_x = 2;
    s->windows.taps = SQUARE;
    s->windows.tap = s->taps;
    s->windows.parts = 0;
    s->count = (long)w->images * s->windows.grid_y * s->windows.grid_x;
    return results >= 3 * ((s->count + WIDTH - 1) / WIDTH * WIDTH);
}

/* For the gradient of the weight all is transformed anew and added once. */
int
squares_for_weights(const Windows *w, int outputs, Squares *s)
{
    long results = (long)w->images * w->grid_y * w->grid_x;
    return (long)w->channels * outputs >= PAIRS && squares_of(w, outputs, s) &&
           5 * results >= 16 * s->count;
}

/* Four sums of a square's rows: those of the first and second that are given. */
#define SUMS(i, a, sign, b) \
    { \
        Vector x[4]; \
        for (int j = 0; j < 4; j++) { \
            x[j] = *(const Vector *)(in + at[4 * (a) + j]) sign \
                   *(const Vector *)(in + at[4 * (b) + j]); \
        } \
        *(Vector *)(out + (4 * (i)) * step) = x[0] - x[2]; \
        *(Vector *)(out + (4 * (i) + 1) * step) = x[1] + x[2]; \
        *(Vector *)(out + (4 * (i) + 2) * step) = x[2] - x[1]; \
        *(Vector *)(out + (4 * (i) + 3) * step) = x[1] - x[3]; \
    }

/* LANES squares. */
FAST static inline void
transform(const float *in, const long *at, float *out, long step)
{
    SUMS(0, 0, -, 2)
    SUMS(1, 1, +, 2)
    SUMS(2, 2, -, 1)
    SUMS(3, 1, -, 3)
}

FAST static inline void
gather_by(int width, const float *in, const long *at, const Moves *moves, float *out)
{
    for (int i = 0; i < SQUARE; i++, out += WIDTH) {
        for (int j = 0; j < moves->count; j++) {
            __builtin_memcpy(out + moves->to[j], in + at[i] + moves->from[j],
                             (size_t)width * sizeof *in);
        }
    }
}

/* The elements of a panel's squares, side by side; where there is no square, zeros. */
FAST static void
gather(int width, const float *in, const long *at, const Moves *moves, int size,
       float *out)
{
    switch (width) {
    case 4:
        gather_by(4, in, at, moves, out);
        break;
    case 8:
        gather_by(8, in, at, moves, out);
        break;
    default:
        gather_by(LANES, in, at, moves, out);
    }
    for (int i = 0; i < SQUARE && size < WIDTH; i++) {
        for (int j = size; j < WIDTH; j++) {
            out[i * WIDTH + j] = 0;
        }
    }
}

/* How many neighbours are moved at once. */
static int
width_of_moves(const Windows *w)
{
    return w->grid_x <= 4 ? 4 : w->grid_x <= 8 ? 8 : LANES;
}

FAST static void
transform_panel(const Windows *w, const Copy *copy, const long *at, const int *places,
                int size, int channels, float *out, long channel, long step)
{
    static const long own[SQUARE] = {
        0,         WIDTH,     2 * WIDTH,  3 * WIDTH,  4 * WIDTH,  5 * WIDTH,
        6 * WIDTH, 7 * WIDTH, 8 * WIDTH,  9 * WIDTH,  10 * WIDTH, 11 * WIDTH,
        12 * WIDTH, 13 * WIDTH, 14 * WIDTH, 15 * WIDTH,
    };
    int width = width_of_moves(w);
    const float *in = copy->data;
    Moves moves;
    find_moves(places, size, width, &moves);
    for (int c = 0; c < channels; c++, in += copy->plane, out += channel) {
        if (size == WIDTH && width == LANES && moves.count == 2) {
            transform(in + moves.from[0], at, out, step);
            transform(in + moves.from[1], at, out + LANES, step);
        }
        else {
            float found[SQUARE * WIDTH + LANES];
            gather(width, in, at, &moves, size, found);
            transform(found, own, out, step);
            transform(found + LANES, own, out + LANES, step);
        }
    }
}

void
transform_squares(const Squares *s, const Part *part, int from, int to, float *out,
                  long channel, long panel, long step)
{
    const Windows *w = &s->windows;
    int size = part_size(w, part), block = channels_copied(w, COPIED);
    int *places = scratch(3, (size_t)size * sizeof(int));
    long at[SQUARE];
    Copy copy;
    copy_shape(w, part, block, &copy);
    copy.data = scratch(0, (size_t)(copy.image * part->images + WIDTH) * sizeof(float));
    position_places(w, part, &copy, places);
    for (int i = 0; i < SQUARE; i++) {
        at[i] = tap_place(w, &copy, i);
    }
    for (int c = from; c < to; c += block) {
        int end = smaller(c + block, to);
        copy_fill(w, part, c, end, &copy);
        for (int j = 0; j < size; j += WIDTH) {
            transform_panel(w, &copy, at, places + j, smaller(size - j, WIDTH), end - c,
                            out + (c - from) * channel + j / WIDTH * panel,
                            channel, step);
        }
    }
}
