import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { connect, type TLSSocket } from 'node:tls';
import type { Logger } from '../plugins/contract.ts';
import { type AuditLog, readEntries } from './audit-log.ts';
import type { AuditEntry } from './contract.ts';
import { toDicomAuditMessage } from './dicom-audit-message.ts';

export interface SyslogSettings {
  host: string;
  port: number;
  /** PEM files: who may answer, and who we are to a server that asks. */
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
}

interface Options {
  settings: SyslogSettings;
  audit: AuditLog;
  nodeName: string;
  log: Logger;
  retryMs?: number;
  /** A connection that held so long after an entry has delivered it. */
  holdsMs?: number;
}

const POSITION = 'syslog';
const PAGE = 200;
/** Security and authorization messages; warning when refused or failed, else notice. @see RFC 5424 6.2.1 */
const FACILITY = 10;
const SEVERITY = { success: 5, refused: 4, failed: 4 } as const;

/**
 * Sends the audit log to a syslog server: RFC 5424 in the octet counting of RFC 5425, over TLS, each entry as a DICOM audit message.
 * Where it stopped is kept with the log, so that nothing is left out while the server is away. Syslog knows no acknowledgement: an entry counts
 * as sent when its connection held for some seconds after it, and else it comes again.
 * @dicom PS3.15 A.6
 */
export class SyslogSender {
  readonly #options: Options;
  readonly #onWritten: { dispose(): void };
  readonly #confirming: NodeJS.Timeout;
  /** The last entry written to this connection, and how far that was a moment ago. */
  #sent: number | undefined;
  #sentBefore: number | undefined;
  #socket: TLSSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #busy = false;
  #stopped = false;

  constructor(options: Options) {
    this.#options = options;
    this.#onWritten = options.audit.onWritten(() => this.#wake());
    this.#confirming = setInterval(() => this.#confirm(), options.holdsMs ?? 5_000).unref();
    this.#wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#onWritten.dispose();
    clearTimeout(this.#timer);
    clearInterval(this.#confirming);
    this.#socket?.destroy();
  }

  #wake(): void {
    if (this.#stopped || this.#busy || this.#timer) return;
    this.#busy = true;
    this.#send().then(
      () => {
        this.#busy = false;
      },
      (error: unknown) => {
        this.#busy = false;
        if (this.#stopped) return;
        this.#options.log.warn({ err: error }, 'the syslog server does not take audit entries');
        this.#lost(this.#socket);
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          this.#wake();
        }, this.#options.retryMs ?? 10_000);
      },
    );
  }

  async #send(): Promise<void> {
    const database = this.#options.audit.read();
    const page = database.prepare('SELECT * FROM entry WHERE seq > ? ORDER BY seq LIMIT ?');
    for (;;) {
      if (this.#stopped) return;
      const socket = await this.#connected();
      const entries = readEntries(page.all(this.#sent ?? this.#position(), PAGE));
      if (entries.length === 0) return;
      for (const entry of entries) {
        await write(socket, frame(entry, this.#options.nodeName));
        this.#sent = entry.seq;
      }
    }
  }

  #position(): number {
    const row = this.#options.audit.read().prepare('SELECT seq FROM position WHERE name = ?').get(POSITION);
    return Number(row?.['seq'] ?? 0);
  }

  #confirm(): void {
    if (this.#sentBefore !== undefined && this.#sentBefore > this.#position())
      this.#options.audit
        .read()
        .prepare('INSERT OR REPLACE INTO position VALUES (?, ?)')
        .run(POSITION, this.#sentBefore);
    this.#sentBefore = this.#sent;
  }

  /** What was written last may be lost with the connection. */
  #lost(socket: TLSSocket | undefined): void {
    socket?.destroy();
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#sent = undefined;
    this.#sentBefore = undefined;
  }

  #connected(): Promise<TLSSocket> {
    if (this.#socket && !this.#socket.destroyed) return Promise.resolve(this.#socket);
    const { host, port, ca, cert, key } = this.#options.settings;
    return new Promise((resolve, reject) => {
      const socket = connect({
        host,
        port,
        minVersion: 'TLSv1.2',
        ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
        ...(cert === undefined ? {} : { cert: readFileSync(cert) }),
        ...(key === undefined ? {} : { key: readFileSync(key) }),
      });
      socket.setTimeout(10_000, () => socket.destroy(new Error('the syslog server is silent')));
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        socket.setTimeout(0);
        socket.off('error', reject);
        socket.on('error', () => socket.destroy());
        socket.once('close', () => {
          this.#lost(socket);
          this.#wake();
        });
        // Servers say nothing; what they send is let go, so that their end is seen.
        socket.resume();
        this.#socket = socket;
        resolve(socket);
      });
    });
  }
}

/** `<length> <message>`: the message in UTF-8 after its byte order mark. @see RFC 5425 4.3, RFC 5424 6.4 */
export function frame(entry: AuditEntry, nodeName: string): Buffer {
  const priority = FACILITY * 8 + SEVERITY[entry.outcome];
  const host = hostname().replaceAll(/[^\x21-\x7e]/g, '-') || '-';
  const app = nodeName.replaceAll(/[^\x21-\x7e]/g, '-').slice(0, 48) || 'filmless';
  const head = `<${priority}>1 ${entry.at} ${host} ${app} ${process.pid} DICOM+RFC3881 - `;
  const message = Buffer.from(`${head}\ufeff${toDicomAuditMessage(entry, nodeName)}`, 'utf8');
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

function write(socket: TLSSocket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
