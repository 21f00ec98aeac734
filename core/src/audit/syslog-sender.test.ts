import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CertificateFiles, hasOpenssl, makeCertificate } from '../../testing/certificates.ts';
import { RecordingLog } from '../../testing/recording-log.ts';
import { until } from '../../testing/until.ts';
import { SigningKeys } from '../security/signing-keys.ts';
import { AuditLog } from './audit-log.ts';
import { SyslogSender } from './syslog-sender.ts';

describe.skipIf(!hasOpenssl)('the syslog of audit messages over TLS (needs openssl)', () => {
  let folder: string;
  let authority: CertificateFiles;
  let audit: AuditLog;
  let log: RecordingLog;
  let server: Server | undefined;
  let sender: SyslogSender | undefined;
  let received: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filmless-syslog-'));
    authority = await makeCertificate(folder, 'authority', { authority: true });
    log = new RecordingLog();
    received = [];
    audit = await AuditLog.open({
      path: join(folder, 'audit.sqlite'),
      keys: new SigningKeys(join(folder, 'keys.json')),
      log,
    });
  });

  afterEach(async () => {
    sender?.stop();
    await audit.close();
    await stopServer();
    await rm(folder, { recursive: true, force: true });
  });

  const stopServer = async () => {
    const closing = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    if (closing) await new Promise((resolve) => closing.close(resolve));
  };
  const sockets = new Set<TLSSocket>();
  /** Takes messages by their octet counts. */
  const listen = async (files: CertificateFiles, port = 0): Promise<number> => {
    const options = { cert: await readFile(files.cert), key: await readFile(files.key) };
    const listening = createServer(options, (socket) => {
      sockets.add(socket);
      let bytes = Buffer.alloc(0);
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        for (;;) {
          const space = bytes.indexOf(0x20);
          const length = Number(bytes.subarray(0, space).toString());
          if (space < 1 || bytes.length < space + 1 + length) return;
          received.push(bytes.subarray(space + 1, space + 1 + length).toString('utf8'));
          bytes = bytes.subarray(space + 1 + length);
        }
      });
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve));
    return (listening.address() as AddressInfo).port;
  };
  const start = (port: number) => {
    const settings = { host: '127.0.0.1', port, ca: authority.cert };
    sender = new SyslogSender({ settings, audit, nodeName: 'centre', log, retryMs: 20, holdsMs: 20 });
  };
  const tell = (n: number) =>
    audit.recordDurably({
      action: 'open',
      outcome: 'success',
      actor: { kind: 'user', id: '王芳' },
      address: '192.0.2.1',
      studyInstanceUid: `1.2.${n}`,
    });
  const studies = () => received.map((message) => /ParticipantObjectID="1\.2\.(\d+)"/.exec(message)?.[1]);

  it('gets every entry in order, also those from before and from while it was away', async () => {
    const files = await makeCertificate(folder, 'syslog', { issuer: authority });
    await tell(1);
    const port = await listen(files);
    start(port);
    await tell(2);
    await until(() => received.length === 2);
    expect(studies()).toEqual(['1', '2']);
    expect(received[0]).toContain('UserID="王芳"');
    await stopServer();
    await tell(3);
    await until(() => log.lines.some(({ message }) => message === 'the syslog server does not take audit entries'));
    await listen(files, port);
    await tell(4);
    await until(() => studies().includes('4'));
    // What was on its way when the server went may come twice; nothing is left out.
    expect([...new Set(studies())]).toEqual(['1', '2', '3', '4']);
  });

  it('is told nothing when it is not the one', async () => {
    start(await listen(await makeCertificate(folder, 'impostor')));
    await tell(1);
    await until(() => log.lines.some(({ message }) => message === 'the syslog server does not take audit entries'));
    expect(received).toEqual([]);
  });
});
