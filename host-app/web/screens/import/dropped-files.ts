/** A file with its path below what was dropped or chosen. */
export interface FoundFile {
  file: File;
  path: string;
}

const REPORT_EVERY = 200;

/** Files and folders of a drop, folders read to the bottom. `found` is told the count while reading. */
export async function filesOfDrop(transfer: DataTransfer, found: (count: number) => void): Promise<FoundFile[]> {
  // Entries must be taken before the first await: the browser empties the list when the event is over.
  const entries = [...transfer.items].flatMap((item) => (item.kind === 'file' ? (item.webkitGetAsEntry() ?? []) : []));
  const files: FoundFile[] = [];
  const queue = [...entries];
  for (let entry = queue.shift(); entry; entry = queue.shift()) {
    if (isDirectory(entry)) queue.push(...(await readAll(entry)));
    else if (isFile(entry)) {
      files.push({ file: await fileOf(entry), path: entry.fullPath.replace(/^\//, '') });
      if (files.length % REPORT_EVERY === 0) found(files.length);
    }
  }
  return files;
}

/** Files of a picker; a folder picker gives their paths. */
export function filesOfInput(list: FileList): FoundFile[] {
  return [...list].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** `readEntries` gives at most a hundred at a time. */
async function readAll(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return all;
    all.push(...batch);
  }
}
