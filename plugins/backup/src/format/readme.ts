import type { Marker } from './marker.ts';

/** `README.txt` of a disk, for whoever holds it in his hand and has no Filmless. CRLF: the plainest editors of all systems read it. */
export function readme(marker: Marker): string {
  const isEncrypted = marker.encryption !== 'none';
  const text = [...chinese(marker, isEncrypted), '', '', ...english(marker, isEncrypted), ''];
  return `\ufeff${text.join('\r\n')}`;
}

function chinese({ label, set, node, createdAt }: Marker, isEncrypted: boolean): string[] {
  return [
    `医学影像备份盘  标签：${label}  组：${set}`,
    `由 ${node.name} 的 Filmless 写入，启用于 ${createdAt.slice(0, 10)}。请勿改动或删除盘上的文件。`,
    '',
    '一、盘上有什么',
    ...(isEncrypted
      ? [
          '  DICOM/      影像文件，每个都用 age 加密（https://age-encryption.org）。',
          '              持有医院私钥的人可用任何 age 程序解密：',
          '                age --decrypt -i 私钥文件 -o 影像.dcm DICOM/…/I…….age',
          '              解密后即为标准 DICOM 文件。加密盘没有 DICOMDIR。',
        ]
      : [
          '  DICOM/      影像文件，均为标准 DICOM（Part 10）文件，任何 DICOM 软件都能打开。',
          '  DICOMDIR    影像目录。在“安全移除”时以及每天更新一次；此后写入的影像',
          '              已在 DICOM/ 和 CATALOG/ 中，但尚未列入 DICOMDIR。',
        ]),
    '  CATALOG/    每行一条 JSON：影像的登记信息，以及报告、患者、检查申请。',
    '  MANIFEST/   每个文件的 SHA-256。',
    '  SNAPSHOT/   整个节点的快照（目录、用户、审计、配置）。',
    '',
    '二、如何核对文件是否完好',
    '  在盘的根目录执行（Linux、macOS，或 Windows 的 Git Bash）：',
    '    cat MANIFEST/*.sha256 | sha256sum --quiet -c -',
    '  没有输出即全部完好。',
    '',
    '三、如何恢复',
    '  单次检查：在 Filmless 的“备份”页面选择检查并恢复，或执行',
    '    filmless restore --from 本盘 --study 检查UID',
    '  整个节点（空机器）：',
    '    filmless restore --from 本盘 --all',
    '  多块盘可按任意顺序依次插入；结束时会列出仍缺少的内容及其所在的盘。',
    ...(isEncrypted ? ['  加密盘另需：--identity 私钥文件'] : []),
  ];
}

function english({ label, set, node, createdAt }: Marker, isEncrypted: boolean): string[] {
  return [
    `Backup disk of medical images.  Label: ${label}  Set: ${set}`,
    `Written by Filmless at ${node.name}, in use since ${createdAt.slice(0, 10)}. Change and delete nothing on it.`,
    '',
    '1. What is on it',
    ...(isEncrypted
      ? [
          '  DICOM/      the images, each file encrypted with age (https://age-encryption.org).',
          "              Who has the hospital's secret key decrypts them with any age program:",
          '                age --decrypt -i KEYFILE -o image.dcm DICOM/.../I.......age',
          '              The result is an ordinary DICOM file. An encrypted disk has no DICOMDIR.',
        ]
      : [
          '  DICOM/      the images as ordinary DICOM (Part 10) files: any DICOM program opens them.',
          '  DICOMDIR    their directory, brought up to date before the disk is safely removed and',
          '              once a day. What was written since is in DICOM/ and CATALOG/ already.',
        ]),
    '  CATALOG/    one JSON object a line: the records of the images; reports, patients and orders.',
    '  MANIFEST/   the SHA-256 of every file.',
    '  SNAPSHOT/   snapshots of the whole node: catalogue, users, audit log, configuration.',
    '',
    '2. How to check that the files are whole',
    '  At the root of the disk (Linux, macOS, or Git Bash under Windows):',
    '    cat MANIFEST/*.sha256 | sha256sum --quiet -c -',
    '  No output: all are whole.',
    '',
    '3. How to restore',
    '  One study: choose it on the Backup screen of Filmless, or',
    '    filmless restore --from THIS-DISK --study STUDY-UID',
    '  A whole node, on an empty machine:',
    '    filmless restore --from THIS-DISK --all',
    '  Several disks may be given one after another, in any order; at the end it says what is',
    '  still missing, and on which disks that is.',
    ...(isEncrypted ? ['  An encrypted disk also needs: --identity KEYFILE'] : []),
  ];
}
