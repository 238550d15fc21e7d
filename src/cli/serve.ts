import type { Command } from 'commander';
import { wholeNumber, withContext } from './command.ts';
import { helpText } from './help.ts';
import { endWithin, orStop, untilSignal } from './until-signal.ts';

/** `broadsheet serve`: the web pages, and unless told otherwise the background work too. */
export function register(group: Command): void {
  group
    .option('--port <n>', 'port to listen on (default: PORT, or 8080)', wholeNumber('--port'))
    .option('--host <host>', 'address to listen on (default: HOST, or 127.0.0.1)')
    .option('--no-worker', 'web pages only; run "broadsheet worker" beside it')
    .addHelpText(
      'after',
      helpText({
        text: 'Ctrl-C or SIGTERM ends it when what is out is done; a second one at once.',
        json: '{ url }, when it listens',
        examples: ['serve', 'serve --host 0.0.0.0 --port 80 --no-worker'],
      }),
    )
    .action((options: { port?: number; host?: string; worker: boolean }, command: Command) =>
      withContext(command, async (context, output) => {
        // Loaded here, as the help of all commands and the completion of shells load this file too.
        const [
          { createLog },
          { startSite },
          { startWorker },
          { startIntake },
          { unlessCopy },
          { startTracing },
          { isMailCaught },
        ] = await Promise.all([
          import('../log.ts'),
          import('../web/site.ts'),
          import('../schedule/worker.ts'),
          import('../schedule/intake.ts'),
          import('../schedule/unless-copy.ts'),
          import('../observe/tracing.ts'),
          import('../delivery/transport.ts'),
        ]);
        const port = options.port ?? context.config.port;
        // Without PUBLIC_URL the links in mails lead to where this server listens.
        const publicUrl = context.config.publicUrl.replace(
          `http://localhost:${context.config.port}`,
          `http://localhost:${port}`,
        );
        const config = { ...context.config, publicUrl };
        const running = { ...context, config, log: createLog(config.logLevel ?? 'info') };
        const endTracing = await startTracing(config);
        const { connection } = context.database;
        const site = await startSite(running, { host: options.host ?? config.host, port }, connection);
        const startWork = async () => {
          const worker = await startWorker(running, { connection });
          const intake = await orStop(startIntake(running), worker.stop);
          return {
            async stop() {
              await intake.stop();
              await worker.stop();
            },
          };
        };
        // Without background work there is nothing to hold, but it is said all the same.
        const nothing = async () => ({ stop: async () => {} });
        const work = await orStop(unlessCopy(running, options.worker ? startWork : nothing), () =>
          site.close(),
        );
        output.text(
          `Serving ${site.url}`,
          (await isMailCaught(running)) ? `No SMTP_URL is set: all mail is caught at ${site.url}/inbox` : '',
          'Stop with Ctrl-C.',
        );
        output.result({ url: site.url });
        await untilSignal();
        endWithin(config.stopSeconds, running.log);
        // Nobody new comes in, and both have the platform's time to themselves.
        await Promise.all([site.close(), work.stop()]);
        await endTracing();
      }),
    );
}
