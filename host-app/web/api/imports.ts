import { ApiError, CSRF_HEADER, problemToError, reportSessionEnd } from './client.ts';
import { oneOf, record, str } from './decode.ts';

export interface ImportResult {
  status: 'stored' | 'duplicate' | 'conflict';
  StudyInstanceUID: string;
}

/**
 * One file's bytes. XMLHttpRequest, because fetch does not tell how much has been sent.
 * A refusal is an ApiError: NOT_DICOM and its kin mean that the node keeps the file in quarantine.
 */
export function uploadInstance(
  file: Blob,
  fileName: string,
  options: { signal: AbortSignal; onProgress: (sentBytes: number) => void },
): Promise<ImportResult> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const abort = () => xhr.abort();
    const finish = (act: () => void) => {
      options.signal.removeEventListener('abort', abort);
      act();
    };
    if (options.signal.aborted) {
      reject(new DOMException('Aborted', 'AbortError'));
      return;
    }
    options.signal.addEventListener('abort', abort);
    xhr.open('POST', '/api/imports');
    xhr.setRequestHeader('accept', 'application/json');
    xhr.setRequestHeader('content-type', 'application/octet-stream');
    xhr.setRequestHeader('x-file-name', encodeURIComponent(fileName));
    for (const [name, value] of Object.entries(CSRF_HEADER)) xhr.setRequestHeader(name, value);
    xhr.upload.addEventListener('progress', (event) => options.onProgress(event.loaded));
    xhr.addEventListener('abort', () => finish(() => reject(new DOMException('Aborted', 'AbortError'))));
    xhr.addEventListener('error', () => finish(() => reject(new ApiError({ code: 'NETWORK', status: 0 }))));
    xhr.addEventListener('load', () =>
      finish(() => {
        if (xhr.status >= 200 && xhr.status < 300) {
          resolve(readResult(xhr.responseText));
          return;
        }
        if (xhr.status === 401) reportSessionEnd();
        reject(
          problemToError(
            xhr.status,
            xhr.responseText,
            xhr.getResponseHeader('retry-after'),
            xhr.getResponseHeader('x-request-id'),
          ),
        );
      }),
    );
    xhr.send(file);
  });
}

function readResult(text: string): ImportResult {
  const item = record(JSON.parse(text));
  return {
    status: oneOf(item['status'], ['stored', 'duplicate', 'conflict']),
    StudyInstanceUID: str(item['StudyInstanceUID']),
  };
}
