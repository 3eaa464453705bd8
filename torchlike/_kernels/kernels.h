/* Convolutions, matrix products, recurrences and optimizers' steps of float32 on the CPU,
 * called by XLA. */
#ifndef TORCHLIKE_KERNELS_H
#define TORCHLIKE_KERNELS_H

#include <string.h>

#include "xla_ffi.h"

/* All is built twice: WIDE is for processors with vectors of 512 bits. */
#if defined(WIDE) && !defined(__x86_64__)
#error "Vectors of 512 bits are x86's: the other build is for this processor."
#elif defined(WIDE)
#define FAST __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#elif defined(__x86_64__)
#define FAST __attribute__((target("avx2,fma")))
#else
#define FAST
#endif

enum {
#ifdef WIDE
    LANES = 16, /* numbers of a vector */
#else
    LANES = 8,
#endif
    HALF = LANES / 4,
    ROWS = 3 * HALF,   /* of a tile, whose sums fit in the registers: 6 × 16 or 12 × 32 */
    LESS = 2 * HALF,   /* of the few tiles with which the rows come out even */
    WIDTH = 2 * LANES, /* of a tile: two vectors */
    DEPTH = 288, /* how many products a tile adds at once: what the caches hold */
    SPARE = 8,   /* numbers behind a copy that may be overwritten */
    MAX_TAPS = 1024,
    WORTH = 1 << 20, /* products of numbers for which another thread is worth while */
};

typedef float Vector __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

typedef int Places __attribute__((vector_size(4 * LANES)));
typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));
typedef int FourPlaces __attribute__((vector_size(16)));

/* Numbers of two vectors; ``places`` is the type of as many integers. */
#ifdef __clang__
#define SHUFFLE(places, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(places, a, b, ...) __builtin_shuffle(a, b, (places){__VA_ARGS__})
#endif

/* Up to LANES numbers; the others are zeros. */
FAST static inline Vector
load(const float *x, int left)
{
    Vector some = {0};
    if (left >= LANES) {
        return *(const Vector *)x;
    }
    memcpy(&some, x, (size_t)left * sizeof *x);
    return some;
}

FAST static inline void
store(float *x, int left, Vector some)
{
    if (left >= LANES) {
        *(Vector *)x = some;
    }
    else {
        memcpy(x, &some, (size_t)left * sizeof *x);
    }
}

/* Rounded up. */
static inline int
divided(int x, int by)
{
    return (x + by - 1) / by;
}

static inline int
smaller(int x, int y)
{
    return x < y ? x : y;
}

/* ----- work on the threads of XLA (parallel.c) ----- */

/* Call work(i, data) for all i < count, on this thread and XLA's; on this one alone where
 * there are few products of numbers to be made in all. */
void parallel(const CallFrame *frame, double products, int count,
              void (*work)(int, void *), void *data);

int thread_count(const CallFrame *frame);

/* Memory of this thread's own, 64-byte aligned, until its next call for ``slot``. */
void *scratch(int slot, size_t bytes);

/* ----- the innermost loop (tile.c) ----- */

/* c[i][j] (+)= sum over d of rows[d][i] * panel[d][j], for height × WIDTH sums, height
 * being ROWS or LESS. */
void tile(int height, int depth, const float *rows, const float *panel, float *c,
          long stride, int add);

/* The same of rows[i][at[d]]. */
void tile_of_rows(int height, int depth, const float *const *rows, const int *at,
                  const float *panel, float *c, long stride, int add);

/* The same of rows[i][d]. */
void tile_of_lines(int height, int depth, const float *const *rows, const float *panel,
                   float *c, long stride, int add);

/* ----- the order in which tiles take numbers (pack.c) ----- */

/* panel[d][j] of WIDTH columns, of which ``width`` are there; the rest is zero. */
void pack_columns(const float *b, long row, long column, int depth, int width,
                  float *panel);

