/* The innermost loop for processors whose vectors hold sixteen numbers (AVX-512). */
#include "kernels.h"

#if defined(__x86_64__)
#define WIDE __attribute__((target("avx512f")))
#define INLINE static inline __attribute__((always_inline))

typedef float Vector __attribute__((vector_size(64), aligned(4), may_alias));

/* How the rows lie: as ``tile``, ``tile_of_rows`` and ``tile_of_lines`` take them. */
typedef enum { PACKED, ROWS_AT, LINES } Kind;

/* Element d of row i. */
INLINE float
element(Kind kind, int height, const float *packed, const float *const *rows,
        const int *at, int i, int d)
{
    return kind == PACKED ? packed[(long)d * height + i]
                          : rows[i][kind == ROWS_AT ? at[d] : d];
}

/* The even and the odd depths apart: a sum alone would wait for itself. ``height`` and
 * ``kind`` are constants where this is called, so that all sums are in registers. */
WIDE INLINE void
sums(Kind kind, int height, int depth, const float *packed, const float *const *rows,
     const int *at, const float *panel, float *c, long stride, int add)
{
    Vector even[ROWS] = {{0}}, odd[ROWS] = {{0}};
    int d = 0;
    for (; d + 1 < depth; d += 2, panel += 2 * WIDTH) {
        Vector line = *(const Vector *)panel, next = *(const Vector *)(panel + WIDTH);
        for (int i = 0; i < height; i++) {
            even[i] += element(kind, height, packed, rows, at, i, d) * line;
            odd[i] += element(kind, height, packed, rows, at, i, d + 1) * next;
        }
    }
#pragma GCC unroll 6
    for (int i = 0; i < height; i++) {
        Vector *to = (Vector *)(c + i * stride), sum = even[i] + odd[i];
        if (d < depth) {
            sum += element(kind, height, packed, rows, at, i, d) * *(const Vector *)panel;
        }
        if (add) {
            sum += *to;
        }
        *to = sum;
    }
}

#define OF_HEIGHT(kind, packed, rows, at) \
    if (height == ROWS) { \
        sums(kind, ROWS, depth, packed, rows, at, panel, c, stride, add); \
    } \
    else { \
        sums(kind, LESS, depth, packed, rows, at, panel, c, stride, add); \
    }

WIDE void
wide_tile(int height, int depth, const float *rows, const float *panel, float *c,
          long stride, int add)
{
    OF_HEIGHT(PACKED, rows, NULL, NULL)
}

WIDE void
wide_tile_of_rows(int height, int depth, const float *const *rows, const int *at,
                  const float *panel, float *c, long stride, int add)
{
    OF_HEIGHT(ROWS_AT, NULL, rows, at)
}

WIDE void
wide_tile_of_lines(int height, int depth, const float *const *rows, const float *panel,
                   float *c, long stride, int add)
{
    OF_HEIGHT(LINES, NULL, rows, NULL)
}
#endif
