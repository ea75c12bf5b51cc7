// The descendants of a process, read from /proc. Without Linux the list is empty.

import { existsSync, readdirSync, readFileSync } from 'node:fs'

export const canSeeProcesses = existsSync('/proc/self/stat')

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? null : Number(parent)
  } catch {
    return null
  }
}

/** Every process below `pid`, at any depth. */
export function descendantsOf(pid: number): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  const children = all.filter((candidate) => parentOf(candidate) === pid)
  return [...children, ...children.flatMap(descendantsOf)]
}

export const isRunning = (pid: number): boolean => parentOf(pid) !== null
