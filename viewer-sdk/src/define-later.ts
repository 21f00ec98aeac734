/**
 * Registers elements when the document first has one: their code is no part of the first image. An element inside of another's shadow root
 * is not seen: who puts it there imports its `define` function.
 */
export function defineLater(elements: Readonly<Record<string, () => Promise<void>>>): void {
  const waiting = new Map(Object.entries(elements).filter(([name]) => !customElements.get(name)));
  const look = (): void => {
    for (const [name, define] of waiting) {
      if (!document.querySelector(name)) continue;
      waiting.delete(name);
      define().catch((error: unknown) => console.error(`Filmless: <${name}> was not loaded`, error));
    }
    if (waiting.size === 0) observer.disconnect();
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true });
  look();
}
