/** A receiving thread that dies of new settings, for tests of what happens then. */
import { parentPort } from 'node:worker_threads';
import { Receiver } from './receiver.ts';

if (parentPort) {
  new Receiver(parentPort, true);
  parentPort.on('message', (message: { method?: string }) => {
    if (message.method === 'settings') process.exit(7);
  });
}
