import type { Neighbour, Vector } from './corpus.ts';

const mostNeighbours = 5;

// By the number of a word; all 0 between two calls.
let sums = new Float64Array(1 << 14);

/**
 * A story's words and as much again from the stories most like it: a headline says too little to be
 * compared well, and its neighbours say the rest (Singhal and Pereira, "Document expansion for speech retrieval", SIGIR
 * 1999; Tao et al., "Language model information retrieval with document expansion", NAACL 2006).
 * @param near the stories most like it, best first
 * @param vectorOf their vectors
 */
export function expanded(vector: Vector, near: Neighbour[], vectorOf: (id: number) => Vector): Vector {
  const closest = near.slice(0, mostNeighbours);
  const total = closest.reduce((sum, { similarity }) => sum + similarity, 0);
  if (total === 0) return vector;
  const shares = [{ vector, share: 1 }];
  for (const { id, similarity } of closest) shares.push({ vector: vectorOf(id), share: similarity / total });
  const met: number[] = [];
  for (const { vector: each, share } of shares) {
    const last = each.terms.at(-1) ?? 0;
    if (last >= sums.length) sums = new Float64Array(Math.max(last + 1, sums.length * 2));
    for (let at = 0; at < each.terms.length; at++) {
      const term = each.terms[at] as number;
      if (sums[term] === 0) met.push(term);
      (sums[term] as number) += share * (each.weights[at] as number);
    }
  }
  const terms = Int32Array.from(met).sort();
  const weights = Float32Array.from(terms, (term) => sums[term] as number);
  for (const term of terms) sums[term] = 0;
  let square = 0;
  for (const weight of weights) square += weight * weight;
  const length = Math.sqrt(square) || 1;
  for (let at = 0; at < weights.length; at++) weights[at] = (weights[at] as number) / length;
  return { terms, weights, embedding: vector.embedding };
}
