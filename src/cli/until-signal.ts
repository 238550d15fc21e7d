/** Resolves when the process is asked to end (Ctrl-C, SIGTERM). A second request ends it at once. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        resolve(signal);
      });
  });
}

/** Waits for the last part of a program to start; if it fails, stops what runs already, so that the process can end. */
export async function orStop<T>(starting: Promise<T>, stop: () => Promise<void>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    await stop();
    throw error;
  }
}
