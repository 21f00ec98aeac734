import type { Demographics, Order, OrderStatus, PatientIdentifier, ReportDelivery } from '@filmless/core/plugin';
import type { Hl7Segment } from '@medplum/core';
import type { ErrorCode } from './errors.ts';
import type { Mapping } from './mapping.ts';
import type { ReadMessage } from './message.ts';
import { parsePath, type Segments } from './paths.ts';

/** From whom a message came, as far as it matters for what becomes of it. */
export interface Sender {
  /** Names the system in orders and reports. */
  readonly name: string;
  /** `own`: the patient numbers are those of this hospital, with or without their issuer; `named`: they count with their issuer alone. */
  readonly patientNumbers: 'own' | 'named';
}

/** A step that is taken in the register of persons, the orders or the reports. */
export type Action =
  | {
      readonly do: 'register';
      readonly identifiers: readonly PatientIdentifier[];
      readonly demographics: Demographics;
      readonly location?: { ward: string; room: string; bed: string };
    }
  | {
      readonly do: 'merge';
      readonly from: PatientIdentifier;
      readonly into: PatientIdentifier;
      /** All forms of the number that goes, so that images under each of them come along. */
      readonly fromIdentifiers: readonly PatientIdentifier[];
    }
  | {
      readonly do: 'place-order';
      readonly order: Partial<Order> & Pick<Order, 'system' | 'placerNumber' | 'patient'>;
      /** Of one that is new; a known one keeps where it stands. */
      readonly initialStatus: OrderStatus;
    }
  | {
      readonly do: 'order-status';
      readonly system: string;
      readonly placerNumber: string;
      readonly patient: PatientIdentifier;
      readonly status: OrderStatus;
    }
  | {
      readonly do: 'deliver-report';
      readonly report: ReportDelivery;
      readonly placerNumber: string;
      /** The file of the report, as it stands in OBX-5. */
      readonly pdfBase64?: string;
    };

export interface Plan {
  readonly actions: readonly Action[];
  /** Values that were left out, and why; without the values. */
  readonly remarks: readonly { readonly location: string; readonly text: string }[];
  /** Patient IDs it is about: what comes for one of them is applied in its order. */
  readonly patients: readonly string[];
}

/** What planning needs at hand. */
export interface Planning {
  readonly read: ReadMessage;
  readonly mapping: Mapping;
  readonly sender: Sender;
  readonly all: Segments;
  remark(location: string, text: string): void;
  fail(code: ErrorCode, location: string, text: string): never;
}

/** Orders in a message: the segments from each ORC (or OBR without one) to the next, before those that all share. */
export function groupsOf(all: Segments): Segments[] {
  const groups: Hl7Segment[][] = [];
  let current: Hl7Segment[] | undefined;
  const shared: Hl7Segment[] = [];
  for (const segment of all) {
    const startsOrder =
      segment.name === 'ORC' || (segment.name === 'OBR' && (!current || current.some(({ name }) => name === 'OBR')));
    if (startsOrder) {
      current = [];
      groups.push(current);
    }
    (current ?? shared).push(segment);
  }
  return groups.length === 0 ? [shared] : groups.map((group) => [...group, ...shared]);
}

/** The first path's place, for messages about what is missing. */
export function placeOf(paths: readonly string[]): string {
  const path = parsePath(paths[0] ?? '');
  return path ? `${path.segment}-${path.field}` : '';
}
