/**
 * The secret of a shared link: from the address, which it leaves at once, else as this tab kept it for a reload. Undefined when the link was not
 * opened whole.
 */
export function linkSecret(id: string): string | undefined {
  const key = `filmless.share.${id}`;
  const given = window.location.hash.slice(1);
  if (given === '') return recall(key);
  window.history.replaceState(null, '', window.location.pathname);
  try {
    sessionStorage.setItem(key, given);
  } catch {
    // A browser that forbids storage asks for the link again after a reload.
  }
  return given;
}

function recall(key: string): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}
