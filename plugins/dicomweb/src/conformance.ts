import { ROUTES } from './routes.ts';

/** What CONFORMANCE.md says of this plugin. @dicom PS3.2 N.8 */
export function conformance(): {
  routes: { method: string; path: string; summary: string; produces: readonly string[] }[];
  choices: string[];
} {
  return {
    routes: ROUTES.map(({ method, path, summary, produces }) => ({ method, path, summary, produces })),
    choices: CHOICES,
  };
}

/** Where PS3.18 leaves a choice. */
const CHOICES = [
  'QIDO-RS answers an empty list with status 200 when nothing is found.',
  'QIDO-RS answers at most `maxResults` matches; a longer result carries a Warning header with the number left.',
  'An unknown attribute in a query is refused (400), never ignored: a mistyped key would find too much.',
  'Stored bytes go out untouched with `transfer-syntax=*`, with the stored syntax, and, for what is stored in it, with Explicit VR Little Endian.',
  'Without a transfer syntax instances are converted to Explicit VR Little Endian; what cannot be converted (video, private syntaxes) goes out as stored and its part says so.',
  'Converted instances keep every value as it is; compressed icons and offset tables are dropped, Lossy Image Compression is set where the stored syntax is lossy.',
  'Study and series answer `application/dicom` with multipart/related too.',
  'Metadata carries Available Transfer Syntax UID (0008,3002), the syntax the instance is stored in.',
  'Bulk data is every binary value over 1 KiB, and the pixel data; references are absolute paths, or URLs when `publicUrl` is set.',
  'Decoded frames agree with the metadata of their instance: by plane where Planar Configuration is 1, packed where it is YBR_FULL_422, RGB for YBR_ICT and YBR_RCT.',
  'Pixel data of a series is every frame in a part of its own, named by Content-Location; `SOPInstanceUID=a,b,c` takes those instances, in that order.',
  'Rendering: where a file has a window and a VOI LUT the window is used; without either, the range from the 0.5th to the 99.5th percentile of the frame without padding. Overlays are not burnt in.',
  'A rendered instance with several frames is frame 1 as a single part, all frames as multipart; a rendered series or study is its representative image, or all.',
  'The thumbnail of a study or series is the middle image of its first series that has images.',
  'STOW-RS takes Part 10 files; an instance with the SOP Instance UID of another one is kept for a decision and reported as failed (0111H).',
  'A Study Instance UID other than that of the STOW-RS request fails the instance (A900H).',
];