/* packed[d][i] of ``height`` rows, ROWS or LESS, of which some are there; the rest is
 * zero. Behind the tile lie so many rows more. */
void pack_rows(const float *a, long row, long column, int height, int there, int beyond,
               int depth, float *packed);

/* out[j * step + i] = in[i * stride + j]. */
void turn_over(const float *in, long stride, int rows, int columns, float *out,
               long step);

/* The tiles of some rows: the lower ones come first. */
typedef struct {
    int less, count;
} Tiles;

Tiles tiles_of(int rows);

/* The first row of a tile; that of the one behind the last is their end. */
int tile_start(const Tiles *tiles, int number);

/* LESS or ROWS. */
int tile_height(const Tiles *tiles, int number);

/* The rows of all tiles as ``tile`` takes them; ``beyond`` there are more rows. */
void pack_tiles(const Tiles *tiles, int rows, int beyond, const float *a, long row,
                long column, int depth, float *packed);

/* Some columns as panels, one after the other. */
void pack_panels(const float *b, long row, long column, int depth, int columns,
                 float *panels);

/* ----- windows over images (windows.c) ----- */

/* Where the elements lie that one tap of the kernel meets. */
typedef struct {
    int y, x;    /* in the input, from the element that belongs to an output */
    long weight; /* in the weight */
} Tap;

/* Images seen through a kernel: position (u, v) of the grid and tap t meet at element
 * (u * step_y + tap.y, v * step_x + tap.x); what lies outside is zero. */
typedef struct {
    const float *data;
    long image, plane; /* strides from image to image, from channel to channel */
    int images, channels, height, width;
    int grid_y, grid_x, step_y, step_x;
    int taps;
    const Tap *tap;
    int parts; /* into which small images are divided, if there are so many; or 0 */
    int most;  /* positions of a part, or 0: what suits sums over all taps */
} Windows;

/* Some rows of the grid of some images. */
typedef struct {
    int first, images, top, rows;
} Part;

/* A copy of channels, with zeros around, such that neighbours in the grid's rows are
 * neighbours in memory; its memory is by SPARE longer. */
typedef struct {
    float *data;
    int low_y, low_x, rows, columns; /* columns: of each of step_x phases */
    long line, plane, image;         /* strides */
} Copy;

/* Where the taps lie, from the element that belongs to an output. */
typedef struct {
    int low_y, high_y, low_x, high_x;
} Extent;

/* The positions of a panel as moves of ``width`` neighbours each; a later one overwrites
 * what an earlier one wrote too far. */
typedef struct {
    int count, from[WIDTH], to[WIDTH];
} Moves;

Extent extent_of(const Windows *windows);
double products_of(const Windows *windows, int channels);
int part_count(const Windows *windows);
Part part_of(const Windows *windows, int number);
int part_size(const Windows *windows, const Part *part);
int channels_copied(const Windows *windows, long elements);
int block_of_channels(const Windows *windows);
void copy_shape(const Windows *windows, const Part *part, int channels, Copy *copy);
void copy_fill(const Windows *windows, const Part *part, int from, int to, Copy *copy);
long tap_place(const Windows *windows, const Copy *copy, int tap);
void position_places(const Windows *windows, const Part *part, const Copy *copy,
                     int *places);
void find_moves(const int *places, int size, int width, Moves *moves);

/* ----- convolutions ----- */

/* Where results go: element (u, v) of the grid of a channel. */
typedef struct {
    float *data;
    long image, plane, row, column; /* strides */
    int channels;
} Target;

/* target[n, m, u, v] = sum over c, t of weight[m * row + c * column + tap.weight]
 * times the element that (u, v) and t meet in channel c (forward.c). */
void correlate(const CallFrame *frame, const Windows *windows, const float *weight,
               long row, long column, const Target *target);

