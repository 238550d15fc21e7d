import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { messageOf } from '../../errors.ts';
import type { SmtpServer } from './server.ts';

/** Why a server could not be used. */
export class SmtpError extends Error {
  /** The code of its answer, if it gave one. */
  readonly code: number | undefined;
  constructor(words: string, code?: number) {
    super(words);
    this.code = code;
  }
}

/** Connects to a server, by TLS if it speaks it from the first byte. @throws SmtpError */
export function connected(server: SmtpServer, ms: number): Promise<Socket> {
  const { host, port } = server;
  if (server.tls === 'implicit') return settled(connectTls({ ...server.tlsOptions, host, port }), ms, true);
  return settled(connectTcp({ host, port, noDelay: true }), ms, false);
}

/** Goes on with TLS over a connection that is open (RFC 3207). @throws SmtpError */
export function secured(server: SmtpServer, socket: Socket, ms: number): Promise<Socket> {
  const options: ConnectionOptions = { ...server.tlsOptions, host: server.host, socket };
  return settled(connectTls(options), ms, true);
}

function settled(socket: Socket, ms: number, isTls: boolean): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(new SmtpError(wordsOf(error)));
    };
    const closed = () => fail(new Error('the server closed the connection'));
    const timer = setTimeout(() => fail(new Error('it did not answer in time')), ms);
    socket.once('error', fail);
    socket.once('close', closed);
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      socket.off('close', closed);
      resolve(socket);
    });
  });
}

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
]);

/** OpenSSL's words, and what can be done. */
function wordsOf(error: Error): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  const words = messageOf(error).replace(/; if the root CA.*$/, '');
  if (untrusted.has(code))
    return `its certificate is not trusted (${words}): name the authority's certificate in NODE_EXTRA_CA_CERTS, or put tls.rejectUnauthorized=false into the server's URL`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `its certificate is for another name (${words}): write the host as the certificate does, or put tls.servername=NAME into the server's URL`;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return 'it does not speak TLS from the first byte on this port: write smtp:// instead of smtps://';
  return words;
}
