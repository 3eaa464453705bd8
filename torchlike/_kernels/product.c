/* Matrix products of float32 whose operands lie in memory as they come. */
#include "kernels.h"

enum {
    NUMBERS = 13,    /* of a product, as XLA hands them over */
    TALL = 192,      /* rows of a task, at most */
    TOGETHER = 128,  /* columns packed at once */
    MANY = 96,       /* columns for which rows are packed that could be read as they are */
    /* What it takes to pack a number, about. */
    A_PANEL = 1,
    A_ROW = 2,
    A_COLUMN = 2,
};

/* c[i, j] = sum over d of a[i, d] * b[d, j], for each of a batch of groups. */
typedef struct {
    int groups, batch, m, n, k;
    long a_group, a_next, a_row, a_column; /* strides */
    long b_group, b_next, b_row, b_column;
    const float *a, *b;
    float *c;
    int rows, columns;         /* of a task */
    int packs;                 /* whether the rows are packed */
    int down, across;          /* tasks of a product */
} Product;

static double
size_of(const Product *p)
{
    return (double)p->groups * p->batch * p->m * p->n * p->k;
}

typedef struct {
    const Product *p;
    const float *a;
    const float *packed; /* the rows as tiles take them, or NULL */
    Tiles tiles;
    int rows, depth, add;
} Block;

/* The sums of one panel's columns. */
static void
multiply(const Block *block, const float *panel, float *c, int width)
{
    const Product *p = block->p;
    for (int number = 0; number < block->tiles.count; number++) {
        int first = tile_start(&block->tiles, number);
        int height = tile_height(&block->tiles, number);
        int there = first + height <= block->rows ? height : block->rows - first;
        int whole = there == height && width == WIDTH;
        float sums[ROWS * WIDTH], *out = whole ? c + (long)first * p->n : sums;
        long stride = whole ? p->n : WIDTH;
        int add = whole && block->add;
        if (block->packed != NULL) {
            tile(height, block->depth, block->packed + (long)first * block->depth, panel,
                 out, stride, add);
        }
        else {
            const float *rows[ROWS];
            for (int i = 0; i < height; i++) {
                rows[i] = block->a + (first + (i < there ? i : there - 1)) * p->a_row;
            }
            tile_of_lines(height, block->depth, rows, panel, out, stride, add);
        }
        for (int i = 0; !whole && i < there; i++) {
            float *to = c + (long)(first + i) * p->n;
            for (int j = 0; j < width; j++) {
                to[j] = block->add ? to[j] + sums[i * WIDTH + j] : sums[i * WIDTH + j];
            }
        }
    }
}

/* One task: some rows and some columns of one product. */
static void
work(int number, void *data)
{
    const Product *p = data;
    int which = number / (p->down * p->across), rest = number % (p->down * p->across);
    int top = rest / p->across * p->rows, left = rest % p->across * p->columns;
    int rows = top + p->rows < p->m ? p->rows : p->m - top;
    int columns = left + p->columns < p->n ? p->columns : p->n - left;
    int steps = divided(p->k, DEPTH), depth = divided(p->k, steps);
    int group = which / p->batch, member = which % p->batch;
    const float *a = p->a + group * p->a_group + member * p->a_next + top * p->a_row;
    const float *b = p->b + group * p->b_group + member * p->b_next + left * p->b_column;
    float *c = p->c + ((long)which * p->m + top) * p->n + left, *packed = NULL;
    int some = columns < TOGETHER ? divided(columns, WIDTH) * WIDTH : TOGETHER;
    float *panels = scratch(0, (size_t)depth * some * sizeof *panels);
    Block block = {p, a, NULL, tiles_of(rows), rows, depth, 0};
    if (p->packs) {
        size_t padded = (size_t)tile_start(&block.tiles, block.tiles.count);
        packed = scratch(1, padded * (size_t)depth * sizeof *packed);
    }
    block.packed = packed;
    for (int d = 0; d < p->k; d += depth) {
        block.depth = d + depth < p->k ? depth : p->k - d;
        block.a = a + d * p->a_column;
        block.add = d > 0;
        if (packed != NULL) {
            pack_tiles(&block.tiles, rows, p->m - top - rows, block.a, p->a_row,
                       p->a_column, block.depth, packed);
        }
        for (int j = 0; j < columns; j += some) {
            int count = columns - j < some ? columns - j : some;
            pack_panels(b + d * p->b_row + j * p->b_column, p->b_row, p->b_column,
                        block.depth, count, panels);
            for (int i = 0; i < count; i += WIDTH) {
                int width = count - i < WIDTH ? count - i : WIDTH;
                multiply(&block, panels + (long)i * block.depth, c + j + i, width);
            }
        }
    }
}

/* Cut a product into tasks: as many as threads can use, such that little has to be
 * packed more than once. */
static void
cut(const CallFrame *frame, Product *p)
{
    int panels = divided(p->n, WIDTH), low = divided(p->m, TALL);
    int high = divided(p->m, 2 * ROWS), wanted = 1;
    double least = 0;
    if (size_of(p) >= WORTH) {
        wanted = divided(2 * thread_count(frame), p->groups * p->batch);
    }
    for (int down = low; down <= high && down <= low + wanted; down++) {
        int across = divided(wanted, down) < panels ? divided(wanted, down) : panels;
        double rows = (double)across * p->m * A_ROW;
        double columns = (double)down * p->n * (p->b_column == 1 ? A_PANEL : A_COLUMN);
        double missing = wanted > down * across ? wanted - down * across : 0;
        double cost = rows + columns + missing * p->m * p->n;
        if (down == low || cost < least) {
            least = cost;
            p->rows = divided(divided(p->m, down), HALF) * HALF;
            p->columns = divided(panels, across) * WIDTH;
        }
    }
    p->down = divided(p->m, p->rows);
    p->across = divided(p->n, p->columns);
    p->packs = p->a_column != 1 || p->columns >= MANY;
}

/* (a, b) -> c, with the sizes groups, batch, m, n, k and the strides of a and b. */
void *
product(CallFrame *frame)
{
    const int64_t *x;
    if (is_question(frame) || frame->stage != FFI_EXECUTE) {
        return NULL;
    }
    x = numbers_of(frame, NUMBERS);
    if (x == NULL) {
        return refuse(frame, "expected two arguments, a result and 13 numbers");
    }
    if (!are_single(frame)) {
        return refuse(frame, "expected float32 arrays");
    }
    Product p = {
        (int)x[0], (int)x[1], (int)x[2], (int)x[3], (int)x[4],
        x[5], x[6], x[7], x[8], x[9], x[10], x[11], x[12],
        ((Buffer *)frame->arguments.items[0])->data,
        ((Buffer *)frame->arguments.items[1])->data,
        ((Buffer *)frame->results.items[0])->data, 0, 0, 0, 0, 0,
    };
    cut(frame, &p);
    parallel(frame, size_of(&p), p.groups * p.batch * p.down * p.across, work, &p);
    return NULL;
}
