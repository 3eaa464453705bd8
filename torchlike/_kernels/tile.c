/* The innermost loop: 6 × 16 sums of products, or 4 × 16, all in registers. */
#include "kernels.h"

typedef float Vector __attribute__((vector_size(32), aligned(4), may_alias));

#define EACH_OF_6(do) do(0) do(1) do(2) do(3) do(4) do(5)
#define EACH_OF_4(do) do(0) do(1) do(2) do(3)

#define BEGIN(i) Vector left##i = {0}, right##i = {0};
#define TAKE(i) const float *row##i = rows[i];
#define STEP(i) \
    left##i += rows[i] * left; \
    right##i += rows[i] * right;
#define STEP_OF_ROWS(i) \
    left##i += row##i[at[d]] * left; \
    right##i += row##i[at[d]] * right;
#define STEP_OF_LINES(i) \
    left##i += row##i[d] * left; \
    right##i += row##i[d] * right;
#define ADD(i) \
    left##i += *(Vector *)(c + i * stride); \
    right##i += *(Vector *)(c + i * stride + 8);
#define END(i) \
    *(Vector *)(c + i * stride) = left##i; \
    *(Vector *)(c + i * stride + 8) = right##i;

/* All products of a tile: ``step`` adds those of one depth, ``ahead`` goes to the next. */
#define SUMS(n, step, ahead) \
    EACH_OF_##n(BEGIN) \
    for (int d = 0; d < depth; d++, ahead) { \
        Vector left = *(const Vector *)panel, right = *(const Vector *)(panel + 8); \
        EACH_OF_##n(step) \
    } \
    if (add) { \
        EACH_OF_##n(ADD) \
    } \
    EACH_OF_##n(END)

#define TILE(n) \
    FAST static void tile_##n(int depth, const float *rows, const float *panel, \
                              float *c, long stride, int add) \
    { \
        SUMS(n, STEP, (rows += n, panel += WIDTH)) \
    } \
    FAST static void tile_of_rows_##n(int depth, const float *const *rows, \
                                      const int *at, const float *panel, float *c, \
                                      long stride, int add) \
    { \
        EACH_OF_##n(TAKE) \
        SUMS(n, STEP_OF_ROWS, panel += WIDTH) \
    } \
    FAST static void tile_of_lines_##n(int depth, const float *const *rows, \
                                       const float *panel, float *c, long stride, \
                                       int add) \
    { \
        EACH_OF_##n(TAKE) \
        SUMS(n, STEP_OF_LINES, panel += WIDTH) \
    }

TILE(6)
TILE(4)

#if defined(__x86_64__)
#define IF_WIDE(call) \
    if (__builtin_cpu_supports("avx512f")) { \
        call; \
        return; \
    }
#else
#define IF_WIDE(call)
#endif

void
tile(int height, int depth, const float *rows, const float *panel, float *c,
     long stride, int add)
{
    IF_WIDE(wide_tile(height, depth, rows, panel, c, stride, add))
    (height == ROWS ? tile_6 : tile_4)(depth, rows, panel, c, stride, add);
}

void
tile_of_rows(int height, int depth, const float *const *rows, const int *at,
             const float *panel, float *c, long stride, int add)
{
    IF_WIDE(wide_tile_of_rows(height, depth, rows, at, panel, c, stride, add))
    (height == ROWS ? tile_of_rows_6 : tile_of_rows_4)(depth, rows, at, panel, c, stride,
                                                       add);
}

void
tile_of_lines(int height, int depth, const float *const *rows, const float *panel,
              float *c, long stride, int add)
{
    IF_WIDE(wide_tile_of_lines(height, depth, rows, panel, c, stride, add))
    (height == ROWS ? tile_of_lines_6 : tile_of_lines_4)(depth, rows, panel, c, stride,
                                                         add);
}
