import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const file = join(resolve(import.meta.dirname, '..', '..'), 'examples/his-workstation/ward.json');
const wardSchema = z.object({
  patients: z.array(
    z.object({
      id: z.string(),
      bed: z.string(),
      name: z.object({ 'zh-CN': z.string(), en: z.string() }),
      sex: z.enum(['M', 'F']),
      birthDate: z.string(),
    }),
  ),
});

/** PID of a patient of the HIS example's ward, as a HIS writes it, and his bed. HL7 v2.5.1 3.4.2 */
export function inWard({ PatientID }: { PatientID: string }): { pid: string; bed: string } {
  const { patients } = wardSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const found = patients.find(({ id }) => id === PatientID);
  if (!found) throw new Error('the ward has no such patient');
  const { id, bed, name, sex, birthDate } = found;
  // Surnames of one sign: nobody in the ward has another.
  const chinese = name['zh-CN'].replace(/^./u, '$&^');
  const latin = name.en.replace(' ', '^');
  const names = `${chinese}^^^^^L^I~${latin}^^^^^L^A`;
  return { pid: `PID|1||${id}^^^HIS^PI||${names}||${birthDate.replaceAll('-', '')}|${sex}`, bed };
}
