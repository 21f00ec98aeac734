import { expect } from 'chai';
import type { Keyword } from '../dicom/json.ts';
import { dataset } from '../testing/datasets.ts';
import { describe, it } from '../testing/globals.ts';
import { patientDifference } from './same-patient.ts';

const who = (change: Partial<Record<Keyword, unknown>> = {}) =>
  dataset({
    PatientID: '0001',
    PatientName: { Alphabetic: 'ZHANG^WEI', Ideographic: '张^伟' },
    PatientBirthDate: '19700101',
    ...change,
  });
const difference = (change: Partial<Record<Keyword, unknown>>, other: Partial<Record<Keyword, unknown>> = {}) =>
  patientDifference(who(other), who(change));

describe('one patient or two', () => {
  it('takes equal identities for one, padding and letter case aside', () => {
    expect(difference({})).to.equal(undefined);
    expect(difference({ PatientID: ' 0001 ', PatientName: { Alphabetic: 'Zhang^Wei^^' } })).to.equal(undefined);
    expect(difference({ PatientName: 'ZHANG^WEI=张^伟' })).to.equal(undefined);
    expect(difference({ PatientBirthDate: '1970.01.01' })).to.equal(undefined);
  });

  it('refuses another ID, none at all, and one that only looks alike', () => {
    expect(difference({ PatientID: '0002' })).to.equal('id');
    expect(difference({ PatientID: '1' })).to.equal('id');
    expect(difference({ PatientID: [] }, { PatientID: [] })).to.equal('id');
  });

  it('refuses the same ID of another issuer', () => {
    expect(difference({ IssuerOfPatientID: 'B' }, { IssuerOfPatientID: 'A' })).to.equal('issuer');
    expect(difference({ IssuerOfPatientID: 'A' }, { IssuerOfPatientID: 'A' })).to.equal(undefined);
  });

  it('wants name and birth date where only one study names an issuer', () => {
    expect(difference({ IssuerOfPatientID: 'A' })).to.equal(undefined);
    expect(difference({ IssuerOfPatientID: 'A', PatientBirthDate: [] })).to.equal('unproven');
    expect(difference({ IssuerOfPatientID: 'A', PatientName: [] })).to.equal('unproven');
  });

  it('refuses a name or a birth date that differs, and not one that is missing', () => {
    expect(difference({ PatientName: { Ideographic: '李^娜' } })).to.equal('name');
    expect(difference({ PatientName: { Alphabetic: 'ZHANG^WEI', Ideographic: '张^玮' } })).to.equal('name');
    expect(difference({ PatientBirthDate: '19700102' })).to.equal('birthDate');
    expect(difference({ PatientName: [], PatientBirthDate: [] })).to.equal(undefined);
  });
});