/* The source has ``total`` channels, of which ``channels`` matter:
 * result[m * row + c * column + tap.weight] = sum over n, u, v of
 * source[n, m, u, v] times the element that (u, v) and t meet in channel c
 * (weights.c). */
void correlate_weights(const CallFrame *frame, const Windows *windows,
                       const float *source, int total, int channels, float *result,
                       long row, long column);

/* ----- convolutions by Winograd's F(2×2, 3×3) (winograd.c) ----- */

enum { SQUARE = 16 }; /* elements of a square */

/* Images seen through squares of 4 × 4 elements, two steps apart: each gives 2 × 2
 * results. Holds pointers to itself. */
typedef struct {
    Windows windows;
    Tap taps[SQUARE];
    int grid_y, grid_x; /* results of an image */
    int order[9];       /* where the kernel's elements lie in the weight */
    long count;         /* of squares */
} Squares;

/* False where these are no windows of 3 × 3 neighbours, or the sums over all taps take
 * less time: as measured. */
int squares_of(const Windows *windows, int outputs, Squares *squares);
int squares_for_weights(const Windows *windows, int outputs, Squares *squares);

/* The sixteen numbers of each square of a part: number i of square j in the panel p and
 * of channel c is out[c * channel + p * panel + i * step + j], c being 0 for ``from``.
 * Behind the last square of a panel that is not full lie zeros. */
void transform_squares(const Squares *squares, const Part *part, int from, int to,
                       float *out, long channel, long panel, long step);

/* Neighbouring results of a panel: two rows, of which the second may be missing. */
typedef struct {
    int from, count;
    long above, below;
} Run;

/* The runs of the squares from ``at`` on in a part: how many. (winograd_results.c) */
int find_runs(const Squares *squares, const Target *target, const Part *part, int at,
              int size, Run *runs);

/* The results of one output channel and one panel, from sums[i * step + j] of number i and
 * square j. What is not finite stays in ``wrong``. */
void put_results(const float *sums, long step, const Run *runs, int count, float *out,
                 Vector *wrong);

/* Whether anything has. */
int is_wrong(const Vector *wrong);

/* As ``correlate``; false, and nothing useful written, where it does not suit or some
 * result is not finite: only the sums themselves tell which others are
 * (winograd_forward.c). */
int correlate_squares(const CallFrame *frame, const Windows *windows,
                      const float *weight, long row, long column,
                      const Target *target);

/* The same of ``correlate_weights`` (winograd_weights.c). */
int correlate_squares_weights(const CallFrame *frame, const Windows *windows,
                              const float *source, int total, int channels,
                              float *result, long row, long column);

/* ----- recurrent cells (cells.c) ----- */

/* One sequence's step. The gates are those that the activations have given, the state
 * is that before the step. */
void lstm_cell(int width, const float *given, const float *own, const float *before,
               float *gates, float *c, float *h);

/* The gradient of the gates' sums; that of c is changed to the one before the step. */
void lstm_cell_backward(int width, const float *gates, const float *before,
                        const float *after, const float *dh, float *dc, float *sums);

/* ----- what XLA calls (calls.c, optimizers.c, product.c, recurrence.c) ----- */

/* True if XLA only asks for which version of its interface this was built. */
int is_question(CallFrame *frame);

/* What tells XLA that a call is refused. */
void *refuse(CallFrame *frame, const char *message);

/* The numbers of a call with two arguments, one result and so many numbers; NULL where
 * it is not one. */
const int64_t *numbers_of(CallFrame *frame, size_t count);

/* Whether its arguments and its result are of float32. */
int are_single(CallFrame *frame);

void *convolution(CallFrame *frame);
void *convolution_input(CallFrame *frame);
void *convolution_weight(CallFrame *frame);
void *product(CallFrame *frame);
void *kept(CallFrame *frame);
void *lstm(CallFrame *frame);
void *lstm_backward(CallFrame *frame);
void *sgd(CallFrame *frame);
void *adam(CallFrame *frame);

#endif
