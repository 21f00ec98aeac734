/**
 * A worker may only be started from the page's own origin: from another one, a script of our own origin imports the real one. It imports it
 * dynamically, so that the page's policy needs `worker-src blob:` and our origin in `script-src`, and keeps what is sent to it meanwhile.
 */
export function startWorker(scriptUrl: string): Worker {
  if (new URL(scriptUrl).origin === location.origin) return new Worker(scriptUrl, { type: 'module' });
  const starter = `const early = [];
const keep = (event) => early.push(event.data);
addEventListener('message', keep);
import(${JSON.stringify(scriptUrl)}).then(() => {
  removeEventListener('message', keep);
  for (const data of early) dispatchEvent(new MessageEvent('message', { data }));
}, (error) => setTimeout(() => { throw error; }));`;
  const blobUrl = URL.createObjectURL(new Blob([starter], { type: 'text/javascript' }));
  const worker = new Worker(blobUrl, { type: 'module' });
  // The worker reads the blob when it starts; afterwards it may go.
  setTimeout(() => URL.revokeObjectURL(blobUrl), 30_000);
  return worker;
}
