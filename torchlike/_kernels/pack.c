/* Operands of matrix products copied to where the innermost loop wants them. */
#include <string.h>

#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef float Vector __attribute__((vector_size(32), aligned(4), may_alias));

Tiles
tiles_of(int rows)
{
    int even = rows < LESS ? LESS : (rows + 1) / 2 * 2;
    int less = even % ROWS == 0 ? 0 : even % ROWS == LESS ? 1 : 2;
    Tiles tiles = {less, less + (even - less * LESS) / ROWS};
    return tiles;
}

int
tile_start(const Tiles *tiles, int number)
{
    int less = number < tiles->less ? number : tiles->less;
    return less * LESS + (number - less) * ROWS;
}

/* Columns that are neighbours, as panels: one row after the other. */
static void
pack_rows(const float *b, long row, int depth, int columns, float *panels)
{
    int whole = columns / WIDTH * WIDTH, rest = columns - whole;
    float *last = panels + (long)whole * depth;
    if (rest > 0) {
        memset(last, 0, (size_t)depth * WIDTH * sizeof *last);
    }
    for (int d = 0; d < depth; d++, b += row) {
        for (int j = 0; j < whole; j += WIDTH) {
            memcpy(panels + (long)j * depth + d * WIDTH, b + j, WIDTH * sizeof *b);
        }
        if (rest > 0) {
            memcpy(last + d * WIDTH, b + whole, (size_t)rest * sizeof *b);
        }
    }
}

#if defined(__x86_64__)
/* Eight rows of eight numbers, turned over. What is written of a row of the result may
 * be overwritten by the next one. */
FAST static inline void
turn(const float *in, long stride, float *out, long step)
{
    __m256 x[8], y[8];
    for (int i = 0; i < 8; i++) {
        x[i] = _mm256_loadu_ps(in + i * stride);
    }
    for (int i = 0; i < 8; i += 2) {
        y[i] = _mm256_unpacklo_ps(x[i], x[i + 1]);
        y[i + 1] = _mm256_unpackhi_ps(x[i], x[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        x[i] = _mm256_shuffle_ps(y[i], y[i + 2], 0x44);
        x[i + 1] = _mm256_shuffle_ps(y[i], y[i + 2], 0xEE);
        x[i + 2] = _mm256_shuffle_ps(y[i + 1], y[i + 3], 0x44);
        x[i + 3] = _mm256_shuffle_ps(y[i + 1], y[i + 3], 0xEE);
    }
    for (int i = 0; i < 4; i++, out += step) {
        _mm256_storeu_ps(out, _mm256_permute2f128_ps(x[i], x[i + 4], 0x20));
    }
    for (int i = 0; i < 4; i++, out += step) {
        _mm256_storeu_ps(out, _mm256_permute2f128_ps(x[i], x[i + 4], 0x31));
    }
}
#else
static inline void
turn(const float *in, long stride, float *out, long step)
{
    for (int d = 0; d < 8; d++, out += step) {
        for (int i = 0; i < 8; i++) {
            out[i] = in[i * stride + d];
        }
    }
}
#endif

/* Columns that are strides apart, and their elements next to each other or not. */
FAST static void
pack_columns(const float *b, long row, long column, int depth, int width, float *panel)
{
    int d = 0;
    if (width == WIDTH && row == 1) {
        for (; d + 8 <= depth; d += 8) {
            turn(b + d, column, panel + d * WIDTH, WIDTH);
            turn(b + 8 * column + d, column, panel + d * WIDTH + 8, WIDTH);
        }
    }
    for (; d < depth; d++) {
        for (int j = 0; j < WIDTH; j++) {
            panel[d * WIDTH + j] = j < width ? b[d * row + j * column] : 0;
        }
    }
}

/* The rows of a tile, of which only some may be there. */
static void
pack_tile(const float *a, long row, long column, int height, int there, int depth,
          float *packed)
{
    for (int d = 0; d < depth; d++, a += column, packed += height) {
        for (int i = 0; i < height; i++) {
            packed[i] = i < there ? a[i * row] : 0;
        }
    }
}

/* The same where two rows more are there, the rows or the columns neighbours: eight
 * numbers are moved at a time, the last ones to where the next ones belong. */
FAST static void
pack_quickly(const float *a, long row, long column, int height, int depth, float *packed)
{
    int d = 0;
    if (row == 1) {
        for (; d < depth; d++, a += column, packed += height) {
            *(Vector *)packed = *(const Vector *)a;
        }
        return;
    }
    for (; d + 8 <= depth; d += 8) {
        turn(a + d, row, packed + (long)d * height, height);
    }
    pack_tile(a + d, row, column, height, height, depth - d, packed + (long)d * height);
}

void
pack_tiles(const Tiles *tiles, int rows, int beyond, const float *a, long row,
           long column, int depth, float *packed)
{
    int neighbours = row == 1 || column == 1;
    for (int number = 0; number < tiles->count; number++) {
        int first = tile_start(tiles, number), height = tile_start(tiles, number + 1) - first;
        int there = first + height <= rows ? height : rows - first;
        if (neighbours && there == height && first + 8 <= rows + beyond) {
            pack_quickly(a + first * row, row, column, height, depth, packed);
        }
        else {
            pack_tile(a + first * row, row, column, height, there, depth, packed);
        }
        packed += (long)height * depth;
    }
}

void
pack_panels(const float *b, long row, long column, int depth, int columns, float *panels)
{
    for (int j = 0; column != 1 && j < columns; j += WIDTH) {
        int width = columns - j < WIDTH ? columns - j : WIDTH;
        pack_columns(b + j * column, row, column, depth, width, panels + (long)j * depth);
    }
    if (column == 1) {
        pack_rows(b, row, depth, columns, panels);
    }
}
