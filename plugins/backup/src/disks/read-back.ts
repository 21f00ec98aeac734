import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** What memory, position and length of a direct read must be multiples of. */
const SLOT_BYTES = 1024 * 1024;
const SLOTS = 8;
const PAGE_BYTES = 64 * 1024;

/** What is used of it; Node's types leave it out. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
};

/** Memory that begins on a page, as WebAssembly's does. */
let memory: ArrayBuffer | undefined;
const freeSlots: number[] = [];

function takeSlot(): Buffer {
  if (!memory) {
    memory = new WebAssembly.Memory({ initial: (SLOTS * SLOT_BYTES) / PAGE_BYTES }).buffer;
    for (let slot = 0; slot < SLOTS; slot += 1) freeSlots.push(slot * SLOT_BYTES);
  }
  const offset = freeSlots.pop();
  return offset === undefined ? Buffer.allocUnsafeSlow(SLOT_BYTES) : Buffer.from(memory, offset, SLOT_BYTES);
}

function giveBack(slot: Buffer): void {
  if (slot.buffer === memory) freeSlots.push(slot.byteOffset);
}

const DIRECT = constants.O_DIRECT === undefined ? undefined : constants.O_RDONLY | constants.O_DIRECT;

/** SHA-256 of a file as the disk gives it: past the page cache where the file system can, so that it is not what was just written that is compared. */
export async function hashOnDisk(path: string, onBytes?: (bytes: number) => Promise<void>): Promise<string> {
  const slot = takeSlot();
  try {
    if (DIRECT !== undefined && slot.buffer === memory) {
      try {
        return await hashFile(path, DIRECT, slot, onBytes);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
      }
    }
    return await hashFile(path, constants.O_RDONLY, slot, onBytes);
  } finally {
    giveBack(slot);
  }
}

async function hashFile(
  path: string,
  flags: number,
  slot: Buffer,
  onBytes: ((bytes: number) => Promise<void>) | undefined,
): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, flags);
  try {
    for (let at = 0; ; ) {
      const { bytesRead } = await file.read(slot, 0, slot.length, at);
      hash.update(slot.subarray(0, bytesRead));
      at += bytesRead;
      await onBytes?.(bytesRead);
      // Less than was asked for is the end; from there a direct read would not begin on a block.
      if (bytesRead < slot.length) return hash.digest('hex');
    }
  } finally {
    await file.close();
  }
}
