/* Rows and columns of a matrix, put in the order in which tiles take them. */
#include <string.h>

#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

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

/* Four rows of eight numbers. */
FAST static inline void
turn_four(const float *in, long stride, float *out, long step)
{
    for (int d = 0; d < 8; d += 4, out += 4 * step) {
        __m128 a = _mm_loadu_ps(in + d), b = _mm_loadu_ps(in + stride + d);
        __m128 c = _mm_loadu_ps(in + 2 * stride + d);
        __m128 e = _mm_loadu_ps(in + 3 * stride + d);
        _MM_TRANSPOSE4_PS(a, b, c, e);
        _mm_storeu_ps(out, a);
        _mm_storeu_ps(out + step, b);
        _mm_storeu_ps(out + 2 * step, c);
        _mm_storeu_ps(out + 3 * step, e);
    }
}
#else
static inline void
turn_rows(int rows, const float *in, long stride, float *out, long step)
{
    for (int d = 0; d < 8; d++, out += step) {
        for (int i = 0; i < rows; i++) {
            out[i] = in[i * stride + d];
        }
    }
}
#define turn(...) turn_rows(8, __VA_ARGS__)
#define turn_four(...) turn_rows(4, __VA_ARGS__)
#endif

/* The columns from ``first`` on, one number after the other. */
static void
pack_rest(const float *b, long row, long column, int depth, int first, int width,
          float *panel)
{
    for (int d = 0; d < depth; d++, b += row, panel += WIDTH) {
        for (int j = first; j < width; j++) {
            panel[j] = b[j * column];
        }
        for (int j = width; j < WIDTH; j++) {
            panel[j] = 0;
        }
    }
}

FAST void
pack_columns(const float *b, long row, long column, int depth, int width, float *panel)
{
    int d = 0, whole = row == 1 ? width / 8 * 8 : 0;
    for (; d + 8 <= depth; d += 8) {
        for (int j = 0; j < whole; j += 8) {
            turn(b + j * column + d, column, panel + d * WIDTH + j, WIDTH);
        }
        pack_rest(b + d * row, row, column, 8, whole, width, panel + d * WIDTH);
    }
    pack_rest(b + d * row, row, column, depth - d, 0, width, panel + d * WIDTH);
}

/* Rows whose numbers are neighbours, eight numbers of each at a time; how far it came.
 * Of six rows two more are read and written: what follows overwrites them. */
FAST static int
turn_tile(const float *a, long row, int height, int depth, float *packed)
{
    int d = 0, end = height % 4 == 0 ? depth : depth - 1;
    for (; d + 8 <= end; d += 8, a += 8, packed += 8 * height) {
        int i = 0;
        for (; height - i > 4; i += 8) {
            turn(a + i * row, row, packed + i, height);
        }
        for (; i < height; i += 4) {
            turn_four(a + i * row, row, packed + i, height);
        }
    }
    return d;
}

/* Whether the rows of a whole tile may be turned over, so many more being behind it. */
static int
may_turn(int height, int beyond)
{
    return height % 4 == 0 || beyond >= 8 - height;
}

FAST void
pack_rows(const float *a, long row, long column, int height, int there, int beyond,
          int depth, float *packed)
{
    int d = 0;
    if (there == height && row == 1) {
        for (; d < depth; d++, a += column, packed += height) {
            memcpy(packed, a, LESS * sizeof *a);
            if (height == ROWS) {
                memcpy(packed + LESS, a + LESS, (ROWS - LESS) * sizeof *a);
            }
        }
        return;
    }
    if (there == height && column == 1 && may_turn(height, beyond)) {
        d = turn_tile(a, row, height, depth, packed);
        if (d < depth && d > 0 && height % 4 == 0) { /* the last eight, some again */
            d = depth - 8;
            d += turn_tile(a + d, row, height, 8, packed + d * height);
        }
    }
    for (; d < depth; d++) {
        for (int i = 0; i < height; i++) {
            packed[d * height + i] = i < there ? a[i * row + d * column] : 0;
        }
    }
}

FAST void
turn_over(const float *in, long stride, int rows, int columns, float *out, long step)
{
    int down = rows / 8 * 8, across = columns / 8 * 8;
    for (int j = 0; j < across; j += 8) {
        for (int i = 0; i < down; i += 8) {
            turn(in + i * stride + j, stride, out + j * step + i, step);
        }
    }
    for (int i = 0; i < rows; i++) {
        for (int j = i < down ? across : 0; j < columns; j++) {
            out[j * step + i] = in[i * stride + j];
        }
    }
}

Tiles
tiles_of(int rows)
{
    int even = rows < LESS ? LESS : (rows + HALF - 1) / HALF * HALF;
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

int
tile_height(const Tiles *tiles, int number)
{
    return number < tiles->less ? LESS : ROWS;
}

void
pack_tiles(const Tiles *tiles, int rows, int beyond, const float *a, long row,
           long column, int depth, float *packed)
{
    for (int number = 0; number < tiles->count; number++) {
        int first = tile_start(tiles, number);
        int height = tile_height(tiles, number);
        int there = first + height <= rows ? height : rows - first;
        pack_rows(a + first * row, row, column, height, there,
                  rows + beyond - first - height, depth, packed);
        packed += (long)height * depth;
    }
}

/* Columns that are neighbours, as panels: one row after the other. */
static void
pack_neighbours(const float *b, long row, int depth, int columns, float *panels)
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

void
pack_panels(const float *b, long row, long column, int depth, int columns, float *panels)
{
    for (int j = 0; column != 1 && j < columns; j += WIDTH) {
        int width = columns - j < WIDTH ? columns - j : WIDTH;
        pack_columns(b + j * column, row, column, depth, width, panels + (long)j * depth);
    }
    if (column == 1) {
        pack_neighbours(b, row, depth, columns, panels);
    }
}
