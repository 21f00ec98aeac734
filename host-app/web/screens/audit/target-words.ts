import { t } from '../../i18n/index.ts';

/** A route, and the name of what it made. */
const ROUTE = /^(GET|HEAD|POST|PUT|PATCH|DELETE) \/(\S*)(?: (\S+))?$/;
/** Where the id of a thing stands in a path that goes on after it. */
const ID_AT = 2;

/** What a route was about, in the reader's words; what is no route, or of a plugin that has no words here, stays as it was written. */
export function targetWords(target: string): string {
  const [, method = '', path = '', made = ''] = ROUTE.exec(target) ?? [];
  const { objects, deeds, doneBy } = t.auditWords;
  const segments = path.split('/').map(safeDecode);
  for (let length = segments.length; length > 0; length -= 1) {
    const named = segments.slice(0, length);
    const ofOne = named.with(Math.min(ID_AT, length - 1), '*');
    const whole = objects[named.join('/')];
    const object = whole ?? objects[ofOne.join('/')];
    if (object === undefined) continue;
    const rest = segments.slice(length);
    const key = whole === undefined ? ofOne.join('/') : named.join('/');
    const deed = deeds[rest.at(-1) ?? ''] ?? (rest.length === 0 ? deeds[`${method} ${key}`] : undefined);
    const ids = [
      ...(whole === undefined ? [segments[ID_AT]] : []),
      ...(deed === undefined ? rest : rest.slice(0, -1)),
      made,
    ];
    return doneBy(deed ?? deeds[method] ?? method, object, ids.filter((id) => id !== '').join(' '));
  }
  return target;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
