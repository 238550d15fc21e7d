import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 collect garbage early instead of growing its heap, for a command through which much flows and in which little
 * stays: the space for what is new stays as small as it began, and the old grows by two fifths of what is in use. With Node's own
 * settings an import's process holds twice as much, and is about a tenth faster.
 */
export function spareMemory(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=40');
}
