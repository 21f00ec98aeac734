import type { InstanceRecord } from '../catalogue/contract.ts';
import type { ByteSource, DicomJson } from '../dicom/types.ts';
import type { Disposable } from '../disposable.ts';
import type { AccessScope } from '../security/contract.ts';

/** A Patient ID and who gave it. @dicom PS3.3 C.2.1, HL7 v2 CX */
export interface PatientIdentifier {
  id: string;
  /** Issuer of Patient ID, or assigning authority; empty where the hospital has one alone. */
  issuer: string;
}

/** Who a person is, as the hospital's own system says. Only what it said: what is absent is left as the images have it. */
export interface Demographics {
  /** PN, component groups between `=`: `ZHANG^SAN=张^三`. @dicom PS3.5 6.2 */
  name?: string;
  sex?: 'M' | 'F' | 'O' | '';
  /** DA */
  birthDate?: string;
}

/** A person as the hospital knows him. */
export interface Patient {
  /** The document's own name: of the first identifier it came with. */
  key: string;
  identifiers: PatientIdentifier[];
  demographics: Demographics;
  /** Where the patient lies. */
  location?: { ward: string; room: string; bed: string };
  status: 'active' | 'merged';
  /** Of a merged one: whose it is now. */
  mergedInto?: string;
  /** What was done to it, the newest last: merges can be undone from this. */
  history: {
    at: string;
    by: string;
    what: 'registered' | 'updated' | 'merged' | 'unmerged' | 'corrected';
    detail: string;
  }[];
}

/** A person's decision whose images a study shows. */
export interface StudyAssignment {
  StudyInstanceUID: string;
  to: PatientIdentifier;
  at: string;
  by: string;
}

export interface PatientSearch {
  /** Words; each is in the name, or begins an identifier. */
  text?: string;
  /** Persons outside are neither found nor counted; everybody when left out. */
  scope?: AccessScope;
  limit: number;
  offset: number;
}

export interface EveryoneSearch {
  /** Words that are in the name. */
  name?: string;
  scope?: AccessScope;
  limit: number;
  offset: number;
}

export interface Everyone {
  total: number;
  items: PatientIdentifier[];
}

/**
 * The hospital's register of persons, and what follows from it for images: their bytes stay as they came, what is found, shown and delivered carries the
 * identity that holds now.
 */
export interface Patients {
  /** The person with this identifier; of a merged one, the one it was merged into. */
  find(identifier: PatientIdentifier): Promise<Patient | undefined>;
  /** The document itself, merged or not. */
  get(key: string): Promise<Patient | undefined>;
  /** Those that were merged into this one, directly. */
  mergedInto(key: string): Promise<Patient[]>;
  /** Registers or updates. The same again changes nothing. */
  register(
    identifiers: readonly PatientIdentifier[],
    demographics: Demographics,
    by: string,
    location?: Patient['location'],
  ): Promise<Patient>;
  /** From now on what was `from`'s is `into`'s. The same again changes nothing. CONFLICT when it would go round in a circle. */
  merge(from: PatientIdentifier, into: PatientIdentifier, by: string): Promise<Patient>;
  /** Takes a merge back. */
  unmerge(from: PatientIdentifier, by: string): Promise<Patient>;
  /** The images of a study belong to this person: decided by somebody for images that match no patient or order. Undone with `undefined`. */
  assignStudy(StudyInstanceUID: string, to: PatientIdentifier | undefined, by: string): Promise<void>;
  /** To whom somebody assigned a study. */
  assignment(StudyInstanceUID: string): Promise<PatientIdentifier | undefined>;
  /** Studies that somebody assigned and that still are, the newest decision first. */
  assignments(): Promise<StudyAssignment[]>;
  /** By name, pinyin, identifier; newest change first. */
  search(request: PatientSearch): Promise<{ total: number; items: Patient[] }>;
  /** Whoever is registered, then who is known from images alone, each once by an identifier; merged persons are those they are now. */
  everyone(request: EveryoneSearch): Promise<Everyone>;
  onChange(listener: () => void): Disposable;
}

