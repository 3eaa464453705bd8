/* The innermost loop: 6 × 16 sums of products, all in registers. */
#include "kernels.h"

typedef float Vector __attribute__((vector_size(32), aligned(4), may_alias));

#define EACH_ROW(do) do(0) do(1) do(2) do(3) do(4) do(5)

#define BEGIN(i) Vector left##i = {0}, right##i = {0};

#define ADD(i) \
    left##i += *(Vector *)(c + i * stride); \
    right##i += *(Vector *)(c + i * stride + 8);

#define END(i) \
    *(Vector *)(c + i * stride) = left##i; \
    *(Vector *)(c + i * stride + 8) = right##i;

FAST void
tile(int depth, const float *rows, const float *panel, float *c, long stride, int add)
{
    EACH_ROW(BEGIN)
    for (int d = 0; d < depth; d++, rows += ROWS, panel += WIDTH) {
        Vector left = *(const Vector *)panel, right = *(const Vector *)(panel + 8);
#define STEP(i) \
        left##i += rows[i] * left; \
        right##i += rows[i] * right;
        EACH_ROW(STEP)
#undef STEP
    }
    if (add) {
        EACH_ROW(ADD)
    }
    EACH_ROW(END)
}

FAST void
tile_of_rows(int depth, const float *const *rows, const int *at, const float *panel,
             float *c, long stride, int add)
{
#define TAKE(i) const float *row##i = rows[i];
    EACH_ROW(TAKE)
    EACH_ROW(BEGIN)
    for (int d = 0; d < depth; d++, panel += WIDTH) {
        long where = at[d];
        Vector left = *(const Vector *)panel, right = *(const Vector *)(panel + 8);
#define STEP(i) \
        left##i += row##i[where] * left; \
        right##i += row##i[where] * right;
        EACH_ROW(STEP)
    }
    if (add) {
        EACH_ROW(ADD)
    }
    EACH_ROW(END)
}
