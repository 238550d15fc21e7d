import { execute } from './execute.ts';
import { endOnInterrupt } from './interrupt.ts';

endOnInterrupt();
// Who reads us may have had enough (as `head` has); what was asked for is done all the same.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  throw error;
});

const code = await execute(process.argv.slice(2));
if (code !== undefined) process.exitCode = code;
