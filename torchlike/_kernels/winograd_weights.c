/* The gradient of the weight of 3 × 3 by Winograd, F(3×3, 2×2): sixteen products of
 * the squares of the images with those of the result's gradient, over all squares. */
#include <stdatomic.h>

#include "kernels.h"

enum {
    INPUTS = 64,   /* channels of the images that a task takes, at most */
    OUTPUTS = 256, /* the same of the source */
    AT_ONCE = 256, /* squares of a part: what the second cache holds */
    TOGETHER = 8,  /* channels whose kernels are written at once */
    TASKS = 8, /* where there is enough to do; how many tells how numbers are rounded */
};

typedef struct {
    Squares squares;
    const float *source;
    long image;   /* stride of the source from image to image */
    int channels; /* of the source */
    float *result;
    long row;
    int block, blocks; /* channels of the images that a task takes; how many tasks */
    int rows;          /* of the tiles of a block */
    int groups, group; /* tasks along the channels of the source; channels of each */
    int pieces;        /* tasks along the squares */
    float *sums;       /* of pieces: of each the sums of all tasks */
    long size;         /* of a task's sums */
    atomic_int failed;
} Job;

/* What one task adds up: sums[product][channel][output]. */
typedef struct {
    int from, to;       /* channels of the images */
    int first, outputs; /* channels of the source */
    Tiles tiles;
    float *sums;
} Task;

/* The sixteen numbers of the squares in a row, for LANES outputs: ``below`` is how far
 * the second row of results lies, or 0 if there is none. */
FAST static inline void
transform(const float *in, int count, int width, long below, float *out, long step)
{
    for (int v = 0; v < count; v++, in += 2 * WIDTH, out += WIDTH) {
        Vector x[2][2] = {{*(const Vector *)in}}, y[4][2];
        int two = 2 * v + 1 < width;
        if (two) {
            x[0][1] = *(const Vector *)(in + WIDTH);
        }
        if (below > 0) {
            x[1][0] = *(const Vector *)(in + below);
        }
        if (two && below > 0) {
            x[1][1] = *(const Vector *)(in + below + WIDTH);
        }
        for (int j = 0; j < 2; j++) {
            y[0][j] = x[0][j];
            y[1][j] = x[0][j] + x[1][j];
            y[2][j] = x[0][j] - x[1][j];
            y[3][j] = -x[1][j];
        }
        for (int i = 0; i < 4; i++) {
            float *to = out + 4 * i * step;
            *(Vector *)to = y[i][0];
            *(Vector *)(to + step) = y[i][0] + y[i][1];
            *(Vector *)(to + 2 * step) = y[i][0] - y[i][1];
            *(Vector *)(to + 3 * step) = -y[i][1];
        }
    }
}

/* panel[product][square][output] of a part's squares. */
FAST static void
fill_panel(const Job *job, const Part *part, int output, int width, float *panel)
{
    long grid = (long)job->squares.grid_y * job->squares.grid_x;
    long step = (long)part_size(&job->squares.windows, part) * WIDTH;
    int wide = job->squares.windows.grid_x, line = job->squares.grid_x;
    float *packed = scratch(2, (size_t)2 * line * WIDTH * sizeof *packed);
    for (int n = part->first; n < part->first + part->images; n++) {
        const float *source = job->source + n * job->image + output * grid;
        for (int u = part->top; u < part->top + part->rows; u++) {
            int rows = 2 * u + 1 < job->squares.grid_y ? 2 : 1;
            long below = rows == 2 ? line * WIDTH : 0;
            pack_columns(source + 2 * u * line, 1, grid, rows * line, width, packed);
            transform(packed, wide, line, below, panel, step);
            transform(packed + LANES, wide, line, below, panel + LANES, step);
            panel += wide * WIDTH;
        }
    }
}

/* The products of one panel of outputs with all channels of a task. */
static void
add_panel(const Job *job, const Task *task, int size, const float *squares, long line,
          const float *panel, float *sums, int add)
{
    for (int i = 0; i < SQUARE; i++, panel += (long)size * WIDTH) {
        for (int number = 0; number < task->tiles.count; number++) {
            const float *lines[ROWS];
            int first = tile_start(&task->tiles, number);
            int height = tile_height(&task->tiles, number);
            for (int r = 0; r < height; r++) {
                lines[r] = squares + smaller(first + r, task->to - task->from - 1) * line;
            }
            tile_of_lines(height, size, lines, panel, sums + first * job->group,
                          job->group, add);
        }
        squares += job->block * line;
        sums += job->rows * job->group;
    }
}

static void
add_part(const Job *job, const Task *task, int number, int add)
{
    Part part = part_of(&job->squares.windows, number);
    int size = part_size(&job->squares.windows, &part);
    long line = divided(size, WIDTH) * WIDTH;
    size_t all = (size_t)SQUARE * job->block * line;
    float *squares = scratch(1, (all + (size_t)SQUARE * size * WIDTH) * sizeof(float));
    transform_squares(&job->squares, &part, task->from, task->to, squares, line, WIDTH,
                      job->block * line);
    for (int output = 0; output < task->outputs; output += WIDTH) {
        fill_panel(job, &part, task->first + output,
                   smaller(WIDTH, task->outputs - output), squares + all);
        add_panel(job, task, size, squares, line, squares + all, task->sums + output,
                  add);
    }
}

