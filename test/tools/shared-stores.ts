import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import expressPouchdb from 'express-pouchdb';
import PouchDB from 'pouchdb/lib/index.js';
import memoryAdapter from 'pouchdb-adapter-memory/lib/index.js';
import S3rver from 's3rver';
import { type NodeProcess, startNode } from './node-process.ts';

/** A server of this process that can be taken away for a while: then it breaks off every request. */
export class CuttableServer {
  readonly url: string;
  readonly #server: Server;
  readonly #answer: RequestListener;
  #isCut = false;

  private constructor(server: Server, answer: RequestListener) {
    this.#server = server;
    this.#answer = answer;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(answer: RequestListener): Promise<CuttableServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const cuttable = new CuttableServer(server, answer);
    server.on('request', (request, response) => cuttable.#handle(request, response));
    return cuttable;
  }

  cut(): void {
    this.#isCut = true;
    this.#server.closeAllConnections();
  }

  mend(): void {
    this.#isCut = false;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #handle(...[request, response]: Parameters<RequestListener>): void {
    if (this.#isCut) request.socket.destroy();
    else this.#answer(request, response);
  }
}

/** A CouchDB and an object store, which nodes of one test share. */
export class SharedStores {
  readonly couch: CuttableServer;
  readonly objects: CuttableServer;
  readonly #directory: string;

  private constructor(couch: CuttableServer, objects: CuttableServer, directory: string) {
    this.couch = couch;
    this.objects = objects;
    this.#directory = directory;
  }

  static async start(): Promise<SharedStores> {
    const directory = await mkdtemp(join(tmpdir(), 'filmless-objects-'));
    const store = new S3rver({ directory, silent: true, configureBuckets: [{ name: 'images' }] });
    await store.configureBuckets();
    const MemoryPouch = PouchDB.plugin(memoryAdapter).defaults({ adapter: 'memory' });
    const app = express();
    app.use(expressPouchdb(MemoryPouch, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: '/dev/null' }));
    const couch = await CuttableServer.start(app);
    return new SharedStores(couch, await CuttableServer.start(store.callback()), directory);
  }

  /** A node that keeps neither records nor bytes itself. */
  startNode({ bucket = 'images', env = {}, ...options }: SharedNodeOptions = {}): Promise<NodeProcess> {
    const storage = { bucket, endpoint: this.objects.url, freeSpaceFloorGiB: 0, maxAttempts: 2 };
    return startNode({
      ...options,
      config: { storage: { use: 's3' }, plugins: { 'storage-s3': storage } },
      env: {
        FILMLESS_CATALOGUE_URL: `${this.couch.url}/filmless`,
        AWS_ACCESS_KEY_ID: 'S3RVER',
        AWS_SECRET_ACCESS_KEY: 'S3RVER',
        ...env,
      },
    });
  }

  async stop(): Promise<void> {
    await this.couch.stop();
    await this.objects.stop();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface SharedNodeOptions extends Omit<NonNullable<Parameters<typeof startNode>[0]>, 'config'> {
  bucket?: string;
}
