// How `lanekeeper token` finds the `lanekeeper dev` that runs for a project: a file that only its owner can read, with
// the address of the local issuer and the secret of the run. It is removed at the end of the run.

import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface Session {
  readonly version: 1
  readonly pid: number
  /** The local issuer, on loopback. */
  readonly url: string
  readonly secret: string
}

const OWNER_ONLY = 0o600

const nameFor = (project: string): string =>
  `dev-${createHash('sha256').update(realpathSync(project)).digest('hex').slice(0, 16)}.json`

/** In the cache of the project's node_modules; without it, in the folder of the system for temporary files. */
export function sessionFile(project: string): string {
  const modules = join(project, 'node_modules')
  return existsSync(modules)
    ? join(modules, '.cache/lanekeeper', nameFor(project))
    : join(tmpdir(), `lanekeeper-${process.getuid?.() ?? 'user'}-${nameFor(project)}`)
}

/** Writes the file anew. Whoever has made one before cannot read this one. */
export function writeSession(project: string, session: Session): void {
  const file = sessionFile(project)
  mkdirSync(dirname(file), { recursive: true })
  rmSync(file, { force: true })
  writeFileSync(file, JSON.stringify(session), { flag: 'wx', mode: OWNER_ONLY })
}

const isOurs = (file: string): boolean => {
  const { mode, uid } = lstatSync(file)
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o077) === 0)
}

/** The run of a project; `null`: there is none, or the file is not from this user alone. */
export function readSession(project: string): Session | null {
  const file = sessionFile(project)
  try {
    if (!isOurs(file)) return null
    const session = JSON.parse(readFileSync(file, 'utf8')) as Session
    return session.version === 1 ? session : null
  } catch {
    return null
  }
}

/** Removes the file of this run, and leaves that of a later one. */
export function removeSession(project: string, { secret }: Session): void {
  if (readSession(project)?.secret === secret) rmSync(sessionFile(project), { force: true })
}
