/* A convolution as a matrix product whose right side is never written out whole. */
#include <string.h>

#include "kernels.h"

enum {
    BLOCK = 48,  /* tiles whose weights the second cache holds */
    PACKED = 4,  /* tiles whose weights are packed at once */
    MANY = 5000, /* positions for which that is worth while */
    TASKS = 2,   /* of each thread at least, where there is enough to do */
};

typedef struct {
    const Windows *windows;
    const float *weight;
    long row, column;
    const Target *target;
    float *packed;     /* the weight as tiles take it, or NULL */
    Tiles tiles;       /* of the output channels */
    int groups, group; /* of tiles: how many, how large */
    int block;         /* input channels at once */
} Job;

/* One part of the images, with some input and all output channels of a group. */
typedef struct {
    int size, depth;   /* positions, products to add */
    float *copied;
    int *places;       /* of the positions in the copy */
    long *results;     /* of the positions in the target */
    int *sources;      /* of the products in the copy */
    int *weights;      /* and in the weight */
    int first;         /* the first of the products */
    float *panel;
} Work;

FAST static inline void
fill_by(int count, const Work *work, const Moves *moves)
{
    float *out = work->panel;
    for (int d = 0; d < work->depth; d++, out += WIDTH) {
        const float *in = work->copied + work->sources[d];
        for (int i = 0; i < count; i++) {
            *(Vector *)(out + moves->to[i]) = *(const Vector *)(in + moves->from[i]);
        }
    }
}

/* The loops for few moves are written out. */
FAST static void
fill_panel(const Work *work, const Moves *moves)
{
    switch (moves->count) {
    case 2:
        fill_by(2, work, moves);
        break;
    case 3:
        fill_by(3, work, moves);
        break;
    case 4:
        fill_by(4, work, moves);
        break;
    default:
        fill_by(moves->count, work, moves);
    }
}

static void
find_results(const Job *job, const Part *part, long *results)
{
    const Target *t = job->target;
    for (int n = part->first; n < part->first + part->images; n++) {
        for (int u = part->top; u < part->top + part->rows; u++) {
            for (int v = 0; v < job->windows->grid_x; v++) {
                *results++ = n * t->image + u * t->row + v * t->column;
            }
        }
    }
}

static void
find_products(const Job *job, int from, int to, const Copy *copy, Work *work)
{
    const Windows *w = job->windows;
    int d = 0;
    for (int c = 0; c < to - from; c++) {
        for (int t = 0; t < w->taps; t++, d++) {
            work->sources[d] = (int)(c * copy->plane + tap_place(w, copy, t));
            work->weights[d] = (int)((from + c) * job->column + w->tap[t].weight);
        }
    }
    work->first = from * w->taps;
    work->depth = d;
}

/* Results that are neighbours: how many, from the first of them on. */
static int
run_of(const long *results, int size)
{
    int n = 1;
    while (n < size && results[n] == results[0] + n) {
        n++;
    }
    return n;
}

FAST static inline void
put(const float *sums, int count, float *out, int add)
{
    for (int j = 0; j < count; j++) {
        out[j] = add ? out[j] + sums[j] : sums[j];
    }
}

/* Put a tile of which not all is wanted, or not in one piece, where it belongs. */
FAST static void
scatter(const float *sums, float *out, long plane, int rows, const long *results,
        int size, int add)
{
    for (int j = 0, n; j < size; j += n) {
        n = run_of(results + j, size - j);
        for (int i = 0; i < rows; i++) {
            put(sums + i * WIDTH + j, n, out + i * plane + results[j], add);
        }
    }
}

static void
add_tile(const Job *job, const Work *work, int number, float *out, long stride, int add)
{
    const float *rows[ROWS];
    int m = tile_start(&job->tiles, number), height = tile_height(&job->tiles, number);
    int last = job->target->channels - 1;
    if (job->packed != NULL) {
        long total = (long)job->windows->channels * job->windows->taps;
        const float *packed = job->packed + m * total + (long)work->first * height;
        tile(height, work->depth, packed, work->panel, out, stride, add);
        return;
    }
    for (int i = 0; i < height; i++) {
        rows[i] = job->weight + (m + i < last ? m + i : last) * job->row;
    }
    tile_of_rows(height, work->depth, rows, work->weights, work->panel, out, stride, add);
}

static void
multiply(const Job *job, const Work *work, int first, int last, int at, int add)
{
    const Target *t = job->target;
    const long *results = work->results + at;
    int size = work->size - at < WIDTH ? work->size - at : WIDTH;
    int together = size == WIDTH && results[WIDTH - 1] - results[0] == WIDTH - 1;
    for (int number = first; number < last; number++) {
        int m = tile_start(&job->tiles, number), end = tile_start(&job->tiles, number + 1);
        float *out = t->data + m * t->plane, sums[ROWS * WIDTH];
        if (together && end <= t->channels) {
            add_tile(job, work, number, out + results[0], t->plane, add);
        }
        else {
            int count = (end < t->channels ? end : t->channels) - m;
            add_tile(job, work, number, sums, WIDTH, 0);
            scatter(sums, out, t->plane, count, results, size, add);
        }
    }
}

