import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a name has, as a zone file would say it: `{ 'example.com TXT': ['v=spf1 -all'], 'example.com MX': ['10 mx.example.com'] }`. */
export type Zone = Record<string, string[]>;

/** A name server on the loopback interface. */
export interface TestDns {
  /** `127.0.0.1:port`. */
  address: string;
  /** What was asked, as `name TYPE`. */
  asked: string[];
}

const types: Record<number, string> = { 1: 'A', 5: 'CNAME', 12: 'PTR', 15: 'MX', 16: 'TXT', 28: 'AAAA' };
const numbers = Object.fromEntries(Object.entries(types).map(([number, name]) => [name, Number(number)]));

/**
 * Starts a name server (RFC 1035, over UDP) that has authority for everything.
 * @param zone read anew with each question; a record `FAIL` makes it answer SERVFAIL, `SILENT` nothing
 */
export async function startDns(zone: Zone): Promise<TestDns> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (question, from) => {
    const { name, type, end } = questionIn(question);
    const key = `${name} ${type}`;
    asked.push(key);
    const values = zone[key] ?? [];
    if (values.includes('SILENT')) return;
    const isFailing = values.includes('FAIL');
    const exists = Object.keys(zone).some((each) => each.split(' ')[0] === name);
    const answers = isFailing ? [] : values.map((value) => record(type, value));
    const header = Buffer.alloc(12);
    question.copy(header, 0, 0, 2);
    // An answer, with authority; recursion was wished for and is there.
    header.writeUInt16BE(0x8580 | (isFailing ? 2 : exists ? 0 : 3), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers.length, 6);
    socket.send(Buffer.concat([header, question.subarray(12, end), ...answers]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return { address: `127.0.0.1:${(socket.address() as AddressInfo).port}`, asked };
}

function questionIn(message: Buffer): { name: string; type: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  const type = message.readUInt16BE(at + 1);
  return { name: labels.join('.').toLowerCase(), type: types[type] ?? String(type), end: at + 5 };
}

function record(type: string, value: string): Buffer {
  const data = dataOf(type, value);
  const head = Buffer.alloc(12);
  // The name is that of the question.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(numbers[type] ?? 0, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function dataOf(type: string, value: string): Buffer {
  if (type === 'A') return Buffer.from(value.split('.').map(Number));
  if (type === 'AAAA') return addressOf(value);
  if (type === 'MX') {
    const [priority, name = ''] = value.split(' ');
    const number = Buffer.alloc(2);
    number.writeUInt16BE(Number(priority));
    return Buffer.concat([number, nameOf(name)]);
  }
  if (type !== 'TXT') return nameOf(value);
  // Longer texts are several strings of at most 255 bytes.
  const bytes = Buffer.from(value);
  const strings = [];
  for (let at = 0; at < bytes.length; at += 255) {
    const part = bytes.subarray(at, at + 255);
    strings.push(Buffer.from([part.length]), part);
  }
  return Buffer.concat(strings);
}

const nameOf = (name: string) =>
  Buffer.concat([
    ...name
      .split('.')
      .filter(Boolean)
      .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);

/** An IPv6 address of which at most one run of zeros is left out. */
function addressOf(text: string): Buffer {
  const [before = '', after = ''] = text.split('::');
  const groups = (part: string) => part.split(':').filter(Boolean);
  const zeros = Array<string>(8 - groups(before).length - groups(after).length).fill('0');
  const all = [...groups(before), ...zeros, ...groups(after)].map((group) => Number.parseInt(group, 16));
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}
