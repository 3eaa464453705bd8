/* The innermost loop: a tile's sums of products, all in registers. */
#include "kernels.h"

#define EACH_OF_4(do) do(0) do(1) do(2) do(3)
#define EACH_OF_6(do) EACH_OF_4(do) do(4) do(5)
#define EACH_OF_8(do) EACH_OF_6(do) do(6) do(7)
#define EACH_OF_12(do) EACH_OF_8(do) do(8) do(9) do(10) do(11)

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
    right##i += *(Vector *)(c + i * stride + LANES);
#define END(i) \
    *(Vector *)(c + i * stride) = left##i; \
    *(Vector *)(c + i * stride + LANES) = right##i;

/* All products of a tile: ``step`` adds those of one depth, ``ahead`` goes to the next. */
#define SUMS(n, step, ahead) \
    EACH_OF_##n(BEGIN) \
    for (int d = 0; d < depth; d++, ahead) { \
        Vector left = *(const Vector *)panel, right = *(const Vector *)(panel + LANES); \
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

#ifdef WIDE
TILE(12)
TILE(8)
#define OF_HEIGHT(name) (height == ROWS ? name##_12 : name##_8)
#else
TILE(6)
TILE(4)
#define OF_HEIGHT(name) (height == ROWS ? name##_6 : name##_4)
#endif

void
tile(int height, int depth, const float *rows, const float *panel, float *c,
     long stride, int add)
{
    OF_HEIGHT(tile)(depth, rows, panel, c, stride, add);
}

void
tile_of_rows(int height, int depth, const float *const *rows, const int *at,
             const float *panel, float *c, long stride, int add)
{
    OF_HEIGHT(tile_of_rows)(depth, rows, at, panel, c, stride, add);
}

void
tile_of_lines(int height, int depth, const float *const *rows, const float *panel,
              float *c, long stride, int add)
{
    OF_HEIGHT(tile_of_lines)(depth, rows, panel, c, stride, add);
}
