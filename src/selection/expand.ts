import type { Neighbour, Vector } from './corpus.ts';

const mostNeighbours = 5;

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
  const sums = new Map<number, number>();
  const add = ({ terms, weights }: Vector, share: number) => {
    for (let at = 0; at < terms.length; at++) {
      const term = terms[at] as number;
      sums.set(term, (sums.get(term) ?? 0) + share * (weights[at] as number));
    }
  };
  add(vector, 1);
  for (const { id, similarity } of closest) add(vectorOf(id), similarity / total);
  const terms = Int32Array.from(sums.keys()).sort();
  const weights = Float32Array.from(terms, (term) => sums.get(term) ?? 0);
  let square = 0;
  for (const weight of weights) square += weight * weight;
  const length = Math.sqrt(square) || 1;
  for (let at = 0; at < weights.length; at++) weights[at] = (weights[at] as number) / length;
  return { terms, weights, embedding: vector.embedding };
}
