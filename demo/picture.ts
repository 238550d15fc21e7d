import { crc32, deflateSync } from 'node:zlib';
import type { DemoEvent } from './events.ts';

const width = 1104;
const height = 621;

/** Paints an event's picture, a small landscape, as a PNG (RFC 2083). The same event gives the same bytes. */
export function paint({ palette, scene }: Pick<DemoEvent, 'palette' | 'scene'>, seed: number): Buffer {
  const [sky, light, land] = palette.map(rgb) as [Rgb, Rgb, Rgb];
  const random = randomFrom(seed + 1);
  const sun = {
    x: width * (0.2 + 0.6 * random()),
    y: height * (scene === 'night' ? 0.28 : 0.55),
    r: scene === 'night' ? 38 : 74,
  };
  const stars = Array.from({ length: scene === 'night' ? 140 : 0 }, () => ({
    x: random() * width,
    y: random() * height * 0.7,
  }));
  const ridges = [0.6, 0.7, 0.82].map((base, layer) => ({
    base: base * height,
    waves: Array.from({ length: 4 }, () => ({
      size: (scene === 'hills' ? 46 : 16) * random() * (1 - layer * 0.2),
      length: 90 + random() * 420,
      shift: random() * 7,
    })),
  }));
  const towers = Array.from({ length: scene === 'city' ? 26 : 0 }, (_, index) => ({
    from: index * 44 - 10,
    to: index * 44 + 20 + random() * 22,
    top: height * (0.45 + random() * 0.25),
    windows: random(),
  }));
  const horizon = height * 0.66;

  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++) {
    const start = y * (1 + width * 3);
    for (let x = 0; x < width; x++) {
      let colour = mix(
        sky,
        light,
        Math.min(1, (y / (height * 0.75)) ** 1.7) * (scene === 'night' ? 0.35 : 1),
      );
      const distance = Math.hypot(x - sun.x, y - sun.y);
      if (distance < sun.r) colour = mix(light, [255, 255, 255], 0.55);
      else if (distance < sun.r * 3) colour = mix(light, colour, (distance - sun.r) / (sun.r * 2));
      if (scene === 'coast' && y > horizon) {
        const glint =
          Math.abs(x - sun.x) < 30 + (y - horizon) * 0.7 && Math.sin(y * 0.9 + Math.sin(x * 0.05) * 2) > 0.45;
        colour = mix(
          mix(sky, land, 0.55 + (0.45 * (y - horizon)) / (height - horizon)),
          light,
          glint ? 0.5 : 0,
        );
      }
      for (const [layer, ridge] of ridges.entries()) {
        if (scene === 'coast' && layer < 2) continue;
        const top =
          ridge.base -
          ridge.waves.reduce((sum, wave) => sum + wave.size * Math.sin(x / wave.length + wave.shift), 0);
        if (y > top) colour = mix(light, land, 0.45 + 0.27 * layer);
      }
      for (const tower of towers) {
        if (x < tower.from || x > tower.to || y < tower.top) continue;
        const lit = x % 11 > 6 && y % 17 > 9 && Math.sin(x * 12.9 + y * 4.1 + tower.windows * 50) > 0.3;
        colour = lit ? light : land;
      }
      const pixel = start + 1 + x * 3;
      for (const channel of [0, 1, 2] as const) rows[pixel + channel] = colour[channel];
    }
  }
  for (const star of stars) {
    const pixel = Math.floor(star.y) * (1 + width * 3) + 1 + Math.floor(star.x) * 3;
    rows.fill(235, pixel, pixel + 6);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 6 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

type Rgb = [number, number, number];

const rgb = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Rgb;

const mix = (a: Rgb, b: Rgb, share: number): Rgb =>
  [0, 1, 2].map((channel) => Math.round((a[channel] ?? 0) * (1 - share) + (b[channel] ?? 0) * share)) as Rgb;

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), out.length - 4);
  return out;
}

function randomFrom(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return state / 2 ** 32;
  };
}
