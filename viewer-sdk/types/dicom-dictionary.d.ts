/** The keywords of the DICOM dictionary that Cornerstone's metadata package names; `rollup.config.ts` takes them out of dcmjs. */
declare module 'cornerstone-dicom-dictionary' {
  export const nameMap: Readonly<
    Record<string, { readonly tag: string; readonly vr: string; readonly vm: string; readonly name: string }>
  >;
}
