/* A convolution of 3 × 3 by Winograd: sixteen products of the transformed weight with
 * the squares of the images. Of the two the smaller one is transformed once for all
 * tasks, the other by each task for itself, so that it stays in the task's caches. */
#include <stdatomic.h>

#include "kernels.h"

enum {
    SOME = 16,           /* channels whose weights are packed at once */
    TOGETHER = 48,       /* rows of tiles whose sums are turned to results at once */
    NUMBERS = 16 * 1024, /* squares times channels of a task that transforms these */
    OWN = 12 * 1024,     /* rows times channels of one that transforms the weight */
    FEW = 64,            /* outputs of a task where another transforms the same */
    TRANSFORM = 100,     /* what a kernel or a square takes, in products */
    SHARED = 1 << 21,    /* numbers that are transformed for all tasks, about */
    TASKS = 2,           /* of each thread at least, where there is enough to do */
};

typedef struct {
    Windows windows;
    Squares squares;
    const float *weight;
    long row, column;
    Target target;
    Tiles tiles;       /* of the output channels */
    int groups, group; /* of tiles: how many, how large */
    int panels;        /* of a part */
    int block, blocks; /* of channels whose squares are transformed by one task */
    float *weights, *images; /* transformed: one of them for all tasks */
    atomic_int failed;
} Job;

/* The numbers of one of the sixteen products in the weights of a tile. */
static long
depth_of(const Job *job, int height)
{
    return (long)job->squares.windows.channels * height + SPARE;
}

static long
weights_until(const Job *job, int number)
{
    long rows = tile_start(&job->tiles, number);
    return SQUARE * (job->squares.windows.channels * rows + (long)number * SPARE);
}

static long
panel_size(const Job *job)
{
    return (long)SQUARE * job->squares.windows.channels * WIDTH;
}

/* The kernels of LANES rows, of which some are there; what is written behind a row is
 * overwritten by the next. */
FAST static inline void
transform_kernel(const float *in, const int *order, int height, float *out, long step)
{
    Vector x[4][3];
    for (int j = 0; j < 3; j++) {
        Vector a = *(const Vector *)(in + order[j] * height);
        Vector b = *(const Vector *)(in + order[3 + j] * height);
        Vector c = *(const Vector *)(in + order[6 + j] * height);
        x[0][j] = a;
        x[1][j] = (a + c + b) * 0.5f;
        x[2][j] = (a + c - b) * 0.5f;
        x[3][j] = c;
    }
    for (int i = 0; i < 4; i++, out += 4 * step) {
        Vector sum = x[i][0] + x[i][2];
        *(Vector *)out = x[i][0];
        *(Vector *)(out + step) = (sum + x[i][1]) * 0.5f;
        *(Vector *)(out + 2 * step) = (sum - x[i][1]) * 0.5f;
        *(Vector *)(out + 3 * step) = x[i][2];
    }
}

FAST static void
transform_tile(const Job *job, int number, float *out)
{
    int channels = job->squares.windows.channels, height = tile_height(&job->tiles, number);
    int m = tile_start(&job->tiles, number), beyond = job->target.channels - m - height;
    int there = beyond < 0 ? height + beyond : height;
    const float *in = job->weight + m * job->row;
    float packed[SOME * 9 * ROWS + LANES];
    for (int c = 0; c < channels; c += SOME) {
        int count = smaller(SOME, channels - c);
        int run = job->column == 9 ? count : 1;
        for (int k = 0; k < count; k += run) {
            pack_rows(in + (c + k) * job->column, job->row, 1, height, there, beyond,
                      9 * run, packed + k * 9 * height);
        }
        for (int k = 0; k < count; k++) {
            transform_kernel(packed + k * 9 * height, job->squares.order, height,
                             out + (long)(c + k) * height, depth_of(job, height));
        }
    }
}

/* All sums of some tiles and one panel: sums[product][row][square]. */
static void
multiply(const Job *job, int first, int last, const float *weights, const float *panel,
         float *sums)
{
    int channels = job->squares.windows.channels;
    for (int i = 0; i < SQUARE; i++, panel += (long)channels * WIDTH) {
        for (int number = first; number < last; number++) {
            int height = tile_height(&job->tiles, number);
            const float *rows = weights + weights_until(job, number) -
                                weights_until(job, first) + i * depth_of(job, height);
            tile(height, channels, rows, panel, sums, WIDTH, 0);
            sums += height * WIDTH;
        }
    }
}

/* The results of some tiles in a part; ``weights`` are those of the first. */
FAST static void
correlate_part(Job *job, const Part *part, int first, int last, const float *weights,
               const float *panels)
{
    int size = part_size(&job->squares.windows, part), many = TOGETHER / ROWS;
    float *sums = scratch(4, SQUARE * TOGETHER * WIDTH * sizeof *sums);
    Vector wrong = {0};
    for (int number = first; number < last; number += many) {
        int end = smaller(number + many, last);
        int top = tile_start(&job->tiles, number);
        int rows = tile_start(&job->tiles, end) - top;
        int there = smaller(rows, job->target.channels - top);
        long start = weights_until(job, number) - weights_until(job, first);
        for (int j = 0; j < size; j += WIDTH) {
            Run runs[WIDTH];
            int count = find_runs(&job->squares, &job->target, part, j,
                                  smaller(size - j, WIDTH), runs);
            multiply(job, number, end, weights + start,
                     panels + j / WIDTH * panel_size(job), sums);
            for (int i = 0; i < there; i++) {
                put_results(sums + i * WIDTH, (long)rows * WIDTH, runs, count,
                            job->target.data + (top + i) * job->target.plane, &wrong);
            }
        }
    }
    if (is_wrong(&wrong)) {
        atomic_store(&job->failed, 1);
    }
}

