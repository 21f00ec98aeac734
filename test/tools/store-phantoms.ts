import type { PhantomInstance } from '@filmless/core/phantoms';
import type { NodeProcess } from './node-process.ts';

/** Imports generated instances into a node over its REST. Throws when one is not stored. */
export async function storePhantoms(
  node: Pick<NodeProcess, 'fetch'>,
  instances: AsyncIterable<PhantomInstance>,
): Promise<PhantomInstance[]> {
  const stored: PhantomInstance[] = [];
  for await (const instance of instances) {
    const response = await node.fetch('/api/imports', {
      method: 'POST',
      headers: { 'content-type': 'application/dicom' },
      body: new Blob([instance.bytes as Uint8Array<ArrayBuffer>]),
    });
    if (!response.ok) throw new Error(`not stored: ${response.status} ${await response.text()}`);
    stored.push(instance);
  }
  return stored;
}
