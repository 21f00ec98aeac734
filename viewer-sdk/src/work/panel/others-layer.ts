import type { SVGTemplateResult } from 'lit';
import type { Cell, CellLayer } from '../../extension/contract.ts';
import { drawMarks, type Place } from '../../objects/presentation/draw.ts';
import type { Graphic, TextMark } from '../../objects/presentation/read.ts';
import { newestVersions, type ReadReport } from '../read/index.ts';
import type { Region } from '../read/regions.ts';
import type { WorkSession } from '../session/work-session.ts';
import { groupLines } from './group-lines.ts';

/** Told from the reader's own, and not to be taken hold of. */
const COLOUR = 'var(--filmless-annotation-other)';
const LINES = new Set(['POLYLINE', 'CIRCLE', 'ELLIPSE']);

/** Measurements that other systems stored, on the images that they name. */
export class OthersLayer implements CellLayer {
  readonly id = 'work.others';
  readonly order = 38;
  readonly #session: WorkSession;

  constructor(session: WorkSession) {
    this.#session = session;
  }

  render({ view }: Cell): SVGTemplateResult | undefined {
    const session = this.#session;
    const work = session.othersShown ? session.of(view?.frame.StudyInstanceUID) : undefined;
    if (!view || !work) return undefined;
    const { SOPInstanceUID, frameNumber } = view.frame;
    const isHere = ({ instance, frames }: Region) =>
      instance === SOPInstanceUID && (frames.length === 0 || frames.includes(frameNumber));
    const reports = work.kept.filter((object): object is ReadReport => object.type === 'report' && !object.ours);
    const marks = newestVersions(reports)
      .flatMap(({ groups }) => groups)
      .flatMap((group) => {
        const regions = group.regions.filter(isHere);
        const [first] = regions;
        if (!first) return [];
        return [
          { graphics: regions.flatMap(toGraphics), texts: [textAt(first, groupLines(group, session.viewer.locale))] },
        ];
      });
    if (marks.length === 0) return undefined;
    const { a, b, c, d, e, f } = view.toScreen;
    const place: Place = (_units, [x, y]) => [a * x + c * y + e, b * x + d * y + f];
    return drawMarks(
      { graphics: marks.flatMap(({ graphics }) => graphics), texts: marks.flatMap(({ texts }) => texts) },
      place,
      COLOUR,
    );
  }
}

function toGraphics({ graphic, points }: Region): Graphic[] {
  const common = { units: 'PIXEL', filled: false } as const;
  if (LINES.has(graphic)) return [{ ...common, type: graphic as Graphic['type'], points }];
  return points.map((point) => ({ ...common, type: 'POINT', points: [point] }));
}

/** The text stands at the right end of the shape. */
function textAt({ points }: Region, lines: readonly string[]): TextMark {
  const at = points.reduce((best, point) => (point[0] > best[0] ? point : best));
  return { lines, box: undefined, anchor: { units: 'PIXEL', at, visible: false } };
}
