/* The steps of optimizers: what belongs to an element is read and written once, in one
 * call for all parameters. Products and sums are rounded as in PyTorch: together only
 * where ``plus`` says so. */
#ifdef __clang__
#pragma clang fp contract(off)
#else
#pragma GCC optimize("fp-contract=off")
#endif

#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "kernels.h"

enum {
    CHUNK = 4096,   /* elements of a task: their arrays stay in the first caches */
    WORK = 8,       /* products of numbers that take the time of an element's step */
    MOST_FIELDS = 3 /* of an optimizer's state */
};

/* Flags, as the call gives them. */
enum { MAXIMIZES, DECAYS, DECOUPLED, AMSGRAD };
enum { NESTEROV = DECOUPLED };
enum { ADAM_FLAGS = 4, SGD_FLAGS = 3 };

/* Numbers, as the call gives them; Adam's end with two for each parameter. */
enum { SGD_RATE, MOMENTUM, UNDAMPED, SGD_DECAY, SGD_NUMBERS };
enum { ONE_LESS_BETA1, BETA2, ONE_LESS_BETA2, EPSILON, ADAM_DECAY, KEEP, ADAM_NUMBERS };

/* Neighbouring elements of a parameter. */
typedef struct {
    Vector param, grad, state[MOST_FIELDS];
} Elements;

/* What is done to the elements of a parameter: the state's fields, flags, the call's
 * numbers. */
typedef struct {
    int fields, flags, param;
    const float *numbers;
} Rule;

/* A step of ``count`` parameters. Arguments of the call: the numbers, all parameters, all
 * gradients, then field by field the state; results: the same without the first and the
 * third. Arrays that an argument and a result share are the same memory. */
typedef struct {
    CallFrame *frame;
    Rule rule;
    int count;
    const int *first; /* the first task of each parameter, and behind the last */
    void (*chunk)(Rule, const float *const *, float *const *, int);
} Step;

static inline int
has(const Rule *rule, int flag)
{
    return rule->flags >> flag & 1;
}

static const Buffer *
argument(const Step *s, int field, int param)
{
    return s->frame->arguments.items[1 + field * s->count + param];
}

static const Buffer *
result(const Step *s, int field, int param)
{
    return s->frame->results.items[field * s->count + param];
}

static long
size_of(const Buffer *x)
{
    long size = 1;
    for (int i = 0; i < x->rank; i++) {
        size *= x->dims[i];
    }
    return size;
}

/* ----- the rules ----- */

FAST static inline Vector
root(Vector x)
{
#if defined(WIDE)
    return (Vector)_mm512_sqrt_ps((__m512)x);
#elif defined(__x86_64__)
    return (Vector)_mm256_sqrt_ps((__m256)x);
#else
    for (int i = 0; i < LANES; i++) {
        x[i] = __builtin_sqrtf(x[i]);
    }
    return x;
#endif
}

/* a + b * c, rounded once. */
FAST static inline Vector
plus(Vector a, Vector b, Vector c)
{
#if defined(WIDE)
    return (Vector)_mm512_fmadd_ps((__m512)b, (__m512)c, (__m512)a);
#elif defined(__x86_64__)
    return (Vector)_mm256_fmadd_ps((__m256)b, (__m256)c, (__m256)a);
#else
    for (int i = 0; i < LANES; i++) {
        a[i] = __builtin_fmaf(b[i], c[i], a[i]);
    }
    return a;
#endif
}

FAST static inline Vector
all(float number)
{
    return number - (Vector){0};
}

/* The larger of each two; nan, where one of them is. */
FAST static inline Vector
larger(Vector a, Vector b)
{
    Places second = ~(a >= b) & ~(a != a);
    return (Vector)((second & (Places)b) | (~second & (Places)a));
}

/* param -= rate * (momentum's mean of the gradients), as torch.optim.SGD. */
FAST static inline void
step_sgd(const Rule *rule, Elements *x)
{
    const float *n = rule->numbers;
    Vector grad = has(rule, MAXIMIZES) ? -x->grad : x->grad;
    if (has(rule, DECAYS)) {
        grad = plus(grad, x->param, all(n[SGD_DECAY]));
    }
    if (rule->fields) {
        x->state[0] = plus(x->state[0] * n[MOMENTUM], grad, all(n[UNDAMPED]));
        grad = has(rule, NESTEROV) ? plus(grad, x->state[0], all(n[MOMENTUM]))
                                   : x->state[0];
    }
    x->param = plus(x->param, grad, all(-n[SGD_RATE]));
}

/* As torch.optim.Adam; the parameter's own numbers are the rate and the root of the
 * second moment's bias. */
FAST static inline void
step_adam(const Rule *rule, Elements *x)
{
    const float *n = rule->numbers, *own = n + ADAM_NUMBERS + 2 * rule->param;
    Vector grad = has(rule, MAXIMIZES) ? -x->grad : x->grad, below;
    if (has(rule, DECAYS) && has(rule, DECOUPLED)) {
        x->param *= n[KEEP];
    }
    else if (has(rule, DECAYS)) {
        grad = plus(grad, x->param, all(n[ADAM_DECAY]));
    }
    x->state[0] = n[ONE_LESS_BETA1] < 0.5f
                      ? plus(x->state[0], grad - x->state[0], all(n[ONE_LESS_BETA1]))
                      : plus(grad, grad - x->state[0], all(n[ONE_LESS_BETA1] - 1));
    x->state[1] = plus(x->state[1] * n[BETA2], n[ONE_LESS_BETA2] * grad, grad);
    below = x->state[1];
    if (rule->fields == MOST_FIELDS) {
        below = x->state[2] = larger(x->state[2], below);
    }
    below = root(below) / own[1] + n[EPSILON];
    x->param -= own[0] * x->state[0] / below;
}

