/* The gradient of a convolution's weight: a product over all positions. */
#include <string.h>

#include "kernels.h"

enum {
    OUTPUTS = 8 * WIDTH, /* channels of the source that a task takes, at most */
    AT_ONCE = 256,       /* positions whose panel the first cache holds */
    TASKS = 16, /* where there is enough to do; how many tells how numbers are rounded */
};

typedef struct {
    const Windows *windows;
    const float *source;
    long image;   /* stride of the source from image to image */
    int channels; /* of the source */
    float *result;
    long row, column;
    int block, blocks; /* channels of the images that a task takes; how many tasks */
    int groups, group; /* tasks along the channels of the source; channels of each */
    int pieces;        /* tasks along the positions */
    float *sums;       /* of pieces: of each the sums of all tasks */
    long size;         /* of a task's sums */
} Job;

/* What one task adds up: sums[row][output], row being a channel and a tap. */
typedef struct {
    int from, to;       /* channels of the images */
    int first, outputs; /* channels of the source */
    int rows;
    float *sums;
    float *panel;
    const float **starts; /* of the rows in the copy */
    int *places;
} Task;

/* panel[position][output], from the rows of the source. */
static void
fill_panel(const Job *job, const Task *task, const Part *part, int output, int at,
           int size, float *panel)
{
    long grid = (long)job->windows->grid_y * job->windows->grid_x;
    int each = part->rows * job->windows->grid_x;
    int width = task->outputs - output < WIDTH ? task->outputs - output : WIDTH;
    const float *source = job->source + (long)part->top * job->windows->grid_x;
    for (int q = 0; q < size;) {
        int image = (at + q) / each, from = (at + q) % each;
        int count = each - from < size - q ? each - from : size - q;
        long start = (part->first + image) * job->image + from;
        pack_columns(source + start + (task->first + output) * grid, 1, grid, count, width,
                     panel + (long)q * WIDTH);
        q += count;
    }
}

static void
add_positions(const Job *job, Task *task, const Part *part, int at, int size, int add)
{
    for (int output = 0; output < task->outputs; output += WIDTH) {
        fill_panel(job, task, part, output, at, size, task->panel);
        for (int row = 0; row < task->rows; row += ROWS) {
            float *sums = task->sums + (long)row * job->group + output;
            tile_of_rows(ROWS, size, task->starts + row, task->places + at, task->panel,
                         sums, job->group, add);
        }
    }
}

static void
find_starts(const Job *job, const Copy *copy, Task *task)
{
    const Windows *w = job->windows;
    const float **start = task->starts;
    for (int c = 0; c < task->to - task->from; c++) {
        for (int t = 0; t < w->taps; t++) {
            *start++ = copy->data + c * copy->plane + tap_place(w, copy, t);
        }
    }
    for (int i = 0; i < ROWS; i++) { /* a last tile that is not full */
        *start++ = copy->data;
    }
}

static void
add_part(const Job *job, Task *task, int number, int add)
{
    const Windows *w = job->windows;
    Part part = part_of(w, number);
    int size = part_size(w, &part);
    Copy copy;
    copy_shape(w, &part, job->block, &copy);
    copy.data = scratch(0, (size_t)(copy.image * part.images + SPARE) * sizeof(float));
    task->places = scratch(3, (size_t)size * sizeof(int));
    copy_fill(w, &part, task->from, task->to, &copy);
    position_places(w, &part, &copy, task->places);
    find_starts(job, &copy, task);
    for (int at = 0; at < size; at += AT_ONCE) {
        int count = size - at < AT_ONCE ? size - at : AT_ONCE;
        add_positions(job, task, &part, at, count, add || at > 0);
    }
}

/* Write a task's sums, those of all pieces, into the result. */
static void
write_sums(const Job *job, const Task *task, long stride)
{
    const Windows *w = job->windows;
    for (int c = task->from; c < task->to; c++) {
        const float *from = task->sums + (long)(c - task->from) * w->taps * job->group;
        float *out = job->result + task->first * job->row + c * job->column;
        for (int m = 0; m < task->outputs; m++, out += job->row) {
            const float *sums = from + m;
            for (int t = 0; t < w->taps; t++, sums += job->group) {
                float total = sums[0];
                for (int i = 1; i < job->pieces; i++) {
                    total += sums[i * stride];
                }
                out[w->tap[t].weight] = total;
            }
        }
    }
}

static Task
task_of(const Job *job, int number)
{
    int block = number / job->groups, group = number % job->groups;
    Task task = {.from = block * job->block, .first = group * job->group};
    task.to = task.from + job->block;
    task.to = task.to < job->windows->channels ? task.to : job->windows->channels;
    task.outputs = job->channels - task.first;
    task.outputs = task.outputs < job->group ? task.outputs : job->group;
    task.rows = (task.to - task.from) * job->windows->taps;
    return task;
}

static void
add_up(int number, void *data)
{
    const Job *job = data;
    int parts = part_count(job->windows), piece = number % job->pieces;
    int tasks = job->blocks * job->groups;
    int first = (int)((long)parts * piece / job->pieces);
    int last = (int)((long)parts * (piece + 1) / job->pieces);
    Task task = task_of(job, number / job->pieces);
    size_t starts = (size_t)(task.rows + ROWS) * sizeof *task.starts;
    task.starts = scratch(2, starts);
    task.panel = scratch(1, AT_ONCE * WIDTH * sizeof(float));
    if (job->pieces > 1) {
        task.sums = job->sums + ((long)piece * tasks + number / job->pieces) * job->size;
    }
    else {
        task.sums = scratch(4, (size_t)job->size * sizeof(float));
    }
    for (int i = first; i < last; i++) {
        add_part(job, &task, i, i > first);
    }
    if (job->pieces == 1) {
        write_sums(job, &task, 0);
    }
}

static void
join_pieces(int number, void *data)
{
    const Job *job = data;
    Task task = task_of(job, number);
    task.sums = job->sums + number * job->size;
    write_sums(job, &task, (long)job->blocks * job->groups * job->size);
}

void
correlate_weights(const CallFrame *frame, const Windows *w, const float *source,
                  int total, int channels, float *result, long row, long column)
{
    long image = (long)total * w->grid_y * w->grid_x;
    Job job = {w, source, image, channels, result, row, column};
    int parts = part_count(w), tasks;
    double products = products_of(w, channels);
    if (correlate_squares_weights(frame, w, source, total, channels, result, row,
                                  column)) {
        return;
    }
    job.block = block_of_channels(w);
    job.blocks = (w->channels + job.block - 1) / job.block;
    job.group = channels < OUTPUTS ? (channels + WIDTH - 1) / WIDTH * WIDTH : OUTPUTS;
    job.groups = (channels + job.group - 1) / job.group;
    job.size = (long)(job.block * w->taps + ROWS) * job.group;
    tasks = job.blocks * job.groups;
    job.pieces = (TASKS + tasks - 1) / tasks;
    job.pieces = job.pieces < parts ? job.pieces : parts;
    if (job.pieces > 1) {
        size_t size = (size_t)tasks * job.pieces * job.size * sizeof(float);
        job.sums = scratch(5, size);
    }
    parallel(frame, products, tasks * job.pieces, add_up, &job);
    if (job.pieces > 1) {
        parallel(frame, products, tasks, join_pieces, &job);
    }
}
