/** Entry point of a receiving thread. */
import { parentPort } from 'node:worker_threads';
import { Receiver } from './receiver.ts';

if (parentPort) new Receiver(parentPort, true);
