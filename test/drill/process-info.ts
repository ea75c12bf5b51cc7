// Facts about a process, read from /proc. Without Linux there are none.

import { readFileSync } from 'node:fs'

const read = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

/** The command line, with spaces between its words. */
export const commandOf = (pid: number): string => read(pid, 'cmdline').replaceAll('\0', ' ')

/** Resident memory in bytes; `null` where it cannot be read. */
export function residentBytes(pid: number | null): number | null {
  const [, kilobytes] = (pid === null ? '' : read(pid, 'status')).match(/^VmRSS:\s+(\d+) kB$/m) ?? []
  return kilobytes === undefined ? null : Number(kilobytes) * 1024
}

export const megabytes = (bytes: number | null): string =>
  bytes === null ? '-' : `${Math.round(bytes / 1024 / 1024)}`
