// Preloaded into a process of the program: its clock goes as the test says (by messages), and schedules (node-cron) by that clock.
import { registerHooks } from 'node:module';

const RealDate = Date;
const started = RealDate.now();
let offset = Number(process.env.GIVEN_CLOCK) - started;
const now = () => RealDate.now() + offset;

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(now());
    else super(...given);
  }

  static now() {
    return now();
  }
};

const waiting = new Set();
globalThis.givenClock = {
  setTimeout(action, ms) {
    const timer = { action, at: now() + ms, unref: () => timer, ref: () => timer };
    waiting.add(timer);
    arm(timer);
    return timer;
  },
  clearTimeout(timer) {
    if (!timer) return;
    clearTimeout(timer.handle);
    waiting.delete(timer);
  },
};

function arm(timer) {
  clearTimeout(timer.handle);
  timer.handle = setTimeout(
    () => {
      waiting.delete(timer);
      timer.action();
    },
    Math.max(0, timer.at - now()),
  );
  // The server and the queue keep the process alive.
  timer.handle.unref();
}

process.on('message', ({ clock }) => {
  offset = clock - RealDate.now();
  for (const timer of waiting) arm(timer);
});
// A process that has nothing to do any more ends.
process.channel.unref();
// Nobody is left to tell it the time.
process.on('disconnect', () => process.exit());

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!/\/node-cron\/dist\//.test(url) || !loaded.source) return loaded;
    const before = 'const { setTimeout, clearTimeout } = globalThis.givenClock;\n';
    return { ...loaded, source: before + loaded.source.toString() };
  },
});
