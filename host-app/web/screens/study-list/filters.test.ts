import { expect } from 'chai';
import { describe, it } from '../../testing/setup.ts';
import type { StudyFilters } from './filters.ts';
import { isFiltered, listPath, NO_FILTERS, parseFilters, studyDateRange, toQuery } from './filters.ts';

const parse = (path: string) => parseFilters(new URL(path, 'http://x').searchParams);
const TODAY = new Date(2026, 2, 1, 9, 30);

describe('study filters', () => {
  it('live in the address and come back from it unchanged', () => {
    const filters: StudyFilters = {
      text: '张 & wei?',
      date: 'range',
      from: '2026-01-01',
      to: '2026-01-31',
      modalities: ['CT', 'MR'],
      departments: ['放射科', 'A, B'],
      patientName: 'zw',
      patientId: 'P01',
      accession: 'CT1',
      order: 'receivedAt',
    };
    expect(parse(listPath(filters))).to.deep.equal(filters);
    expect(listPath(NO_FILTERS)).to.equal('/studies');
    expect(parse('/studies')).to.deep.equal(NO_FILTERS);
  });

  it('leaves out what it does not understand', () => {
    expect(parse('/studies?date=never&from=2026-1-1&order=DROP&modality=')).to.deep.equal(NO_FILTERS);
  });

  it('turns presets into DICOM dates, across months', () => {
    const range = (date: StudyFilters['date'], from = '', to = '') => studyDateRange({ date, from, to }, TODAY);
    expect(range('all')).to.equal(undefined);
    expect(range('today')).to.equal('20260301');
    expect(range('yesterday')).to.equal('20260228');
    expect(range('week')).to.equal('20260223-20260301');
    expect(range('month')).to.equal('20260131-20260301');
    expect(range('range', '2026-01-01')).to.equal('20260101-');
    expect(range('range', '', '2026-01-31')).to.equal('-20260131');
    expect(range('range')).to.equal(undefined);
  });

  it('asks the node only for what is set', () => {
    expect(toQuery(NO_FILTERS, TODAY)).to.deep.equal({ orderBy: '-StudyDate' });
    expect(toQuery({ ...NO_FILTERS, text: ' li ', modalities: ['CT', 'MR'] }, TODAY)).to.deep.equal({
      orderBy: '-StudyDate',
      text: 'li',
      modalities: 'CT,MR',
    });
  });

  it('does not call an order a filter', () => {
    expect(isFiltered({ ...NO_FILTERS, order: 'PatientName' })).to.equal(false);
    expect(isFiltered({ ...NO_FILTERS, date: 'today' })).to.equal(true);
  });
});
