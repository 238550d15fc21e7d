/** @jsxImportSource hono/jsx */
import { raw } from 'hono/html';

// Drawn on a grid of 24, with round strokes. One element a line.
const drawings = {
  today: 'M4 5h16v15H4z M4 10h16 M8 3v4 M16 3v4 M8 14h3',
  editions: 'M4 4h12v16H6a2 2 0 0 1-2-2z M16 8h4v10a2 2 0 0 1-2 2h-2 M7 8h6 M7 12h6 M7 16h4',
  stories: 'M5 3h10l4 4v14H5z M15 3v4h4 M8 12h8 M8 16h8',
  storylines: 'M5 6h3 M5 12h3 M5 18h3 M8 6c6 0 4 6 10 6 M8 18c6 0 4-6 10-6 M8 12h10 M18 12h1',
  sources: 'M5 19a1 1 0 1 0 .01 0 M4 11a9 9 0 0 1 9 9 M4 5a15 15 0 0 1 15 15',
  reports: 'M4 20h16 M7 20v-6 M12 20V8 M17 20v-9',
  newsletters: 'M4 6h16v12H4z M4 7l8 6 8-6',
  users:
    'M9 11a3.5 3.5 0 1 0-.01 0 M3 20c0-3.5 2.5-6 6-6s6 2.500 6 6 M16 4.500a3.500 3.500 0 0 1 0 6.500 M17.500 14.500c2.200.8 3.500 2.800 3.500 5.500',
  audit: 'M12 3l7 3v5c0 4.500-3 8-7 10-4-2-7-5.500-7-10V6z M9 12l2 2 4-4',
  account: 'M12 12a4 4 0 1 0-.01 0 M4 21c0-4 3.500-7 8-7s8 3 8 7',
  out: 'M14 4H5v16h9 M10 12h11 M17 8l4 4-4 4',
  up: 'M12 20V5 M6 11l6-6 6 6',
  down: 'M12 4v15 M6 13l6 6 6-6',
  left: 'M15 5l-7 7 7 7',
  right: 'M9 5l7 7-7 7',
  pin: 'M9 4h6l-1 6 3 3v2H7v-2l3-3z M12 15v6',
  remove: 'M6 6l12 12 M18 6L6 18',
  add: 'M12 5v14 M5 12h14',
  search: 'M10.500 17a6.500 6.500 0 1 0-.01 0 M15.500 15.500L21 21',
  undo: 'M9 7L4 12l5 5 M4 12h10a6 6 0 0 1 6 6v1',
  redo: 'M15 7l5 5-5 5 M20 12H10a6 6 0 0 0-6 6v1',
  phone: 'M7 2.500h10v19H7z M11 18.500h2',
  tablet: 'M5 3h14v18H5z M11 18h2',
  desktop: 'M3 4h18v12H3z M9 20h6 M12 16v4',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z',
  sun: 'M12 16a4 4 0 1 0-.01 0 M12 2v2.500 M12 19.500V22 M2 12h2.500 M19.500 12H22 M4.900 4.900l1.800 1.800 M17.300 17.300l1.800 1.800 M4.900 19.100l1.800-1.800 M17.300 6.700l1.800-1.800',
  image: 'M4 5h16v14H4z M4 16l5-5 4 4 2-2 5 5 M15.500 10a1 1 0 1 0-.01 0',
  text: 'M5 6h14 M5 11h14 M5 16h9',
  code: 'M9 7l-5 5 5 5 M15 7l5 5-5 5',
  check: 'M5 13l4.500 4.500L19 7',
  warning: 'M12 4l9 16H3z M12 10v4 M12 17v.01',
  error: 'M12 21a9 9 0 1 0-.01 0 M9 9l6 6 M15 9l-6 6',
  info: 'M12 21a9 9 0 1 0-.01 0 M12 11v5 M12 8v.01',
  grip: 'M9 6v.01 M15 6v.01 M9 12v.01 M15 12v.01 M9 18v.01 M15 18v.01',
  edit: 'M4 20l1-4L16 5l3 3L8 19z M14 7l3 3',
  clock: 'M12 21a9 9 0 1 0-.01 0 M12 7v5l3.500 2',
  send: 'M21 3L3 10.500l7 3.500 3.500 7z M21 3L10 14',
  hold: 'M9 5v14 M15 5v14',
  play: 'M7 4.500v15l12-7.500z',
  merge: 'M6 4c0 6 6 5 6 11v5 M18 4c0 6-6 5-6 11 M9 17l3 3 3-3',
  split:
    'M12 4v5c0 6-6 5-6 11 M12 9c0 6 6 5 6 11 M3.500 17.500L6 20l2.500-2.500 M15.500 17.500L18 20l2.500-2.500',
  eye: 'M2.500 12C5 7.500 8.200 5.500 12 5.500s7 2 9.500 6.500c-2.500 4.500-5.700 6.500-9.500 6.500S5 16.500 2.500 12z M12 14.500a2.500 2.500 0 1 0-.01 0',
  more: 'M5 12a.7.7 0 1 0 .01 0 M12 12a.7.7 0 1 0 .01 0 M19 12a.7.7 0 1 0 .01 0',
  again: 'M19.500 9a8 8 0 0 0-14-2.500L4 8 M4 4v4h4 M4.500 15a8 8 0 0 0 14 2.500L20 16 M20 20v-4h-4',
  menu: 'M4 7h16 M4 12h16 M4 17h16',
  external: 'M14 4h6v6 M20 4l-9 9 M18 14v6H4V6h6',
  settings: 'M4 7h10 M18 7h2 M16 9a2 2 0 1 0-.01 0 M4 17h2 M10 17h10 M8 19a2 2 0 1 0-.01 0',
  note: 'M5 4h14v11l-5 5H5z M14 20v-5h5 M8 9h8 M8 13h4',
  history: 'M4 12a8 8 0 1 1 2.500 5.800 M4 5v5h5 M12 8v4.500l3 1.500',
  swap: 'M7 4L3.500 7.500 7 11 M4 7.500h15 M17 13l3.500 3.500L17 20 M20 16.500H5',
  download: 'M12 4v11 M7 11l5 5 5-5 M5 20h14',
  key: 'M8 19a4.500 4.500 0 1 1 3.200-7.700L20 3 M16 7l3 3',
  crop: 'M7 2v15h15 M2 7h15v15',
} as const;

export type IconName = keyof typeof drawings;

/** All drawings, once on a page, for the icons to refer to. */
export const iconSheet = raw(
  `<div hidden><svg>${Object.entries(drawings)
    .map(([name, drawing]) => `<path id="icon-${name}" d="${drawing}"/>`)
    .join('')}</svg></div>`,
);

/**
 * A small drawing beside or in place of words. It is hidden from screen readers: what it stands on has a name. The page
 * holds `iconSheet`.
 */
export const Icon = ({ name, size = 18 }: { name: IconName; size?: number }) =>
  raw(
    `<svg class="icon" width="${size}" height="${size}" viewBox="0 0 24 24" aria-hidden="true"><use href="#icon-${name}"/></svg>`,
  );
