let base: string | undefined;

/**
 * Says where the SDK's other files lie (engine, decode worker, codecs): the folder's absolute URL.
 * The ready-made bundles set it from their own address; a page that bundles the library itself calls it once, or leaves it to `{server}/sdk/`.
 */
export function setAssetBase(url: string): void {
  base = new URL('.', new URL(url, document.baseURI)).href;
}

/** The folder of the SDK's files for a viewer of `server`. */
export function assetBase(server: string): string {
  return base ?? `${server}/sdk/`;
}