/* The kernels of LANES outputs from the sums of all pieces. */
FAST static inline void
kernels_of(const Job *job, const float *sums, long stride, float *out, Vector *wrong)
{
    Vector x[4][3];
    long step = (long)job->rows * job->group;
    for (int i = 0; i < 4; i++) {
        Vector m[4], sum;
        for (int j = 0; j < 4; j++, sums += step) {
            m[j] = *(const Vector *)sums;
            for (int p = 1; p < job->pieces; p++) {
                m[j] += *(const Vector *)(sums + p * stride);
            }
        }
        sum = (m[1] + m[2]) * 0.5f;
        x[i][0] = m[0] + sum;
        x[i][1] = (m[1] - m[2]) * 0.5f;
        x[i][2] = sum + m[3];
    }
    for (int j = 0; j < 3; j++) {
        const int *order = job->squares.order + j;
        Vector sum = (x[1][j] + x[2][j]) * 0.5f, middle = (x[1][j] - x[2][j]) * 0.5f;
        Vector above = x[0][j] + sum, below = sum + x[3][j];
        *wrong += above * 0.0f;
        *wrong += middle * 0.0f;
        *wrong += below * 0.0f;
        *(Vector *)(out + order[0] * WIDTH) = above;
        *(Vector *)(out + order[3] * WIDTH) = middle;
        *(Vector *)(out + order[6] * WIDTH) = below;
    }
}

FAST static void
write_kernels(Job *job, const Task *task, long stride)
{
    float found[TOGETHER * 9 * WIDTH];
    Vector wrong = {0};
    for (int c = task->from; c < task->to; c += TOGETHER) {
        int count = smaller(TOGETHER, task->to - c);
        const float *sums = task->sums + (long)(c - task->from) * job->group;
        for (int output = 0; output < task->outputs; output += WIDTH) {
            int width = smaller(WIDTH, task->outputs - output);
            float *out = job->result + (task->first + output) * job->row + c * 9;
            for (int k = 0; k < count; k++) {
                const float *from = sums + k * job->group + output;
                float *to = found + k * 9 * WIDTH;
                kernels_of(job, from, stride, to, &wrong);
                kernels_of(job, from + LANES, stride, to + LANES, &wrong);
            }
            turn_over(found, WIDTH, 9 * count, width, out, job->row);
        }
    }
    if (is_wrong(&wrong)) {
        atomic_store(&job->failed, 1);
    }
}

static Task
task_of(const Job *job, int number)
{
    int from = number / job->groups * job->block;
    int first = number % job->groups * job->group;
    Task task = {.from = from, .first = first};
    task.to = smaller(from + job->block, job->squares.windows.channels);
    task.outputs = smaller(job->group, job->channels - first);
    task.tiles = tiles_of(task.to - from);
    return task;
}

static void
add_up(int number, void *data)
{
    Job *job = data;
    int parts = part_count(&job->squares.windows), piece = number % job->pieces;
    int tasks = job->blocks * job->groups;
    int first = (int)((long)parts * piece / job->pieces);
    int last = (int)((long)parts * (piece + 1) / job->pieces);
    Task task = task_of(job, number / job->pieces);
    if (job->pieces > 1) {
        long own = (long)piece * tasks + number / job->pieces;
        task.sums = job->sums + own * job->size;
    }
    else {
        task.sums = scratch(4, (size_t)job->size * sizeof(float));
    }
    for (int i = first; i < last && !atomic_load(&job->failed); i++) {
        add_part(job, &task, i, i > first);
    }
    if (job->pieces == 1) {
        write_kernels(job, &task, 0);
    }
}

static void
join_pieces(int number, void *data)
{
    Job *job = data;
    Task task = task_of(job, number);
    task.sums = job->sums + number * job->size;
    write_kernels(job, &task, (long)job->blocks * job->groups * job->size);
}

int
correlate_squares_weights(const CallFrame *frame, const Windows *w, const float *source,
                          int total, int channels, float *result, long row, long column)
{
    Job job = {
        .source = source, .image = (long)total * w->grid_y * w->grid_x,
        .channels = channels, .result = result, .row = row,
    };
    int parts, tasks;
    double products = products_of(w, channels);
    if (column != 9 || !squares_for_weights(w, channels, &job.squares)) {
        return 0;
    }
    job.squares.windows.most = AT_ONCE;
    parts = part_count(&job.squares.windows);
    job.blocks = divided(w->channels, INPUTS);
    job.block = divided(w->channels, job.blocks);
    job.rows = divided(job.block, HALF) * HALF;
    job.rows = job.rows < LESS ? LESS : job.rows;
    job.group = channels < OUTPUTS ? divided(channels, WIDTH) * WIDTH : OUTPUTS;
    job.groups = divided(channels, job.group);
    job.size = (long)SQUARE * job.rows * job.group;
    tasks = job.blocks * job.groups;
    job.pieces = smaller(divided(TASKS, tasks), parts);
    if (job.pieces > 1) {
        job.sums = scratch(5, (size_t)tasks * job.pieces * job.size * sizeof(float));
    }
    parallel(frame, products, tasks * job.pieces, add_up, &job);
    if (job.pieces > 1) {
        parallel(frame, products, tasks, join_pieces, &job);
    }
    return !atomic_load(&job.failed);
}
