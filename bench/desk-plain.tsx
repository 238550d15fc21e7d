/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { raw } from 'hono/html';

/** A page of a bare Hono: rows of JSX, as many as make so many bytes, with nothing looked up. */
export function plainPage(bytes: number): Hono {
  const app = new Hono();
  const row = (at: number) => (
    <li class="row" id={`row-${at}`}>
      <a href={`/rows/${at}`}>{`What row ${at} says & does`}</a> <span class="quiet">{at}</span>
    </li>
  );
  const size = String(row(1000)).length;
  app.get('/', (c) =>
    c.html(
      <>
        {raw('<!doctype html>')}
        <html lang="en">
          <head>
            <title>Plain</title>
          </head>
          <body>
            <ul>{Array.from({ length: Math.ceil(bytes / size) }, (_, at) => row(at))}</ul>
          </body>
        </html>
      </>,
    ),
  );
  return app;
}
