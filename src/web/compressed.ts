import type { MiddlewareHandler } from 'hono';
import { compress } from 'hono/compress';

/**
 * Pages whose text nobody chooses with a request, and which therefore may be compressed. The size of a compressed answer tells
 * what it repeats (BREACH): whoever can have a browser ask for a page again and again, with a text of theirs in it each time, can
 * read its secrets by that. So what shows something that was typed, and what acts for a reader, is not compressed.
 * The desk compresses its own (desk.tsx). `/view` holds a reader's links, but depends on nothing in the request but its token.
 */
const unchosen = /^\/(?:$|(?:subscribe|embed|archive|share|view|assets)\/)/;

const zip = compress();

/** Compresses answers for clients that take it, where that gives nothing away. */
export const compressed: MiddlewareHandler = (c, next) =>
  c.req.method === 'GET' && unchosen.test(c.req.path) ? zip(c, next) : next();