/** Laid over what is delivered. Values of the header that are not named stay. */
export interface IdentityOverlay {
  /** Elements that take the place of the header's: PatientID, IssuerOfPatientID, PatientName, PatientSex, PatientBirthDate, OtherPatientIDsSequence. */
  elements: DicomJson;
  /** Changes with the overlay: part of cache names and ETags. */
  version: string;
}

/** Which overlay an instance has. Quick, remembered while nothing changes: asked for every instance delivered and projected. */
export interface IdentityOverlays {
  of(header: { StudyInstanceUID: string; dataset: DicomJson }): Promise<IdentityOverlay | undefined>;
  /** The record with the identity that holds now; the very same when it has it already. */
  apply(record: InstanceRecord): Promise<InstanceRecord>;
  /** Told which identities changed, so that what was projected or prepared is made anew. */
  onChange(
    listener: (changed: { patients: readonly PatientIdentifier[]; studies: readonly string[] }) => void,
  ): Disposable;
}

/** A stored object as it is handed out: a Part 10 file. */
export interface DeliveredObject extends ByteSource {
  readonly datasetOffsetBytes: number;
  /** Of an overlaid object: where the element with the pixels begins, or the end where there are none. */
  readonly headerEndBytes: number;
  /** False: the very bytes that came. */
  readonly overlaid: boolean;
  close(): Promise<void>;
}

/** Hands out stored objects with the identity that holds now. The bytes that came stay available from the storage. */
export interface Delivery {
  /** Whether, and which: `open` is dearer than reading the stored bytes. */
  overlayOf(SOPInstanceUID: string): Promise<IdentityOverlay | undefined>;
  /** BLOB_MISSING; NOT_ACCEPTABLE and PAYLOAD_TOO_LARGE for objects that cannot be rewritten. */
  open(instance: { SOPInstanceUID: string; sha256: string; datasetOffsetBytes: number }): Promise<DeliveredObject>;
}

export type OrderStatus = 'ordered' | 'scheduled' | 'in-progress' | 'completed' | 'cancelled';

/** A request for an examination. Joins patient, images and report by its accession number. @dicom PS3.3 C.4.11, HL7 v2 ORC OBR, FHIR ServiceRequest */
export interface Order {
  /** Placer order number in the ordering system. */
  placerNumber: string;
  /** Which system ordered. */
  system: string;
  fillerNumber: string;
  accessionNumber: string;
  patient: PatientIdentifier;
  status: OrderStatus;
  /** What was ordered: code, its scheme, text. */
  procedure: { code: string; scheme: string; text: string };
  modality: string;
  bodyPart: string;
  priority: 'routine' | 'urgent' | 'stat';
  reason: string;
  requestedBy: string;
  requestingDepartment: string;
  orderedAt: string;
  scheduledAt?: string;
  scheduledStation?: string;
  /** Known once images came. */
  studyInstanceUids: string[];
  history: { at: string; by: string; status: OrderStatus; detail: string }[];
}

export interface OrderSearch {
  status?: readonly OrderStatus[];
  /** Words; each is in the procedure's text or the patient's name, or begins a number. */
  text?: string;
  /** The whole number of placer or filler, or the accession number. */
  number?: string;
  /** ISO, when it was ordered. */
  from?: string;
  to?: string;
  /** Orders outside are neither found nor counted; all when left out. */
  scope?: AccessScope;
  limit: number;
  offset: number;
}

export interface Orders {
  /** By the ordering system's number. */
  get(system: string, placerNumber: string): Promise<Order | undefined>;
  byAccession(accessionNumber: string): Promise<Order | undefined>;
  ofPatient(patient: PatientIdentifier): Promise<Order[]>;
  /** Creates, or changes the fields that are given. The same again changes nothing. */
  place(order: Partial<Order> & Pick<Order, 'system' | 'placerNumber' | 'patient'>, by: string): Promise<Order>;
  setStatus(system: string, placerNumber: string, status: OrderStatus, by: string, detail?: string): Promise<Order>;
  /** The newest first. */
  search(request: OrderSearch): Promise<{ total: number; items: Order[] }>;
}
