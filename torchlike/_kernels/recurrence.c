/* The recurrence of an LSTM over time, and of its gradient: sequences are independent,
 * so each thread goes through all steps of some of them. The weight is packed once. */
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

enum {
    CELL = 4,  /* gates */
    MOST = 48, /* sequences of a task: their gates stay in the caches */
};

/* A matrix as panels: blocks of the depth, each with all columns. */
typedef struct {
    const float *b;
    long row, column; /* strides */
    int depth, columns, block, padded;
    float *panels;
} Weight;

/* Arrays of steps, sequences and units in this order. */
typedef struct {
    int steps, sequences, units, reverse;
    int rows; /* of a task */
    Weight weight;
    const float *in[6];
    float *out[3];
} Recurrence;

static void
pack_block(int number, void *data)
{
    const Weight *w = data;
    int from = number * w->block;
    int depth = from + w->block < w->depth ? w->block : w->depth - from;
    pack_panels(w->b + from * w->row, w->row, w->column, depth, w->columns,
                w->panels + (long)from * w->padded);
}

/* False where there is no memory for it. */
static int
pack_weight(const CallFrame *frame, Weight *w)
{
    int blocks = divided(w->depth, DEPTH);
    w->block = divided(w->depth, blocks);
    w->padded = divided(w->columns, WIDTH) * WIDTH;
    w->panels = aligned_alloc(64, (size_t)w->depth * w->padded * sizeof *w->panels);
    if (w->panels != NULL) {
        parallel(frame, WORTH, blocks, pack_block, w);
    }
    return w->panels != NULL;
}

/* out[i] = a[i] times the weight, for some rows; out has room for whole tiles. */
static void
multiply(const Weight *w, int rows, const float *a, long stride, float *out)
{
    Tiles tiles = tiles_of(rows);
    for (int d = 0; d < w->depth; d += w->block) {
        int depth = d + w->block < w->depth ? w->block : w->depth - d;
        const float *panel = w->panels + (long)d * w->padded;
        for (int j = 0; j < w->padded; j += WIDTH, panel += (long)depth * WIDTH) {
            for (int number = 0; number < tiles.count; number++) {
                int first = tile_start(&tiles, number);
                int height = tile_height(&tiles, number);
                const float *lines[ROWS];
                for (int i = 0; i < height; i++) {
                    int line = first + i < rows ? first + i : rows - 1;
                    lines[i] = a + line * stride + d;
                }
                tile_of_lines(height, depth, lines, panel,
                              out + (long)first * w->padded + j, w->padded, d > 0);
            }
        }
    }
}

/* Memory for the products of a task. */
static float *
room_for(const Recurrence *r, int rows)
{
    Tiles tiles = tiles_of(rows);
    size_t tall = (size_t)tile_start(&tiles, tiles.count);
    return scratch(0, tall * r->weight.padded * sizeof(float));
}

static int
rows_from(const Recurrence *r, int first)
{
    return first + r->rows < r->sequences ? r->rows : r->sequences - first;
}

/* given, h, c, weight -> all h, all c, all gates */
static void
go_forward(int number, void *data)
{
    const Recurrence *r = data;
    int first = number * r->rows, rows = rows_from(r, first), units = r->units;
    long step = (long)r->sequences * units, start = (long)first * units;
    const float *h = r->in[1] + start, *c = r->in[2] + start;
    float *own = room_for(r, rows);
    for (int s = 0; s < r->steps; s++) {
        long at = (r->reverse ? r->steps - 1 - s : s) * step + start;
        multiply(&r->weight, rows, h, units, own);
        for (long i = 0; i < rows; i++) {
            long row = at + i * units;
            lstm_cell(units, r->in[0] + CELL * row, own + i * r->weight.padded,
                      c + i * units, r->out[2] + CELL * row, r->out[1] + row,
                      r->out[0] + row);
        }
        h = r->out[0] + at;
        c = r->out[1] + at;
    }
}

