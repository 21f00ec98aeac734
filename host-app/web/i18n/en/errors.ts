import type { zhCN } from '../zh-CN/index.ts';

export const errors: (typeof zhCN)['errors'] = {
  INTERNAL: {
    title: 'The server failed unexpectedly',
    remedy: 'Try again. If it happens again, tell IT the code and the time.',
  },
  INVALID_REQUEST: { title: 'What was sent is not valid', remedy: 'Check what you entered and try again.' },
  UNAUTHENTICATED: { title: 'Sign-in needed', remedy: 'Sign in again.' },
  BAD_CREDENTIALS: { title: 'User name or password is wrong', remedy: 'Check both and try again.' },
  TOKEN_INVALID: {
    title: 'The access token is not valid',
    remedy: 'Close the page and open it again from where you came.',
  },
  TOKEN_EXPIRED: {
    title: 'The access token has expired',
    remedy: 'Close the page and open it again from where you came.',
  },
  TOKEN_REVOKED: { title: 'The access was ended', remedy: 'Ask IT if you still need it.' },
  SHARE_NOT_FOUND: {
    title: 'There is no such shared link',
    remedy: 'Check that the link is complete, or ask for it again.',
  },
  SHARE_CODE_NEEDED: { title: 'Access code needed', remedy: 'Enter the eight digits that came separately.' },
  SHARE_CODE_WRONG: { title: 'The access code is wrong', remedy: 'Check it and try again.' },
  SHARE_LOCKED: {
    title: 'The shared link is locked',
    remedy: 'The access code was wrong too often. Share the exam again.',
  },
  SHARE_EXPIRED: { title: 'The shared link has expired', remedy: 'Share the exam again if it is still needed.' },
  SHARE_REVOKED: { title: 'The shared link was revoked', remedy: 'Contact whoever shared it if it is still needed.' },
  SHARE_WITHDRAWN: {
    title: 'The shared images cannot be shown now',
    remedy: 'Whoever shared them may not show this exam now, or it was changed.',
  },
  PASSWORD_CHANGE_NEEDED: { title: 'Change your password first', remedy: 'Set a new password, then go on.' },
  SECOND_FACTOR_NEEDED: {
    title: 'Authenticator code needed',
    remedy: 'Enter the six digits of your authenticator, or a recovery code.',
  },
  FORBIDDEN: { title: 'Not allowed', remedy: 'Ask IT if you need this permission.' },
  NOT_FOUND: { title: 'Not found', remedy: 'It may have been deleted. Refresh and try again.' },
  METHOD_NOT_ALLOWED: {
    title: 'The server does not support this',
    remedy: 'The page and the server may differ in version. Reload the page.',
  },
  NOT_ACCEPTABLE: { title: 'The server cannot deliver the form asked for', remedy: 'Tell IT.' },
  CONFLICT: {
    title: 'It conflicts with what is there',
    remedy: 'If somebody else has changed it, refresh and try again.',
  },
  KEPT_ELSEWHERE: {
    title: 'This gateway only shows what the centre keeps',
    remedy: 'Do it at the centre: it comes here by itself.',
  },
  KEY_DOES_NOT_FIT: {
    title: 'The key does not fit',
    remedy: 'Give the secret key of the pair that it was encrypted for.',
  },
  RANGE_NOT_SATISFIABLE: { title: 'The part asked for is outside the file', remedy: 'Refresh and try again.' },
  PAYLOAD_TOO_LARGE: {
    title: 'The file is larger than the server accepts',
    remedy: 'Ask IT to raise the limit in filmless.yaml.',
  },
  UNSUPPORTED_MEDIA_TYPE: { title: 'This type of file is not supported', remedy: 'Use DICOM files.' },
  TOO_MANY_REQUESTS: { title: 'Too many requests', remedy: 'Wait a moment and try again.' },
  UNAVAILABLE: { title: 'The server is not ready', remedy: 'Try again in a moment.' },
  STORAGE_FULL: {
    title: 'The storage is full: the image was not stored',
    remedy: 'Ask IT to free disk space or add a disk, then continue.',
  },
  STORAGE_FAILED: {
    title: 'The image could not be written to disk',
    remedy: 'Ask IT to check the disk, then try again.',
  },
  BLOB_MISSING: { title: 'The image file is missing', remedy: 'Ask IT to run filmless verify.' },
  BLOB_CORRUPT: {
    title: 'The image file is damaged',
    remedy: 'Ask IT to run filmless verify and to restore it from a copy.',
  },
  NOT_DICOM: { title: 'Not a DICOM file', remedy: 'Make sure that it is an image file.' },
  DICOM_TRUNCATED: {
    title: 'The file is incomplete',
    remedy: 'Copy it again from the device or the disc and import it again.',
  },
  DICOM_MALFORMED: { title: 'The file cannot be read', remedy: "Download it and give it to the device's vendor." },
  DICOM_IDENTIFIER_MISSING: {
    title: 'Study, series or image UID is missing',
    remedy: 'Make the image again on the device and send it again.',
  },
  SOP_CLASS_MISMATCH: { title: 'The image is not what its sender announced', remedy: "Check the sender's settings." },
  SOP_CLASS_NOT_SUPPORTED: {
    title: 'This kind of image is not supported',
    remedy: 'Ask IT to add it to the DIMSE plugin.',
  },
  SOP_INSTANCE_NOT_FOUND: { title: 'No such image', remedy: 'Refresh and try again.' },
  STUDY_NOT_FOUND: { title: 'No such study', remedy: 'Go back to the list and search again.' },
  FRAME_NOT_FOUND: { title: 'No such frame', remedy: 'Refresh and try again.' },
  TRANSCODE_UNSUPPORTED: { title: 'The image cannot be converted', remedy: 'Tell IT.' },
  DECODE_FAILED: { title: 'The image cannot be decoded', remedy: 'The file may be damaged. Tell IT.' },
  QUERY_INVALID_KEY: { title: 'A search term is not valid', remedy: 'Check the search terms.' },
  QUERY_LEVEL_INVALID: { title: 'The query level is not valid', remedy: 'Tell IT.' },
  MOVE_DESTINATION_UNKNOWN: { title: 'The destination is not known', remedy: 'Add it under Devices first.' },
  DEVICE_UNKNOWN: { title: 'The device is not known', remedy: 'Approve it under Devices.' },
  DEVICE_UNREACHABLE: {
    title: 'The device does not answer',
    remedy: 'Check that it is on, its address, port and AE title.',
  },
  PLUGIN_FAILED: { title: 'The plugin could not be started', remedy: 'See its cause under System › Plugins.' },
  PLUGIN_UNKNOWN: { title: 'No such plugin', remedy: 'Refresh and try again.' },
  PLUGIN_REQUIRED: { title: 'The plugin is required', remedy: 'Disable what depends on it first.' },
  POINT_DUPLICATE_KEY: { title: 'Two plugins bring the same function', remedy: 'Disable one of the two.' },
  CONFIG_INVALID: { title: 'The configuration is not valid', remedy: 'IT corrects the named key in filmless.yaml.' },
  JOB_CANCELLED: { title: 'The job was cancelled', remedy: 'Run it again if it is still wanted.' },
  JOB_UNKNOWN_KIND: { title: 'No plugin runs this kind of job', remedy: 'Enable the plugin it belongs to.' },
  NETWORK: { title: 'The server cannot be reached', remedy: 'Check the network and try again.' },
  BAD_ANSWER: {
    title: "The server's answer was not understood",
    remedy: 'Reload the page. If it happens again, tell IT.',
  },
  CLIENT: { title: 'The page failed', remedy: 'Reload the page. If it happens again, tell IT.' },
};