static void
transform_part(Job *job, const Part *part, int from, int to, float *out)
{
    long step = (long)job->squares.windows.channels * WIDTH;
    transform_squares(&job->squares, part, from, to, out + (long)from * WIDTH, WIDTH,
                      panel_size(job), step);
}

/* ----- tasks ----- */

static int
end_of_group(const Job *job, int first)
{
    return smaller(first + job->group, job->tiles.count);
}

static void
share_weights(int number, void *data)
{
    Job *job = data;
    transform_tile(job, number, job->weights + weights_until(job, number));
}

static void
share_images(int number, void *data)
{
    Job *job = data;
    int index = number / job->blocks, from = number % job->blocks * job->block;
    int to = smaller(from + job->block, job->squares.windows.channels);
    Part part = part_of(&job->squares.windows, index);
    transform_part(job, &part, from, to,
                   job->images + (long)index * job->panels * panel_size(job));
}

static void
with_own_images(int number, void *data)
{
    Job *job = data;
    Part part = part_of(&job->squares.windows, number / job->groups);
    int first = number % job->groups * job->group;
    float *panels;
    if (!atomic_load(&job->failed)) {
        panels = scratch(1, (size_t)job->panels * panel_size(job) * sizeof *panels);
        transform_part(job, &part, 0, job->squares.windows.channels, panels);
        correlate_part(job, &part, first, end_of_group(job, first),
                       job->weights + weights_until(job, first), panels);
    }
}

static void
with_own_weights(int number, void *data)
{
    Job *job = data;
    int first = number * job->group, last = end_of_group(job, first);
    int parts = part_count(&job->squares.windows);
    long start = weights_until(job, first);
    size_t size = (size_t)(weights_until(job, last) - start);
    float *weights = scratch(1, size * sizeof *weights);
    for (int i = first; i < last; i++) {
        transform_tile(job, i, weights + weights_until(job, i) - start);
    }
    for (int i = 0; i < parts && !atomic_load(&job->failed); i++) {
        Part part = part_of(&job->squares.windows, i);
        correlate_part(job, &part, first, last, weights,
                       job->images + (long)i * job->panels * panel_size(job));
    }
}

static void
by_images(const CallFrame *frame, Job *job, double products)
{
    Windows *w = &job->squares.windows;
    int tasks = TASKS * thread_count(frame), parts;
    size_t size = (size_t)weights_until(job, job->tiles.count);
    Part part;
    w->most = smaller(NUMBERS / w->channels, divided((int)job->squares.count, tasks));
    w->most = w->most > WIDTH ? divided(w->most, WIDTH) * WIDTH : WIDTH;
    parts = part_count(w);
    part = part_of(w, 0);
    job->panels = divided(part_size(w, &part), WIDTH);
    job->groups = smaller(divided(tasks, parts), divided(job->target.channels, FEW));
    job->group = divided(job->tiles.count, job->groups);
    job->groups = divided(job->tiles.count, job->group);
    job->weights = scratch(5, size * sizeof(float));
    parallel(frame, (double)w->channels * job->target.channels * TRANSFORM,
             job->tiles.count, share_weights, job);
    parallel(frame, products / 2, parts * job->groups, with_own_images, job);
}

static void
by_weights(const CallFrame *frame, Job *job, double products)
{
    Windows *w = &job->squares.windows;
    int parts = part_count(w), tasks = TASKS * thread_count(frame);
    int most = OWN / w->channels / ROWS;
    Part part = part_of(w, 0);
    size_t size;
    job->panels = divided(part_size(w, &part), WIDTH);
    job->block = divided(w->channels, divided(tasks, parts));
    job->blocks = divided(w->channels, job->block);
    job->group = smaller(most > 1 ? most : 1, divided(job->tiles.count, tasks));
    job->groups = divided(job->tiles.count, job->group);
    size = (size_t)parts * job->panels * panel_size(job);
    job->images = scratch(5, size * sizeof(float));
    parallel(frame, (double)job->squares.count * w->channels * TRANSFORM,
             parts * job->blocks, share_images, job);
    parallel(frame, products / 2, job->groups, with_own_weights, job);
}

/* So many outputs at once that what is shared is not too large. */
static void
correlate_outputs(const CallFrame *frame, Job *job)
{
    long each = (long)SQUARE * job->squares.windows.channels;
    int channels = job->target.channels, most = (int)(SHARED / each / ROWS) * ROWS;
    int by_count = job->squares.count < channels && job->squares.count * each <= SHARED;
    most = by_count ? channels : most > ROWS ? most : ROWS;
    for (int m = 0; m < channels && !atomic_load(&job->failed); m += most) {
        double products;
        job->target.channels = smaller(most, channels - m);
        job->tiles = tiles_of(job->target.channels);
        products = products_of(&job->windows, job->target.channels);
        if (by_count) {
            by_weights(frame, job, products);
        }
        else {
            by_images(frame, job, products);
        }
        job->target.data += most * job->target.plane;
        job->weight += most * job->row;
    }
}

int
correlate_squares(const CallFrame *frame, const Windows *w, const float *weight,
                  long row, long column, const Target *target)
{
    Job job = {
        .windows = *w, .weight = weight, .row = row, .column = column,
        .target = *target,
    };
    if (target->column != 1 || !squares_of(w, target->channels, &job.squares)) {
        return 0;
    }
    correlate_outputs(frame, &job);
    return !atomic_load(&job.failed);
}
