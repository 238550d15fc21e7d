import { AwsClient } from 'aws4fetch';
import type { Config } from '../config.ts';
import { UserError } from '../errors.ts';

/** Where images are kept outside the database. */
export interface Bucket {
  /** @throws UserError with the server's words if it does not take it */
  put(name: string, bytes: Buffer, mime: string): Promise<void>;
  /** Where readers get it. */
  address(name: string): string;
}

const putMs = 20_000;

/** The bucket of the settings; undefined: images are kept in the database. */
export function bucketOf({ bucket }: Pick<Config, 'bucket'>): Bucket | undefined {
  if (!bucket) return undefined;
  const { url, publicUrl, accessKeyId, secretAccessKey, region } = bucket;
  return {
    address: (name) => `${publicUrl}/${name}`,
    async put(name, bytes, mime) {
      const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 3 });
      const answer = await client.fetch(`${url}/${name}`, {
        method: 'PUT',
        body: new Uint8Array(bytes),
        headers: { 'Content-Type': mime, 'Cache-Control': 'public, max-age=31536000, immutable' },
        signal: AbortSignal.timeout(putMs),
      });
      if (answer.ok) {
        await answer.body?.cancel();
        return;
      }
      const words = (await answer.text()).replace(/\s+/g, ' ').slice(0, 300);
      throw new UserError(`The bucket ${url} does not take ${name}: ${answer.status} ${words}`, {
        code: 'bucket',
        hint: 'Check IMAGES_BUCKET and its key in the settings.',
      });
    },
  };
}
