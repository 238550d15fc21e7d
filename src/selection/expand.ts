import { sparseSum } from './sparse-sum.ts';
import type { Neighbour, Vector } from './vector.ts';

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
  const { terms, weights } = sparseSum(
    [vector, ...closest.map(({ id }) => vectorOf(id))],
    [1, ...closest.map(({ similarity }) => similarity / total)],
  );
  let square = 0;
  for (const weight of weights) square += weight * weight;
  const length = Math.sqrt(square) || 1;
  for (let at = 0; at < weights.length; at++) weights[at] = (weights[at] as number) / length;
  return { terms, weights, embedding: vector.embedding };
}
