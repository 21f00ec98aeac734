import { alarms } from './alarms.ts';
import { auditWords } from './audit-words.ts';
import { calendar, common, patient } from './common.ts';
import { devices } from './devices.ts';
import { errors } from './errors.ts';
import { imports } from './import.ts';
import { registration } from './patients.ts';
import { security } from './security.ts';
import { shares } from './shares.ts';
import { password, shell, signIn } from './shell.ts';
import { filters, list, preview, study } from './studies.ts';
import { conflicts, jobs, plugins, quarantine, scrub, storage, system, users } from './system.ts';

export const zhCN = {
  common,
  patient,
  calendar,
  errors,
  signIn,
  shell,
  password,
  list,
  filters,
  preview,
  study,
  registration,
  imports,
  devices,
  system,
  alarms,
  storage,
  quarantine,
  scrub,
  conflicts,
  plugins,
  jobs,
  users,
  security,
  shares,
  auditWords,
};
