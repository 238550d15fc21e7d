/**
 * How likely two shares differ at least so much by chance alone: Fisher's exact test, two-sided (Fisher, "On the
 * interpretation of χ² from contingency tables", 1922). Right for small numbers too, where others are not.
 * @param a how many of `n` did something, and `b` of `m`
 * @returns from 0 to 1; 1 where there is nothing to compare
 */
export function fisherExact(a: number, n: number, b: number, m: number): number {
  if (n === 0 || m === 0) return 1;
  const all = n + m;
  const did = a + b;
  const logs = logFactorials(all);
  const log = (k: number) => logs[k] as number;
  const probability = (k: number) =>
    Math.exp(
      log(n) +
        log(m) +
        log(did) +
        log(all - did) -
        log(all) -
        log(k) -
        log(n - k) -
        log(did - k) -
        log(m - did + k),
    );
  const observed = probability(a) * (1 + 1e-7);
  let sum = 0;
  for (let k = Math.max(0, did - m); k <= Math.min(n, did); k++) {
    const each = probability(k);
    if (each <= observed) sum += each;
  }
  return Math.min(1, sum);
}

function logFactorials(most: number): Float64Array {
  const logs = new Float64Array(most + 1);
  for (let k = 2; k <= most; k++) logs[k] = (logs[k - 1] as number) + Math.log(k);
  return logs;
}
