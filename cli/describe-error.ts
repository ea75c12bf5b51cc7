// An error as one line with its place: what a person who changed a file of the project has to know.

import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Stop } from './stop.ts'
import { reasonOf } from './tool-output.ts'

const ROOT = join(import.meta.dirname, '..')

const PLACE = /(?:file:\/\/)?(\/[^\s():]+|[A-Za-z]:[^\s():]+):(\d+)(?::(\d+))?/

const isOurs = (file: string): boolean => file.startsWith(ROOT) && !file.includes('node_modules')

/** Directories of the project itself: what is beside them, such as lanekeeper.config.ts, belongs to who configures it. */
const OWN = ['bench', 'cli', 'examples', 'functions', 'local', 'shared', 'test'].map(
  (name) => join(ROOT, name) + sep,
)

const isConfiguration = (file: string): boolean => !OWN.some((directory) => file.startsWith(directory))

const toPlace = (file: string, line: string | number, column?: string | number): string =>
  [isOurs(file) ? relative(ROOT, file) : file, line, ...(column === undefined ? [] : [column])].join(':')

/** What parsers of settings know about the place, as those of wrangler and esbuild say it. */
interface Located {
  readonly location?: { readonly file?: string; readonly line?: number; readonly column?: number }
}

/** The first place in a file of the project. Node writes that of a syntax error before the error. */
function placeIn(error: Error): string | null {
  const { file, line, column } = (error as Located).location ?? {}
  if (file !== undefined && line !== undefined) return toPlace(file, line, column)
  // What the project throws on purpose says all there is to say. What a file of the configuration throws does not.
  const isOnPurpose = error.constructor === Error || error instanceof Stop
  for (const text of (error.stack ?? '').split('\n')) {
    const [, path, at, column] = PLACE.exec(text) ?? []
    if (path === undefined || at === undefined) continue
    const file = text.includes('file://') ? fileURLToPath(`file://${path}`) : path
    if (isOurs(file)) return isOnPurpose && !isConfiguration(file) ? null : toPlace(file, at, column)
  }
  return null
}

/** esbuild counts its errors in the message, and lists them. */
interface Listed extends Located {
  readonly errors?: readonly ({ readonly text?: string } & Located)[]
}

/** Says nothing of the stack. A message of several lines, as that of a ConfigError, stays whole and needs no place. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const [first] = (error as Listed).errors ?? []
  if (first?.text !== undefined)
    return describeError(Object.assign(new Error(first.text), { location: first.location }))
  const { cmd, stderr } = error as { cmd?: unknown; stderr?: unknown }
  if (typeof cmd === 'string' && typeof stderr === 'string') return reasonOf(stderr)
  const message = error.message.trim() || error.name
  const place = message.includes('\n') ? null : placeIn(error)
  return place === null ? message : `${place}: ${message}`
}