/* ----- the work ----- */

typedef void StepOf(const Rule *, Elements *);

FAST static inline __attribute__((always_inline)) void
go_through(Rule rule, StepOf *step, const float *const *in, float *const *out, int size)
{
    for (int at = 0; at < size; at += LANES) {
        int left = size - at;
        Elements x;
        x.param = load(in[0] + at, left);
        x.grad = load(in[1] + at, left);
        for (int f = 0; f < rule.fields; f++) {
            x.state[f] = load(in[2 + f] + at, left);
        }
        step(&rule, &x);
        store(out[0] + at, left, x.param);
        for (int f = 0; f < rule.fields; f++) {
            store(out[1 + f] + at, left, x.state[f]);
        }
    }
}

/* A function for one number of fields, the loops over which the compiler unrolls. */
#define CHUNK_OF(name, step, count)                                                    \
    FAST static void name(Rule rule, const float *const *in, float *const *out,        \
                          int size)                                                    \
    {                                                                                  \
        rule.fields = count;                                                           \
        go_through(rule, step, in, out, size);                                         \
    }

CHUNK_OF(sgd_plain, step_sgd, 0)
CHUNK_OF(sgd_momentum, step_sgd, 1)
CHUNK_OF(adam_plain, step_adam, 2)
CHUNK_OF(adam_largest, step_adam, 3)

static void
do_task(int number, void *data)
{
    const Step *s = data;
    int low = 0, high = s->count, fields = s->rule.fields;
    const float *in[2 + MOST_FIELDS];
    float *out[1 + MOST_FIELDS];
    Rule rule = s->rule;
    while (high - low > 1) {
        int middle = (low + high) / 2;
        *(s->first[middle] <= number ? &low : &high) = middle;
    }
    long from = (long)(number - s->first[low]) * CHUNK;
    long left = size_of(argument(s, 0, low)) - from;
    for (int f = 0; f < 2 + fields; f++) {
        in[f] = (const float *)argument(s, f, low)->data + from;
    }
    for (int f = 0; f < 1 + fields; f++) {
        out[f] = (float *)result(s, f, low)->data + from;
    }
    rule.param = low;
    s->chunk(rule, in, out, left < CHUNK ? (int)left : CHUNK);
}

/* The arguments and results of a call with so many flags; false where it is not one. */
static int
read_call(Step *s, size_t flags)
{
    const Items *arguments = &s->frame->arguments, *results = &s->frame->results;
    const Array *given;
    if (s->frame->attributes.count != 1) {
        return 0;
    }
    given = s->frame->attributes.items[0];
    s->count = (int)(arguments->count - 1 - results->count);
    if (given->size != flags || s->count < 1 || results->count % s->count != 0) {
        return 0;
    }
    for (int64_t i = 0; i < arguments->count; i++) {
        if (((Buffer *)arguments->items[i])->dtype != FFI_FLOAT32) {
            return 0;
        }
    }
    for (size_t i = 0; i < flags; i++) {
        s->rule.flags |= (((int64_t *)given->data)[i] != 0) << i;
    }
    s->rule.fields = (int)(results->count / s->count) - 1;
    s->rule.numbers = ((Buffer *)arguments->items[0])->data;
    return 1;
}

static void *
run(Step *s)
{
    double elements = 0;
    int *first = malloc(((size_t)s->count + 1) * sizeof *first);
    if (first == NULL) {
        return refuse(s->frame, "out of memory");
    }
    first[0] = 0;
    for (int i = 0; i < s->count; i++) {
        long size = size_of(argument(s, 0, i));
        first[i + 1] = first[i] + (int)((size + CHUNK - 1) / CHUNK);
        elements += (double)size;
    }
    s->first = first;
    parallel(s->frame, elements * WORK, first[s->count], do_task, s);
    free(first);
    return NULL;
}

void *
sgd(CallFrame *frame)
{
    Step s = {.frame = frame};
    if (is_question(frame) || frame->stage != FFI_EXECUTE) {
        return NULL;
    }
    if (!read_call(&s, SGD_FLAGS) || s.rule.fields < 0 || s.rule.fields > 1) {
        return refuse(frame, "expected numbers, parameters, gradients and momenta");
    }
    s.chunk = s.rule.fields ? sgd_momentum : sgd_plain;
    return run(&s);
}

void *
adam(CallFrame *frame)
{
    Step s = {.frame = frame};
    if (is_question(frame) || frame->stage != FFI_EXECUTE) {
        return NULL;
    }
    if (!read_call(&s, ADAM_FLAGS) || s.rule.fields != 2 + has(&s.rule, AMSGRAD)) {
        return refuse(frame, "expected numbers, parameters, gradients and moments");
    }
    s.chunk = has(&s.rule, AMSGRAD) ? adam_largest : adam_plain;
    return run(&s);
}
