import { type Challenge, createChallenge, randomInt, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { z } from 'zod';
import type { LinkSigner } from '../../links.ts';

// About half a million rounds of PBKDF2, wherever it is computed: a quarter of a second on a desk, a second or two on a
// telephone. It is the browser's own, so a program that floods forms has no faster one.
const cost = 5_000;
const [leastTries, mostTries] = [50, 150];

/** A task for the browser behind a form. Its solution shows that someone spent computing time on this one form. */
export function challengeFor(signer: LinkSigner, stamp: string): Promise<Challenge> {
  return createChallenge({
    algorithm: 'PBKDF2/SHA-256',
    cost,
    counter: randomInt(mostTries, leastTries),
    deriveKey,
    data: { stamp },
    ...secretsOf(signer),
  });
}

const solved = z.object({
  challenge: z.object({
    parameters: z.object({
      algorithm: z.literal('PBKDF2/SHA-256'),
      nonce: z.string().regex(/^[0-9a-f]{32}$/),
      salt: z.string().regex(/^[0-9a-f]{32}$/),
      cost: z.literal(cost),
      keyLength: z.literal(32),
      keyPrefix: z.string().regex(/^[0-9a-f]{32}$/),
      keySignature: z.string().max(200),
      data: z.object({ stamp: z.string().max(200) }),
    }),
    signature: z.string().max(200),
  }),
  solution: z.object({
    counter: z.int().min(0).max(mostTries),
    derivedKey: z.string().regex(/^[0-9a-f]{64}$/),
  }),
});

/** Whether a form's hidden field holds the solution of the task that belongs to its stamp. @param proof JSON */
export async function isProven(signer: LinkSigner, stamp: string, proof: string): Promise<boolean> {
  if (proof === '' || proof.length > 4_000) return false;
  let document: unknown;
  try {
    document = JSON.parse(proof);
  } catch {
    return false;
  }
  const { data } = solved.safeParse(document);
  if (data?.challenge.parameters.data.stamp !== stamp) return false;
  const { verified } = await verifySolution({ ...data, deriveKey, ...secretsOf(signer) });
  return verified;
}

// Tokens that are never handed out are secrets of this installation.
const secretsOf = (signer: LinkSigner) => ({
  hmacSignatureSecret: signer.sign('proof', [1]),
  hmacKeySignatureSecret: signer.sign('proof', [2]),
});
