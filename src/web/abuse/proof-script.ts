import { createHash } from 'node:crypto';

/**
 * The only script of the public pages, on the sign-up forms: while someone types, their browser solves the task that
 * belongs to the form, and writes the solution into a hidden field. Without it (no JavaScript, or no secure connection)
 * the form works all the same, within narrower limits.
 */
export const proofScript = `
(() => {
  const form = document.querySelector('form[data-task]');
  const field = form && form.elements.proof;
  if (!field || !window.crypto || !crypto.subtle) return;
  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const solve = async () => {
    const challenge = await (await fetch(form.dataset.task)).json();
    const { nonce, salt, cost, keyLength, keyPrefix } = challenge.parameters;
    const password = new Uint8Array(nonce.length / 2 + 4);
    password.set(bytes(nonce));
    for (let counter = 0; counter < 1000; counter++) {
      new DataView(password.buffer).setUint32(nonce.length / 2, counter);
      const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
      const how = { name: 'PBKDF2', hash: 'SHA-256', salt: bytes(salt), iterations: cost };
      const derivedKey = hex(await crypto.subtle.deriveBits(how, key, keyLength * 8));
      if (!derivedKey.startsWith(keyPrefix)) continue;
      field.value = JSON.stringify({ challenge, solution: { counter, derivedKey } });
      return;
    }
  };
  form.addEventListener('focusin', () => solve().catch(() => {}), { once: true });
})();
`.trim();

/** Where the script is served. The address changes with the content, so that it may be kept for ever. */
export const proofScriptPath = `/assets/proof.js?v=${createHash('sha256').update(proofScript).digest('hex').slice(0, 12)}`;
