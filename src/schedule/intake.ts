import cron from 'node-cron';
import type { Context } from '../context.ts';
import { messageOf, UserError } from '../errors.ts';
import { type BounceListener, listenForBounces } from '../feedback/listen.ts';
import { pollMailbox } from '../feedback/mailbox/poll.ts';
import { linkSigner } from '../links.ts';

/** What comes back is being taken in. */
export interface Intake {
  /** Takes nothing new, and waits for what is being recorded. */
  stop(): Promise<void>;
}

/**
 * Takes in what comes back, as the settings say: listens for bounces, and looks at a mailbox each minute. Any number of
 * processes may do so; of those on one host the first listens, and another takes over when it ends.
 * @param retryMs between two tries to listen
 * @throws UserError if it cannot listen, and that is not because another process does
 */
export async function startIntake(context: Context, retryMs = 10_000): Promise<Intake> {
  const { log, config } = context;
  const signer = await linkSigner(context);
  const stopping = new AbortController();

  let listener: BounceListener | undefined;
  let retry: NodeJS.Timeout | undefined;
  const listen = async (where: { host: string; port: number }): Promise<void> => {
    try {
      listener = await listenForBounces(context, signer, where);
      log.info({ host: where.host, port: listener.port }, 'listening for bounces');
    } catch (error) {
      const inUse =
        error instanceof UserError && (error.cause as NodeJS.ErrnoException)?.code === 'EADDRINUSE';
      if (!inUse) throw error;
      if (!retry)
        log.warn({ ...where }, 'another process listens for bounces already; trying again now and then');
      if (!stopping.signal.aborted)
        retry = setTimeout(() => {
          listen(where).catch((later) =>
            log.error({ error: messageOf(later) }, 'bounces are not listened for'),
          );
        }, retryMs);
    }
  };
  if (config.bounceSmtp) await listen(config.bounceSmtp);

  let polling = Promise.resolve();
  const poll = () => {
    polling = pollMailbox(context, signer, { stopping: stopping.signal })
      .then((result) => {
        if (result.recorded + result.left + result.failed > 0) log.info(result, 'looked for bounces');
      })
      .catch((error) => log.warn({ error: messageOf(error) }, 'bounces could not be fetched'));
    return polling;
  };
  const looking = config.bounceMailbox ? cron.schedule('* * * * *', poll, { noOverlap: true }) : undefined;
  if (looking) void poll();

  return {
    async stop() {
      stopping.abort();
      clearTimeout(retry);
      await looking?.stop();
      await polling;
      await listener?.close();
    },
  };
}
