/* Hyperscan on one file: ten patterns in block mode, end offsets only, no validation.
 *
 *   cc -O2 match_patterns.c -lhs -o match_patterns
 *   ./match_patterns FILE [ROUNDS]
 *
 * The reference for raw multi-pattern speed. It is asked for less than the scanner does: it looks for ten
 * kinds instead of about fifty, gives no beginnings, checks no digit and reads no cue.
 * Prints a line a round: seconds of processor time, MB/s, number of matches.
 */
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char *const PATTERNS[] = {
    /* mobile number */ "(?:^|[^0-9])1[3-9][0-9]{9}(?:[^0-9]|$)",
    /* identity number */
    "(?:^|[^0-9A-Za-z])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])[0-9]{3}[0-9Xx](?:[^0-9A-Za-z]|$)",
    /* card */ "(?:^|[^0-9])[3-9][0-9]{14,18}(?:[^0-9]|$)",
    /* mail */ "[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\\.[A-Za-z0-9-]{1,63}){1,4}",
    /* IPv4 */ "(?:^|[^0-9.])(?:[0-9]{1,3}\\.){3}[0-9]{1,3}(?:[^0-9.]|$)",
    /* plate: the 31 provinces in UTF-8, a letter, five or six characters */
    "(?:京|津|沪|渝|冀|豫|云|辽|黑|湘|皖|鲁|新|苏|浙|赣|鄂|桂|甘|晋|蒙|陕|吉|闽|贵|粤|青|藏|川|宁|琼)[A-Z][0-9A-Z]{5,6}(?:[^0-9A-Z]|$)",
    /* credit code */
    "(?:^|[^0-9A-Z])[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}(?:[^0-9A-Z]|$)",
    /* landline */ "(?:^|[^0-9])0[0-9]{2,3}-[2-9][0-9]{6,7}(?:[^0-9]|$)",
    /* passport, permit */ "(?:^|[^0-9A-Za-z])[EGDSPHMegdsphm][A-Za-z]?[0-9]{7,8}(?:[^0-9]|$)",
    /* MAC */ "(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}",
};
enum { COUNT = sizeof PATTERNS / sizeof *PATTERNS };

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *total)
{
    (void)id, (void)from, (void)to, (void)flags;
    ++*(unsigned long long *)total;
    return 0;
}

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: match_patterns FILE [ROUNDS]\n");
        return 2;
    }
    int rounds = argc > 2 ? atoi(argv[2]) : 3;

    FILE *file = fopen(argv[1], "rb");
    if (!file || fseek(file, 0, SEEK_END)) {
        perror(argv[1]);
        return 1;
    }
    long size = ftell(file);
    rewind(file);
    char *text = malloc((size_t)size);
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size) {
        perror(argv[1]);
        return 1;
    }
    fclose(file);

    unsigned flags[COUNT] = {0}, ids[COUNT];
    for (unsigned i = 0; i < COUNT; i++)
        ids[i] = i;
    hs_database_t *database;
    hs_compile_error_t *error;
    hs_scratch_t *scratch = NULL;
    if (hs_compile_multi(PATTERNS, flags, ids, COUNT, HS_MODE_BLOCK, NULL, &database, &error) != HS_SUCCESS) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS)
        return 1;

    for (int round = 0; round < rounds; round++) {
        unsigned long long matches = 0;
        double start = processor_seconds();
        hs_scan(database, text, (unsigned)size, 0, scratch, on_match, &matches);
        double seconds = processor_seconds() - start;
        printf("hyperscan %.3f s %.1f MB/s %llu matches\n", seconds, (double)size / 1e6 / seconds, matches);
    }
    return 0;
}
