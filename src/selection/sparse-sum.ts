/** Words by number, ascending, and what each weighs. */
export interface Weights {
  terms: Int32Array;
  weights: Float32Array;
}

// By the number of a word; all 0 between two sums.
let sums = new Float64Array(1 << 14);
let met = new Int32Array(1 << 12);

/** The sum of sparse vectors. @param shares what each is multiplied by; 1 if not given */
export function sparseSum(vectors: readonly Weights[], shares?: readonly number[]): Weights {
  const [only, another] = vectors;
  if (only && !another && !shares) return only;
  let count = 0;
  let most = 0;
  for (const { terms } of vectors) {
    most += terms.length;
    const last = terms.at(-1) ?? 0;
    if (last >= sums.length) sums = new Float64Array(Math.max(last + 1, sums.length * 2));
  }
  if (most > met.length) met = new Int32Array(most * 2);
  for (let each = 0; each < vectors.length; each++) {
    const { terms, weights } = vectors[each] as Weights;
    const share = shares?.[each] ?? 1;
    for (let at = 0; at < terms.length; at++) {
      const term = terms[at] as number;
      const sum = sums[term] as number;
      if (sum === 0) met[count++] = term;
      sums[term] = sum + share * (weights[at] as number);
    }
  }
  const terms = met.slice(0, count).sort();
  const weights = new Float32Array(count);
  for (let at = 0; at < count; at++) {
    const term = terms[at] as number;
    weights[at] = sums[term] as number;
    sums[term] = 0;
  }
  return { terms, weights };
}
