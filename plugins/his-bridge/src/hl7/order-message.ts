import type { Order, OrderStatus, Patient } from '@filmless/core/plugin';
import { type Address, headerSegment, patientSegment, segment } from './outgoing-segments.ts';
import { escapeText } from './paths.ts';
import { timestampOf } from './times.ts';

/** HL7 table 0038 */
const STATUS: Readonly<Record<OrderStatus, string>> = {
  ordered: 'A',
  scheduled: 'SC',
  'in-progress': 'IP',
  completed: 'CM',
  cancelled: 'CA',
};

export const ORDER_MESSAGES = ['ORM^O01', 'OMG^O19'] as const;
export type OrderMessage = (typeof ORDER_MESSAGES)[number];
type Change = Order['history'][number];

/** Changes of the order's status, the oldest first; that it was placed is none. */
export function statusChanges({ history }: Order): Change[] {
  return history.filter(({ status }, index) => index > 0 && status !== history[index - 1]?.status);
}

/** A change of an order's status, told by who carries it out: ORC-1 `SC`, or `OC` when it is cancelled. HL7 v2.5.1 4.4.1, 4.4.4, 4.5.1 */
export function orderMessage(
  order: Order,
  { at, status }: Change,
  about: { patient: Patient | undefined; to: Address; type: OrderMessage; controlId: string },
): string {
  const { type, to, controlId, patient } = about;
  const { code, text, scheme } = order.procedure;
  const placer = escapeText(order.placerNumber);
  const filler = escapeText(order.fillerNumber);
  const lines = [
    headerSegment(to, { type: `${type}^${type.replace('^', '_')}`, controlId, at }),
    patientSegment(order.patient, patient),
    segment('ORC', {
      1: status === 'cancelled' ? 'OC' : 'SC',
      2: placer,
      3: filler,
      5: STATUS[status],
      9: timestampOf(new Date(at)),
    }),
    segment('OBR', {
      1: '1',
      2: placer,
      3: filler,
      4: [code, text, scheme].map(escapeText).join('^'),
      18: escapeText(order.accessionNumber),
      24: escapeText(order.modality),
    }),
  ];
  return `${lines.join('\r')}\r`;
}
