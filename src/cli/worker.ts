import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import { withContext } from './command.ts';
import { helpText } from './help.ts';
import { endWithin, orStop, untilSignal } from './until-signal.ts';

/** `broadsheet worker`: the background work, without web pages. */
export function register(group: Command): void {
  group
    .option('--send-only', 'send what others start; fetch and fire nothing')
    .addHelpText(
      'after',
      helpText({
        text: 'Ctrl-C or SIGTERM ends it when what is out is done; a second one at once.',
        json: '{ stopped }, when it has ended',
        examples: ['worker', 'worker --send-only'],
      }),
    )
    .action((options: { sendOnly?: boolean }, command: Command) =>
      withContext(command, async (context, output) => {
        // What a sending process holds is small and short-lived: collected sooner, it stays below 200 MB.
        if (options.sendOnly) setFlagsFromString('--heap-growing-percent=40');
        const [{ createLog }, { startWorker }, { unlessCopy }, { startMetrics }, { startTracing }] =
          await Promise.all([
            import('../log.ts'),
            import('../schedule/worker.ts'),
            import('../schedule/unless-copy.ts'),
            import('../web/metrics-server.ts'),
            import('../observe/tracing.ts'),
          ]);
        const log = createLog(context.config.logLevel ?? 'info');
        const running = { ...context, log };
        const endTracing = await startTracing(context.config);
        const metrics = await startMetrics(running);
        const startWork = async () => {
          const worker = await startWorker(running, {
            connection: context.database.connection,
            schedule: !options.sendOnly,
          });
          if (options.sendOnly) return worker;
          const { startIntake } = await import('../schedule/intake.ts');
          const intake = await orStop(startIntake(running), worker.stop);
          return {
            async stop() {
              await intake.stop();
              await worker.stop();
            },
          };
        };
        const work = await orStop(unlessCopy(running, startWork), async () => metrics?.close());
        output.text('Working. Stop with Ctrl-C.');
        await untilSignal();
        endWithin(context.config.stopSeconds, log);
        log.info('finishing what is out, then ending');
        await work.stop();
        await metrics?.close();
        await endTracing();
        output.result({ stopped: true });
      }),
    );
}
