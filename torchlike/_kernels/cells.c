/* What a cell of a recurrent layer does to each element, a vector at a time. */
#include "kernels.h"

typedef int32_t Bits __attribute__((vector_size(4 * LANES), may_alias));

/* a where the mask is set, else b. */
FAST static inline Vector
choose(Bits mask, Vector a, Vector b)
{
    return (Vector)((mask & (Bits)a) | (~mask & (Bits)b));
}

/* e to the power of x, held where it and its reciprocal are finite; nan stays nan. The
 * polynomial is the least in relative error between -ln 2 / 2 and ln 2 / 2. */
FAST static inline Vector
exponential(Vector x)
{
    const float to_integer = 12582912; /* 1.5 * 2^23: what is added to it is rounded */
    Vector low = {0}, shifted, n, r, p;
    low -= 87;
    x = choose(x < low, low, x);
    x = choose(x > -low, -low, x);
    shifted = x * 1.44269504f + to_integer;
    n = shifted - to_integer;
    r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    p = 0.008368710f + r * 0.0013814611f;
    p = 0.041668389f + r * p;
    p = 0.16666521f + r * p;
    p = 0.49999994f + r * p;
    p = 1 + (r + r * r * p);
    return p * (Vector)(((Bits)shifted + 127) << 23);
}

FAST static inline Vector
sigmoid(Vector x)
{
    return 1 / (1 + exponential(-x));
}

/* Small numbers by a polynomial: the quotient would lose their last digits. */
FAST static inline Vector
hyperbolic_tangent(Vector x)
{
    Bits sign = (Bits)x & (int32_t)0x80000000;
    Vector size = (Vector)((Bits)x ^ sign), z = x * x, border = {0}, p, q;
    p = 0.020650579f + z * -0.0057170368f;
    p = -0.053743497f + z * p;
    p = 0.13331491f + z * p;
    p = -0.33333284f + z * p;
    p = x + x * (z * p);
    q = 1 - 2 / (exponential(2 * size) + 1);
    q = (Vector)((Bits)q | sign);
    return choose(size < border + 0.625f, p, q);
}

FAST void
lstm_cell(int width, const float *given, const float *own, const float *before,
          float *gates, float *c, float *h)
{
    for (int j = 0; j < width; j += LANES) {
        Vector sums[4], i, f, g, o, memory;
        int left = width - j;
        for (int k = 0; k < 4; k++) {
            sums[k] = load(given + k * width + j, left) + load(own + k * width + j, left);
        }
        i = sigmoid(sums[0]);
        f = sigmoid(sums[1]);
        g = hyperbolic_tangent(sums[2]);
        o = sigmoid(sums[3]);
        memory = f * load(before + j, left) + i * g;
        store(gates + j, left, i);
        store(gates + width + j, left, f);
        store(gates + 2 * width + j, left, g);
        store(gates + 3 * width + j, left, o);
        store(c + j, left, memory);
        store(h + j, left, o * hyperbolic_tangent(memory));
    }
}

FAST void
lstm_cell_backward(int width, const float *gates, const float *before,
                   const float *after, const float *dh, float *dc, float *sums)
{
    for (int j = 0; j < width; j += LANES) {
        int left = width - j;
        Vector i = load(gates + j, left), f = load(gates + width + j, left);
        Vector g = load(gates + 2 * width + j, left);
        Vector o = load(gates + 3 * width + j, left);
        Vector shown = hyperbolic_tangent(load(after + j, left));
        Vector change = load(dh + j, left), memory;
        memory = load(dc + j, left) + change * o * (1 - shown * shown);
        store(sums + j, left, memory * g * i * (1 - i));
        store(sums + width + j, left, memory * load(before + j, left) * f * (1 - f));
        store(sums + 2 * width + j, left, memory * i * (1 - g * g));
        store(sums + 3 * width + j, left, change * shown * o * (1 - o));
        store(dc + j, left, memory * f);
    }
}
