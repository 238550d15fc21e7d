// Preloaded into the program's processes while a release is recorded: notes each statement that goes to Postgres, once.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

const file = join(process.env.RECORD_STATEMENTS ?? '.', `${process.pid}.jsonl`);
const seen = new Set();
const query = pg.Client.prototype.query;

pg.Client.prototype.query = function (...given) {
  const [first] = given;
  const text = typeof first === 'string' ? first : first?.text;
  if (typeof text === 'string' && isOurs(text)) {
    const key = text.replace(/\$\d+(?:,\s*\$\d+)+/g, '$n').replace(/\s+/g, ' ');
    if (!seen.has(key)) {
      seen.add(key);
      appendFileSync(file, `${JSON.stringify({ key, text })}\n`);
    }
  }
  return query.apply(this, given);
};

/** What can be prepared, and is not the job queue's, which brings its own tables. */
function isOurs(text) {
  return /^\s*(?:\/\*.*?\*\/\s*)?(?:select|insert|update|delete|with)\b/i.test(text) && !/pgboss/i.test(text);
}
