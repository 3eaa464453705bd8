/* Winograd: the sums of squares turned to their results, and where these go. */
#include "kernels.h"

int
find_runs(const Squares *s, const Target *t, const Part *part, int at, int size,
          Run *runs)
{
    int wide = s->windows.grid_x, each = part->rows * wide, count = 0;
    for (int j = 0, length; j < size; j += length, count++) {
        int n = part->first + (at + j) / each, v = (at + j) % wide;
        int y = 2 * (part->top + (at + j) % each / wide);
        long above = n * t->image + y * t->row + 2 * v;
        length = smaller(wide - v, size - j);
        runs[count] = (Run){2 * j, 2 * length, above, -1};
        if (2 * (v + length) > s->grid_x) {
            runs[count].count--;
        }
        if (y + 1 < s->grid_y) {
            runs[count].below = above + t->row;
        }
    }
    return count;
}

#ifdef WIDE
#define FIRST 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define SECOND 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#else
#define FIRST 0, 8, 1, 9, 2, 10, 3, 11
#define SECOND 4, 12, 5, 13, 6, 14, 7, 15
#endif

/* The results of LANES squares, two rows of neighbours. What is not finite stays in
 * ``wrong``. */
FAST static inline void
results_of(const float *sums, long step, float *lines, Vector *wrong)
{
    Vector a[4], b[4];
    for (int j = 0; j < 4; j++, sums += step) {
        Vector m1 = *(const Vector *)(sums + 4 * step);
        Vector m2 = *(const Vector *)(sums + 8 * step);
        a[j] = *(const Vector *)sums + m1 + m2;
        b[j] = m1 - m2 - *(const Vector *)(sums + 12 * step);
    }
    for (int i = 0; i < 2; i++, lines += 2 * WIDTH) {
        Vector *x = i == 0 ? a : b;
        Vector left = x[0] + x[1] + x[2], right = x[1] - x[2] - x[3];
        *wrong += left * 0.0f;
        *wrong += right * 0.0f;
        *(Vector *)lines = SHUFFLE(Places, left, right, FIRST);
        *(Vector *)(lines + LANES) = SHUFFLE(Places, left, right, SECOND);
    }
}

static inline void
put(const float *in, int count, float *out)
{
    int i = 0;
    for (; i + 4 <= count; i += 4) {
        __builtin_memcpy(out + i, in + i, 4 * sizeof *in);
    }
    for (; i < count; i++) {
        out[i] = in[i];
    }
}

FAST void
put_results(const float *sums, long step, const Run *runs, int count, float *out,
            Vector *wrong)
{
    float lines[4 * WIDTH];
    results_of(sums, step, lines, wrong);
    results_of(sums + LANES, step, lines + WIDTH, wrong);
    for (int i = 0; i < count; i++) {
        put(lines + runs[i].from, runs[i].count, out + runs[i].above);
        if (runs[i].below >= 0) {
            put(lines + 2 * WIDTH + runs[i].from, runs[i].count, out + runs[i].below);
        }
    }
}

int
is_wrong(const Vector *wrong)
{
    const float *numbers = (const float *)wrong;
    for (int i = 0; i < LANES; i++) {
        if (numbers[i] != 0) { /* as nan is */
            return 1;
        }
    }
    return 0;
}