/* dh, dc, gates, all c, c, weight -> the gradients of the sums, of h and of c */
static void
go_back(int number, void *data)
{
    const Recurrence *r = data;
    int first = number * r->rows, rows = rows_from(r, first), units = r->units;
    long step = (long)r->sequences * units, start = (long)first * units;
    float *back = room_for(r, rows);
    float *dh = r->out[1] + start, *dc = r->out[2] + start;
    memset(dh, 0, (size_t)rows * units * sizeof *dh);
    memset(dc, 0, (size_t)rows * units * sizeof *dc);
    for (int s = r->steps - 1; s >= 0; s--) {
        long at = (r->reverse ? r->steps - 1 - s : s) * step + start;
        const float *before = r->in[3] + at + (r->reverse ? step : -step);
        before = s > 0 ? before : r->in[4] + start;
        for (long i = 0; i < (long)rows * units; i++) {
            dh[i] += r->in[0][at + i];
            dc[i] += r->in[1][at + i];
        }
        for (long i = 0; i < rows; i++) {
            long row = at + i * units;
            lstm_cell_backward(units, r->in[2] + CELL * row, before + i * units,
                               r->in[3] + row, dh + i * units, dc + i * units,
                               r->out[0] + CELL * row);
        }
        multiply(&r->weight, rows, r->out[0] + CELL * at, CELL * units, back);
        for (long i = 0; i < rows; i++) {
            memcpy(dh + i * units, back + i * r->weight.padded,
                   (size_t)units * sizeof *dh);
        }
    }
}

/* The arguments and results of a call: so many arrays of float32, and ``reverse``. */
static int
read_call(CallFrame *frame, int arguments, Recurrence *r)
{
    if (frame->arguments.count != arguments || frame->results.count != 3 ||
        frame->attributes.count != 1 ||
        ((Array *)frame->attributes.items[0])->size != 1) {
        return 0;
    }
    for (int i = 0; i < arguments + 3; i++) {
        void **items = i < arguments ? frame->arguments.items + i
                                     : frame->results.items + (i - arguments);
        Buffer *x = *items;
        if (x->dtype != FFI_FLOAT32) {
            return 0;
        }
        if (i < arguments) {
            r->in[i] = x->data;
        }
        else {
            r->out[i - arguments] = x->data;
        }
    }
    r->reverse = (int)*(int64_t *)((Array *)frame->attributes.items[0])->data;
    return 1;
}

/* As many sequences to a task as make each thread busy, and whole tiles. */
static void *
run(CallFrame *frame, Recurrence *r, void (*go)(int, void *))
{
    int threads = thread_count(frame);
    r->rows = divided(divided(r->sequences, threads), 2) * 2;
    r->rows = r->rows < LESS ? LESS : r->rows > MOST ? MOST : r->rows;
    if (!pack_weight(frame, &r->weight)) {
        return refuse(frame, "out of memory");
    }
    parallel(frame, WORTH, divided(r->sequences, r->rows), go, r);
    free(r->weight.panels);
    return NULL;
}

void *
lstm(CallFrame *frame)
{
    Recurrence r = {0};
    if (is_question(frame) || frame->stage != FFI_EXECUTE) {
        return NULL;
    }
    if (!read_call(frame, 4, &r)) {
        return refuse(frame, "expected four arguments and three results, of float32");
    }
    const int64_t *dims = ((Buffer *)frame->results.items[0])->dims;
    r.steps = (int)dims[0], r.sequences = (int)dims[1], r.units = (int)dims[2];
    r.weight = (Weight){r.in[3], 1, r.units, r.units, CELL * r.units, 0, 0, NULL};
    return run(frame, &r, go_forward);
}

void *
lstm_backward(CallFrame *frame)
{
    Recurrence r = {0};
    if (is_question(frame) || frame->stage != FFI_EXECUTE) {
        return NULL;
    }
    if (!read_call(frame, 6, &r)) {
        return refuse(frame, "expected six arguments and three results, of float32");
    }
    const int64_t *dims = ((Buffer *)frame->arguments.items[0])->dims;
    r.steps = (int)dims[0], r.sequences = (int)dims[1], r.units = (int)dims[2];
    r.weight = (Weight){r.in[5], r.units, 1, CELL * r.units, r.units, 0, 0, NULL};
    return run(frame, &r, go_back);
}