static void
multiply_all(const Job *job, Work *work, int first, int last, int add)
{
    for (int number = first; number < last; number += BLOCK) {
        int end = number + BLOCK < last ? number + BLOCK : last;
        for (int at = 0; at < work->size; at += WIDTH) {
            Moves moves;
            int left = work->size - at;
            find_moves(work->places + at, left < WIDTH ? left : WIDTH, LANES,
                       &moves);
            fill_panel(work, &moves);
            multiply(job, work, number, end, at, add);
        }
    }
}

static void
prepare(Work *work, int size, long copied, int depth)
{
    int *numbers;
    work->size = size;
    work->copied = scratch(0, ((size_t)copied + WIDTH) * sizeof(float));
    work->panel = scratch(1, ((size_t)depth + 1) * WIDTH * sizeof(float));
    work->results = scratch(2, (size_t)size * sizeof(long));
    numbers = scratch(3, ((size_t)size + 2 * depth) * sizeof(int));
    work->places = numbers;
    work->sources = numbers + size;
    work->weights = numbers + size + depth;
}

/* How many taps' weights are neighbours: all, or one. */
static int
run_of_taps(const Windows *w)
{
    for (int t = 1; t < w->taps; t++) {
        if (w->tap[t].weight != w->tap[0].weight + t) {
            return 1;
        }
    }
    return w->taps;
}

static void
pack_tile(const Job *job, int number)
{
    const Windows *w = job->windows;
    int m = tile_start(&job->tiles, number), height = tile_height(&job->tiles, number);
    int beyond = job->target->channels - m - height;
    int there = beyond < 0 ? height + beyond : height, run = run_of_taps(w);
    const float *in = job->weight + m * job->row;
    float *out = job->packed + (long)m * w->channels * w->taps;
    for (int c = 0; c < w->channels; c++, in += job->column) {
        for (int t = 0; t < w->taps; t += run, out += run * height) {
            pack_rows(in + w->tap[t].weight, job->row, 1, height, there, beyond, run, out);
        }
    }
}

static void
pack(int number, void *data)
{
    const Job *job = data;
    int first = number * PACKED, last = first + PACKED;
    for (int i = first; i < last && i < job->tiles.count; i++) {
        pack_tile(job, i);
    }
}

static void
correlate_part(int number, void *data)
{
    const Job *job = data;
    const Windows *w = job->windows;
    Part part = part_of(w, number / job->groups);
    int first = number % job->groups * job->group, last = first + job->group;
    Copy copy;
    Work work;
    last = last < job->tiles.count ? last : job->tiles.count;
    copy_shape(w, &part, job->block, &copy);
    prepare(&work, part_size(w, &part), copy.image * part.images,
            job->block * w->taps);
    copy.data = work.copied;
    position_places(w, &part, &copy, work.places);
    find_results(job, &part, work.results);
    for (int c = 0; c < w->channels; c += job->block) {
        int end = c + job->block < w->channels ? c + job->block : w->channels;
        copy_fill(w, &part, c, end, &copy);
        find_products(job, c, end, &copy, &work);
        multiply_all(job, &work, first, last, c > 0);
    }
}

static void
fill_zero(const Windows *w, const Target *t)
{
    for (int n = 0; n < w->images; n++) {
        for (int m = 0; m < t->channels; m++) {
            for (int u = 0; u < w->grid_y; u++) {
                float *out = t->data + n * t->image + m * t->plane + u * t->row;
                for (int v = 0; v < w->grid_x; v++) {
                    out[v * t->column] = 0;
                }
            }
        }
    }
}

/* Groups of tiles: one, or where there are few parts as many as make the tasks enough. */
static void
divide_channels(Job *job, int parts, int tasks)
{
    int most;
    job->tiles = tiles_of(job->target->channels);
    most = divided(job->tiles.count, 8);
    job->groups = parts >= tasks ? 1 : tasks / parts < most ? tasks / parts : most;
    job->group = divided(job->tiles.count, job->groups);
    job->groups = divided(job->tiles.count, job->group);
}

void
correlate(const CallFrame *frame, const Windows *windows, const float *weight, long row,
          long column, const Target *target)
{
    Windows own = *windows, *w = &own;
    Job job = {
        .windows = w, .weight = weight, .row = row, .column = column, .target = target,
    };
    int tasks = TASKS * thread_count(frame), parts;
    double products = products_of(w, target->channels);
    w->parts = thread_count(frame);
    parts = part_count(w);
    if (w->grid_y <= 0 || w->grid_x <= 0) {
        return;
    }
    if (w->taps == 0 || w->channels == 0) { /* fewer taps than steps */
        fill_zero(w, target);
        return;
    }
    if (correlate_squares(frame, windows, weight, row, column, target)) {
        return;
    }
    job.block = block_of_channels(w);
    divide_channels(&job, parts, tasks);
    if ((long)w->images * w->grid_y * w->grid_x >= MANY) {
        size_t size = (size_t)(target->channels + ROWS) * w->channels * w->taps;
        job.packed = scratch(5, size * sizeof(float));
        parallel(frame, products, divided(job.tiles.count, PACKED), pack, &job);
    }
    parallel(frame, products, parts * job.groups, correlate_part, &job);
}
