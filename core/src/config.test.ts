import { describe, expect, it } from 'vitest';
import { loadConfig, parseConfig } from './config.ts';

describe('configuration', () => {
  it('has the documented defaults', () => {
    expect(parseConfig({})).toMatchObject({
      http: { host: '127.0.0.1', port: 8080 },
      dicom: { host: '127.0.0.1', port: 11_112, aeTitle: 'FILMLESS', accept: 'known' },
      log: { level: 'info' },
    });
  });

  it('lets the environment override the file', () => {
    const config = parseConfig(
      { dicom: { aeTitle: 'A', port: 104 } },
      { FILMLESS_AET: 'B', FILMLESS_HTTP_PORT: '9000', FILMLESS_DIMSE_ACCEPT: 'any' },
    );
    expect(config.dicom).toMatchObject({ aeTitle: 'B', port: 104, accept: 'any' });
    expect(config.http.port).toBe(9000);
  });

  it('names a misspelt key and a wrong value with their paths', () => {
    expect(() => parseConfig({ http: { prot: 1, port: 'many' } })).toThrow(/http\.port[\s\S]*prot/);
    expect(() => parseConfig({ dicom: { accept: 'all' } })).toThrow(/dicom\.accept.*known.*any/);
    expect(() => parseConfig({}, { FILMLESS_HTTP_PORT: 'web' })).toThrow(/http\.port \(from FILMLESS_HTTP_PORT\)/);
  });

  it('starts nothing when a named file is missing', async () => {
    await expect(loadConfig({ FILMLESS_CONFIG: '/nonexistent/filmless.yaml' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});
