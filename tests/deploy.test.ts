import { execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { expect, inject, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { createProgram } from '../src/cli/program.ts';
import { environmentSchema, loadConfig } from '../src/config.ts';
import { packageRoot } from '../src/package-root.ts';
import { createTestContext } from './support/context.ts';
import { temporaryFolder } from './support/folder.ts';
import { program } from './support/program.ts';
import { seedEdition, seedList, seedNewsletter } from './support/seed.ts';
import { startSmtp } from './support/smtp.ts';
import { fiveEvents, seedStories } from './support/stories.ts';

const run = promisify(execFile);
const deploy = join(packageRoot, 'deploy');
const read = (...path: string[]) => readFileSync(join(deploy, ...path), 'utf8');

/** Settings that a file of ours may name: ours, and Node's own. */
function expectSettings(names: string[], where: string): void {
  const unknown = names.filter((name) => {
    const setting = name.replace(/_FILE$/, '');
    return !Object.hasOwn(environmentSchema.shape, setting) && name !== 'NODE_ENV';
  });
  expect(unknown, where).toEqual([]);
}

/** Goes down the tree of commands. Throws where a word is none, or an option is unknown. */
async function expectCommand(words: string[]): Promise<void> {
  let command: Command = await createProgram();
  for (const word of words) {
    if (word.startsWith('--'))
      expect(
        command.options.map(({ long }) => long),
        words.join(' '),
      ).toContain(word);
    else {
      const next = command.commands.find((each) => each.name() === word);
      if (!next) {
        expect(command.registeredArguments.length, words.join(' ')).toBeGreaterThan(0);
        return;
      }
      command = next;
    }
  }
}

interface Stage {
  copies: { from: string | undefined; sources: string[]; target: string }[];
  lines: string[];
}

function stagesOf(dockerfile: string): Stage[] {
  const stages: Stage[] = [];
  const lines = dockerfile.replace(/\\\n\s*/g, '').split('\n');
  for (const line of lines.filter((each) => each && !each.startsWith('#'))) {
    if (line.startsWith('FROM ')) stages.push({ copies: [], lines: [] });
    const stage = stages.at(-1);
    stage?.lines.push(line);
    const copy = /^COPY (?:--from=(\S+) )?(.*) (\S+)$/.exec(line);
    if (copy?.[2]) stage?.copies.push({ from: copy[1], sources: copy[2].split(' '), target: copy[3] ?? '' });
  }
  return stages;
}

const stopSeconds = loadConfig({}, packageRoot).stopSeconds;
const seconds = (text: unknown) => Number(/^(\d+)s?$/.exec(String(text))?.[1]);

test('the image is built of files that are there and not kept out, and runs as somebody without rights', () => {
  const stages = stagesOf(read('Dockerfile'));
  const taken = read('Dockerfile.dockerignore').match(/(?<=^!).*/gm) ?? [];
  for (const { from, sources } of stages.flatMap(({ copies }) => copies)) {
    if (from) continue;
    for (const source of sources) {
      expect(existsSync(join(packageRoot, source)), source).toBe(true);
      expect(taken, source).toContain(source);
    }
  }
  const last = stages.at(-1)?.lines ?? [];
  expect(last).toContain('USER 1000:1000');
  expect(last.filter((line) => line.startsWith('VOLUME'))).toEqual([
    'VOLUME ["/var/lib/broadsheet", "/tmp"]',
  ]);
  const settings = last.find((line) => line.startsWith('ENV '))?.match(/[A-Z_]+(?==)/g) ?? [];
  expect(settings).toContain('BROADSHEET_HOME');
  expectSettings(settings, 'Dockerfile');
  // No secret or local file can get in by accident.
  expect(read('Dockerfile.dockerignore')).toMatch(/^\*$/m);
  expect(taken.filter((name) => /^(\.env|\.git|node_modules|\.broadsheet)$/.test(name))).toEqual([]);
});

interface Service {
  environment?: Record<string, string>;
  command?: string[];
  secrets?: string[];
  env_file?: { path: string; required: boolean }[];
  healthcheck?: { test?: string[]; disable?: boolean };
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  stop_grace_period?: string;
  image?: string;
  depends_on?: Record<string, unknown>;
}

test('the compose file names settings, commands and secrets that exist, and gives time to end', async () => {
  const compose = parse(read('compose.yaml'), { merge: true }) as {
    services: Record<string, Service>;
    secrets: Record<string, { file: string }>;
    volumes: Record<string, unknown>;
  };
  expect(Object.keys(compose.services)).toEqual(['postgres', 'migrate', 'serve', 'worker']);
  for (const [name, service] of Object.entries(compose.services)) {
    for (const secret of service.secrets ?? []) expect(compose.secrets).toHaveProperty(secret);
    for (const needed of Object.keys(service.depends_on ?? {}))
      expect(compose.services).toHaveProperty(needed);
    for (const [setting, value] of Object.entries(service.environment ?? {}))
      if (setting.endsWith('_FILE'))
        expect(service.secrets).toContain(value.replace(/^\/run\/secrets\//, ''));
    if (name === 'postgres') continue;
    expectSettings(Object.keys(service.environment ?? {}), name);
    await expectCommand(service.command ?? []);
    expect(service).toMatchObject({ user: '1000:1000', read_only: true, cap_drop: ['ALL'] });
    expect(seconds(service.stop_grace_period)).toBeGreaterThan(Number(service.environment?.STOP_SECONDS) + 5);
    expect(service.env_file).toEqual([{ path: '.env', required: false }]);
    expect(service.environment).toMatchObject({
      METRICS_HOST: '0.0.0.0',
      METRICS_TOKEN_FILE: '/run/secrets/metrics-token',
    });
  }
  const { environment, healthcheck } = compose.services.worker ?? {};
  expect(healthcheck?.test?.join(' ')).toContain(`127.0.0.1:${environment?.METRICS_PORT}/health/ready`);
});

test('the systemd units name settings and commands that exist, are closed in, and give time to end', async () => {
  const units = readdirSync(join(deploy, 'systemd')).filter((name) => /\.(service|timer)$/.test(name));
  expect(units).toHaveLength(4);
  for (const unit of units.filter((name) => name.endsWith('.service'))) {
    const text = read('systemd', unit);
    const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
    for (const line of lines) expect(line, unit).toMatch(/^(\[\w+\]|[A-Z][A-Za-z]+=.*)$/);
    const of = (name: string) =>
      lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
    expectSettings(
      of('Environment').flatMap((line) => line.match(/[A-Z_]+(?==)/g) ?? []),
      unit,
    );
    // Each secret that a setting reads is handed over.
    const credentials = of('LoadCredential').map((line) => line.split(':')[0]);
    expect(
      of('Environment')
        .join(' ')
        .match(/(?<=%d\/)\S+/g),
    ).toEqual(credentials);
    const command = /dist\/src\/cli\/main\.js ([a-z ]+[a-z])/.exec(of('ExecStart')[0] ?? '')?.[1] ?? '';
    await expectCommand(command.split(' '));
    for (const [name, value] of [
      ['NoNewPrivileges', 'yes'],
      ['ProtectSystem', 'strict'],
      ['ProtectHome', 'yes'],
      ['PrivateTmp', 'yes'],
      ['User', 'broadsheet'],
      ['CapabilityBoundingSet', ''],
    ])
      expect(of(name ?? ''), `${unit} ${name}`).toEqual([value]);
    // V8 makes code while it runs, and Node asks for the machine's networks.
    expect(text).not.toMatch(/MemoryDenyWriteExecute=yes|RestrictAddressFamilies=.*NONE/);
    if (!unit.includes('backup')) expect(seconds(of('TimeoutStopSec')[0])).toBeGreaterThan(stopSeconds + 5);
  }
});

/** The lines of a page that begin so, as a shell would get them. */
const linesOf = (page: string, begin: string) =>
  readFileSync(join(packageRoot, 'docs', page), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(begin));

test('the page takes the database out of every unit that has one, and the rest stays', async () => {
  const folder = temporaryFolder('units');
  cpSync(join(deploy, 'systemd'), folder, { recursive: true });
  const [command = ''] = linesOf('deploying.md', 'sed -i');
  expect(command).toContain('/etc/systemd/system/broadsheet*.service');
  await run('sh', ['-c', command.replace('/etc/systemd/system', folder)]);
  const services = readdirSync(folder).filter((name) => name.endsWith('.service'));
  expect(services).toHaveLength(3);
  for (const name of services) {
    const text = readFileSync(join(folder, name), 'utf8');
    expect(text, name).not.toContain('database-url');
    expect(text, name).toContain(
      'Environment=SMTP_URL_FILE=%d/smtp-url BROADSHEET_SECRET_FILE=%d/broadsheet-secret',
    );
  }
});

test('a command beside the units has their settings and secrets, and its words as they are', async () => {
  const folder = temporaryFolder('command');
  const script = join(deploy, 'systemd/broadsheet.sh');
  const text = readFileSync(script, 'utf8');
  const unit = read('systemd', 'broadsheet.service');
  for (const [, setting = '', credential = ''] of unit.matchAll(/([A-Z_]+)_FILE=%d\/(\S+)/g))
    expect(text).toContain(`${credential}) export ${setting}_FILE="$file"`);
  for (const place of ['/opt/broadsheet', '/etc/broadsheet/broadsheet.env', '/var/lib/broadsheet'])
    expect(
      [text, unit].every((each) => each.includes(place)),
      place,
    ).toBe(true);

  // Both halves, with what systemd and the units' places stand for put in.
  writeFileSync(join(folder, 'smtp-url'), 'smtp://mail.example.com:25');
  writeFileSync(
    join(folder, 'systemd-run'),
    `#!/bin/sh\nprintf '%s\\n' "$@" > "${folder}/asked"\nwhile [ "$1" != -- ]; do shift; done; shift\n` +
      `CREDENTIALS_DIRECTORY=${folder} BROADSHEET_IN_UNIT=1 exec "$@"\n`,
  );
  writeFileSync(join(folder, 'node'), `#!/bin/sh\nprintf '%s\\n' "$SMTP_URL_FILE" "$@"\n`);
  const here = join(folder, 'broadsheet.sh');
  writeFileSync(
    here,
    text
      .replaceAll('/opt/broadsheet/deploy/systemd', folder)
      .replaceAll('/etc/broadsheet/secrets', folder)
      .replaceAll('/usr/bin/node', join(folder, 'node')),
  );
  for (const name of ['systemd-run', 'node']) chmodSync(join(folder, name), 0o755);
  const { stdout } = await run('sh', [here, 'editions', 'list', 'two words', '$HOME'], {
    env: { PATH: `${folder}:${process.env.PATH}` },
  });
  expect(stdout.split('\n')).toEqual([
    join(folder, 'smtp-url'),
    ...['dist/src/cli/main.js', 'editions', 'list', 'two words', '$HOME', ''],
  ]);
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toContain(
    `--property=LoadCredential=smtp-url:${folder}/smtp-url\n`,
  );
});

interface Manifest {
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
  stringData?: Record<string, string>;
  resources?: string[];
  spec: {
    selector: { matchLabels: Record<string, string> } & Record<string, string>;
    activeDeadlineSeconds?: number;
    template: {
      metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
      spec: {
        terminationGracePeriodSeconds?: number;
        securityContext: Record<string, unknown>;
        volumes: { name: string }[];
        containers: {
          args: string[];
          securityContext: Record<string, unknown>;
          volumeMounts: { name: string; mountPath: string }[];
          ports?: { name: string; containerPort: number }[];
          startupProbe?: {
            httpGet: { path: string; port: string };
            periodSeconds: number;
            failureThreshold: number;
          };
          livenessProbe?: { httpGet: { path: string; port: string } };
          readinessProbe?: { httpGet: { path: string; port: string } };
          lifecycle?: { preStop: { sleep: { seconds: number } } };
        }[];
      };
    };
  };
}

test('the Kubernetes manifests fit each other and the program', async () => {
  const folder = join(deploy, 'kubernetes');
  const all = readdirSync(folder).flatMap((file) =>
    parseAllDocuments(read('kubernetes', file)).map((document) => {
      expect(document.errors, file).toEqual([]);
      return document.toJS() as Manifest;
    }),
  );
  const of = (kind: string) => all.filter((manifest) => manifest.kind === kind);
  expect(new Set(of('Kustomization')[0]?.resources)).toEqual(
    new Set(readdirSync(folder).filter((file) => !/^(kustomization|secret\.example)\.yaml$/.test(file))),
  );
  const settings = of('ConfigMap')[0]?.data ?? {};
  expectSettings(Object.keys(settings), 'settings.yaml');
  const secrets = Object.keys(of('Secret')[0]?.stringData ?? {});
  expect(
    Object.entries(settings).flatMap(([name, value]) =>
      name.endsWith('_FILE') ? [value.replace('/run/secrets/broadsheet/', '')] : [],
    ),
  ).toEqual(secrets);

  const workloads = [...of('Deployment'), ...of('Job')];
  expect(workloads.map(({ metadata }) => metadata.name).sort()).toEqual([
    'broadsheet-migrate',
    'broadsheet-serve',
    'broadsheet-worker',
  ]);
  for (const {
    kind,
    spec: { selector, template },
  } of workloads) {
    const pod = template.spec;
    const container = pod.containers[0];
    if (!container) throw new Error('no container');
    await expectCommand(container.args);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.volumeMounts.map(({ name }) => name)).toEqual(pod.volumes.map(({ name }) => name));
    expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toContain('/tmp');
    if (kind === 'Job') continue;
    expect(template.metadata.labels).toEqual(selector.matchLabels);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(
      Number(settings.STOP_SECONDS) + (container.lifecycle?.preStop.sleep.seconds ?? 0) + 5,
    );
    const budgets = of('PodDisruptionBudget').filter(
      ({ spec }) => spec.selector.matchLabels.app === selector.matchLabels.app,
    );
    expect(budgets).toHaveLength(1);
  }
  const longest = of('Job')[0]?.spec.activeDeadlineSeconds;
  for (const { spec } of of('Deployment')) {
    const { metadata, spec: pod } = spec.template;
    const { ports = [], startupProbe, livenessProbe, readinessProbe } = pod.containers[0] ?? {};
    const name = ports[0]?.name;
    expect(metadata.annotations).toMatchObject({
      'prometheus.io/path': '/metrics',
      'prometheus.io/port': String(ports[0]?.containerPort),
    });
    for (const probe of [startupProbe, livenessProbe, readinessProbe]) expect(probe?.httpGet.port).toBe(name);
    // Nobody is killed in the middle of a migration, or while they wait for one.
    expect((startupProbe?.periodSeconds ?? 0) * (startupProbe?.failureThreshold ?? 0)).toBeGreaterThan(
      longest ?? Number.POSITIVE_INFINITY,
    );
    expect([settings.PORT, settings.METRICS_PORT]).toContain(String(ports[0]?.containerPort));
  }
  const worker = of('Deployment').find(({ metadata }) => metadata.name === 'broadsheet-worker');
  expect(String(worker?.spec.template.spec.containers[0]?.ports?.[0]?.containerPort)).toBe(
    settings.METRICS_PORT,
  );
  const serve = of('Deployment').find(({ metadata }) => metadata.name === 'broadsheet-serve');
  const web = serve?.spec.template.spec.containers[0];
  expect(web?.livenessProbe?.httpGet).toEqual({ path: '/health/live', port: 'http' });
  expect(web?.readinessProbe?.httpGet).toEqual({ path: '/health/ready', port: 'http' });
  expect(web?.ports?.map(({ name }) => name)).toEqual(['http']);
  expect(of('Service')[0]?.spec.selector).toEqual(serve?.spec.selector.matchLabels);
});

test('what the image holds serves and works as another user, on code that it may not write, without HOME; and ends in time', async () => {
  const context = await createTestContext({}, new Date().toISOString());
  const { environment } = context;
  await seedStories(context, fiveEvents);
  const { listId } = await seedList(context, 1);
  await seedNewsletter(context, [listId]);
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-image-'));
  chmodSync(folder, 0o755);
  onTestFinished(async () => {
    await run('chmod', ['-R', 'u+w', folder]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  const [build, , image] = stagesOf(read('Dockerfile'));
  const build1 = join(folder, 'build');
  const app = join(folder, 'app');
  const put = (stage: Stage | undefined, into: string) => {
    for (const { from, sources, target } of stage?.copies ?? []) {
      if (from === 'packages') continue;
      for (const source of sources) {
        const origin = from ? join(build1, source.replace(/^\/app\//, '')) : join(packageRoot, source);
        const place = target === './' ? join(into, source) : join(into, target);
        mkdirSync(dirname(place), { recursive: true });
        cpSync(origin, place, { recursive: true });
      }
    }
    symlinkSync(join(packageRoot, 'node_modules'), join(into, 'node_modules'));
  };
  mkdirSync(build1);
  put(build, build1);
  // Types are checked elsewhere.
  await run(process.execPath, ['--import', 'tsx', 'scripts/build.ts', '--noCheck'], { cwd: build1 });
  mkdirSync(app);
  put(image, app);
  rmSync(build1, { recursive: true });
  await run('chmod', ['-R', 'a-w,a+rX', app]);

  // The tests' server lets its owner in. As root that is another account; else it is this one.
  const { uid, gid } = statSync(inject('socketFolder'));
  const isRoot = process.getuid?.() === 0;
  const writable = join(folder, 'writable');
  mkdirSync(writable);
  chmodSync(writable, 0o777);
  const options = {
    cwd: app,
    ...(isRoot && { uid, gid }),
    env: {
      DATABASE_URL: environment.DATABASE_URL,
      BROADSHEET_SECRET: environment.BROADSHEET_SECRET,
      BROADSHEET_HOME: join(writable, 'home'),
      TMPDIR: writable,
      NODE_ENV: 'production',
    },
  };
  const entry = (image?.lines.find((line) => line.startsWith('ENTRYPOINT')) ?? '').replace('ENTRYPOINT ', '');
  const [, ...args] = JSON.parse(entry) as string[];
  const start = (...command: string[]) => {
    const child = spawn(process.execPath, [...args, ...command], options);
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const until = async (words: RegExp) => {
      for (let tries = 0; tries < 900 && !words.test(said); tries++) await sleep(50);
      const found = words.exec(said);
      if (!found) throw new Error(said);
      return found;
    };
    const stop = async () => {
      const from = performance.now();
      child.kill('SIGTERM');
      return { code: await ended, ms: performance.now() - from, said };
    };
    return { until, stop };
  };
  const serve = start('serve', '--port', '0');
  const worker = start('worker');
  const url = (await serve.until(/Serving (http\S+)/))[1] ?? '';
  await worker.until(/Working/);
  const health = image?.lines.find((line) => line.startsWith('HEALTHCHECK')) ?? '';
  const check = JSON.parse(health.replace(/^.* CMD /, '')) as string[];
  const checked = (port: string) =>
    run(process.execPath, check.slice(1), { env: { PORT: port } }).then(
      () => 0,
      (error: { code: number }) => error.code,
    );
  expect(await checked(new URL(url).port)).toBe(0);
  expect(await checked('1')).toBe(1);
  // Pages that are put together of files, and one whose scripts are made when it starts.
  for (const page of ['/', '/desk/login'])
    expect((await fetch(`${url}${page}`)).status, page).toBeLessThan(400);

  // Themes are compiled when an edition is.
  const built = await run(
    process.execPath,
    [...args, 'editions', 'build', 'harbour-post', '--json'],
    options,
  );
  const { id } = JSON.parse(built.stdout) as { id: number };
  // The worker, too, may build it when its minute comes.
  const compiled = () =>
    context.db.selectFrom('compiled_editions').select('variant').where('edition_id', '=', id).execute();
  await expect
    .poll(async () => (await compiled()).length, { timeout: 20_000, message: built.stdout })
    .toBeGreaterThan(0);

  // A connection that a proxy keeps open does not hold it up.
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  await new Promise<void>((resolve) =>
    get(`${url}/health/live`, { agent }, (response) => response.resume().once('end', resolve)),
  );
  const ends = await Promise.all([serve.stop(), worker.stop()]);
  for (const { code, ms, said } of ends) {
    expect(code, said).toBe(0);
    expect(ms).toBeLessThan(stopSeconds * 1000);
  }
}, 300_000);

test('a worker whose mail server does not answer ends by itself before it would be killed', async () => {
  const context = await createTestContext({}, new Date().toISOString());
  const { listId } = await seedList(context, 3);
  const newsletter = await seedNewsletter(context, [listId]);
  await seedEdition(context, newsletter.id);
  let isOut = false;
  const smtp = await startSmtp({
    delayMs: 60_000,
    onMessage: () => {
      isOut = true;
      return undefined;
    },
  });
  const worker = spawn(process.execPath, [...program, 'worker', '--send-only'], {
    env: { ...context.environment, SMTP_URL: smtp.url, STOP_SECONDS: '1' },
    cwd: tmpdir(),
  });
  onTestFinished(() => void worker.kill('SIGKILL'));
  let said = '';
  worker.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  for (let tries = 0; tries < 900 && !isOut; tries++) await sleep(50);
  expect(isOut, said).toBe(true);
  const from = performance.now();
  worker.kill('SIGTERM');
  expect(await ended).toBe(1);
  expect(performance.now() - from).toBeGreaterThan(900);
  expect(performance.now() - from).toBeLessThan(10_000);
  expect(said).toMatch(/not all that was out was answered in time/);
});
