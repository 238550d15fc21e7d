import { type Logger, pino } from 'pino';
import { scopeNow } from './observe/scope.ts';
import { scrubLine } from './observe/scrub.ts';

export type Log = Logger;

/**
 * A JSON logger on standard error, so that standard output stays free for what a command prints. Lines say of which request,
 * edition and batch they are, and hold no mail address, token or password.
 * @param write takes each line instead
 */
export function createLog(level: string, write?: (line: string) => void): Log {
  const error = write ? undefined : pino.destination({ dest: 2, sync: true });
  const put = write ?? ((line: string) => error?.write(line));
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin() {
        const { requestId, editionId, batch } = scopeNow();
        return {
          ...(requestId !== undefined && { requestId }),
          ...(editionId !== undefined && { editionId }),
          ...(batch !== undefined && { batch }),
        };
      },
      // What is said of the line itself comes before what it is in.
      mixinMergeStrategy: (line, around) => ({ ...around, ...line }),
      serializers: {
        error: (error: unknown) => (error instanceof Error ? pino.stdSerializers.err(error) : error),
      },
    },
    { write: (line: string) => put(scrubLine(line)) },
  );
}
