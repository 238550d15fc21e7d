/** A number from an option, or undefined if it was not given. @throws TypeError if it is none above 0 */
export function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new TypeError(`${option} takes a whole number above 0, not "${text}".`);
  return Number(text);
}

/**
 * Aborts when the process is asked to end, so that what is under way ends and leaves nothing behind. Asked again later, the process
 * ends as it is; at once, it was npm handing on a signal that had come already.
 */
export function stopWhenAsked(): AbortSignal {
  const stopping = new AbortController();
  let askedAt = Number.NaN;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (performance.now() - askedAt > 2000) process.exit(1);
      if (!stopping.signal.aborted) askedAt = performance.now();
      stopping.abort();
    });
  return stopping.signal;
}
