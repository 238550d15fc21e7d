import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { environmentSchema, type GivenSettings, mistakesOf } from './config.ts';
import { packageRoot } from './package-root.ts';

/** A setting as `broadsheet config` shows it. */
export interface Setting {
  name: string;
  /** With secrets hidden; null: it is not set, and has no default. */
  value: string | null;
  /** `environment`, `.env`, the path of the file that NAME_FILE names, `default`, or `not set`. */
  origin: string;
  isSecret: boolean;
  /** What it does, as .env.example says. */
  about: string;
  /** Why it cannot be used; null: it can. */
  mistake: string | null;
}

/** Something that is wrong with the settings, or looks so. */
export interface SettingProblem {
  setting: string;
  severity: 'error' | 'warning';
  message: string;
}

const hidden = '(hidden)';
const names = Object.keys(environmentSchema.shape);

/** Every setting that there is, in the order of .env.example's sections, with its value, and where the value comes from. */
export function listSettings({ given, fromFile, secretFiles, unread }: GivenSettings): Setting[] {
  const about = readAbout();
  const mistakes = new Map(
    mistakesOf({ given, unread }).map(([setting, message]) =>
      // Of NAME_FILE, if that is what is wrong.
      names.includes(setting) ? [setting, message] : [setting.replace(/_FILE$/, ''), `${setting} ${message}`],
    ),
  );
  return names.map((name) => {
    const set = given[name];
    const preset = set === undefined ? presetOf(name) : undefined;
    return {
      name,
      value: set === undefined ? (preset ?? null) : shownValue(name, set),
      origin:
        set !== undefined
          ? (secretFiles[name] ?? (fromFile[name] === set ? '.env' : 'environment'))
          : preset !== undefined
            ? 'default'
            : 'not set',
      isSecret: isSecret(name),
      about: about.get(name) ?? '',
      mistake: mistakes.get(name) ?? null,
    };
  });
}

/** Everything that is wrong with the settings, all at once: what cannot be used first, then what is likely a slip. */
export function settingProblems({ given, fromFile, file, unread }: GivenSettings): SettingProblem[] {
  const problems: SettingProblem[] = [];
  const add = (severity: SettingProblem['severity'], setting: string, message: string) =>
    problems.push({ setting, severity, message });

  for (const [setting, message] of mistakesOf({ given, unread })) add('error', setting, message);
  for (const name of new Set([...Object.keys(fromFile), ...Object.keys(given)])) {
    if (names.includes(name.replace(/_FILE$/, ''))) continue;
    const near = nearTo(name);
    // The environment is full of what is not for us, and its short names are near to many.
    if (name in fromFile || (near && name.length >= shortestSlip))
      add('warning', name, `is no setting of Broadsheet${near ? `; is ${near} meant?` : ''}`);
  }
  if (given.SMTP_URL && !given.PUBLIC_URL)
    add('warning', 'PUBLIC_URL', 'is not set, so links in mails lead to this machine only');
  if (given.BOUNCE_SMTP_PORT && !given.RETURN_PATH)
    add(
      'warning',
      'RETURN_PATH',
      'is not set, so bounces go to the sender and not where they are listened for',
    );
  if (given.BOUNCE_MAILBOX && !given.RETURN_PATH)
    add('warning', 'RETURN_PATH', 'is not set, so bounces go to the sender and not into BOUNCE_MAILBOX');
  if (given.IMAGES_BUCKET && given.IMAGES && given.IMAGES !== 'keep')
    add('warning', 'IMAGES_BUCKET', `is not used, as IMAGES is ${given.IMAGES}`);
  if (file && Object.keys(fromFile).some(isSecret) && isReadByAll(file))
    add('warning', '.env', 'holds secrets, and every user of this machine can read it: chmod 600 .env');
  return problems;
}

const shortestSlip = 6;

/** The setting, or its file, that a name is likely to be meant for. */
function nearTo(name: string): string | undefined {
  const [, base = name, suffix = ''] = /^(.*?)(_FILE)?$/.exec(name) ?? [];
  const near = names.find((other) => isNear(other, base));
  return near && near + suffix;
}

/** Whether a setting's value is for nobody's eyes. */
function isSecret(name: string): boolean {
  return (
    /SECRET|TOKEN|PASSWORD|_KEY$|_HEADERS$/.test(name) ||
    /^(DATABASE_URL|SMTP_URL|BOUNCE_MAILBOX|ALERT_WEBHOOK)$/.test(name)
  );
}

/** A value without what is secret in it: addresses keep their host, and nothing else of a secret is shown. */
function shownValue(name: string, value: string): string {
  if (!isSecret(name)) return withoutPassword(value);
  if (!URL.canParse(value) || !value.includes('://')) return hidden;
  const url = new URL(value);
  // A chat's webhook is known by its path, and a password may be a parameter.
  const path = name === 'ALERT_WEBHOOK' ? `/${hidden}` : url.pathname;
  return `${url.protocol}//${url.username ? `${url.username}:${hidden}@` : ''}${url.host}${path}${url.search ? `?${hidden}` : ''}`;
}

function withoutPassword(value: string): string {
  return value.replace(/^([a-z][a-z0-9+.-]*:\/\/[^:@/\s]*):[^@/\s]*@/i, `$1:${hidden}@`);
}

function presetOf(name: string): string | undefined {
  const schema = environmentSchema.shape[name as keyof typeof environmentSchema.shape];
  const preset = schema.safeParse(undefined);
  if (preset.success && preset.data !== undefined) return String(preset.data);
  return undefined;
}

/** The words above each setting in .env.example. */
function readAbout(): Map<string, string> {
  const about = new Map<string, string>();
  for (const block of readFileSync(join(packageRoot, '.env.example'), 'utf8').split(/\n\s*\n/)) {
    let words: string[] = [];
    let isFresh = true;
    for (const line of block.split('\n')) {
      const setting = /^#\s*([A-Z][A-Z0-9_]*)=/.exec(line)?.[1];
      if (setting) {
        // Settings one below the other share what stands above them.
        if (!about.has(setting)) about.set(setting, words.join(' '));
        isFresh = false;
      } else if (line.startsWith('#')) {
        if (!isFresh) words = [];
        isFresh = true;
        words.push(line.replace(/^#\s?/, ''));
      }
    }
  }
  return about;
}

function isReadByAll(file: string): boolean {
  try {
    return process.platform !== 'win32' && (statSync(file).mode & 0o004) !== 0;
  } catch {
    return false;
  }
}

/** Whether two names differ by a slip of the pen: one letter, or two that changed places. */
function isNear(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false;
  const sorted = (text: string) => [...text].sort().join('');
  if (one.length === other.length && sorted(one) === sorted(other)) return true;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start++;
  let end = 0;
  while (end < Math.min(one.length, other.length) - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  return Math.max(one.length, other.length) - start - end <= 1;
}
