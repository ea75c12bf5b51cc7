// Describes an error in one line with its file and line number, for a person who changed a file of the project.

import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Stop } from './stop.ts'
import { reasonOf } from './tool-output.ts'

const ROOT = join(import.meta.dirname, '..')

const LOCATION = /(?:file:\/\/)?(\/[^\s():]+|[A-Za-z]:[^\s():]+):(\d+)(?::(\d+))?/

const isProjectFile = (file: string, root: string): boolean =>
  file.startsWith(root + sep) && !file.includes('node_modules')

/** The directories of the project's code. Files beside them, such as lanekeeper.config.ts, are configuration. */
const SOURCE_DIRECTORIES = ['bench', 'cli', 'examples', 'functions', 'local', 'shared', 'test'].map(
  (name) => join(ROOT, name) + sep,
)

const isConfiguration = (file: string): boolean =>
  !SOURCE_DIRECTORIES.some((directory) => file.startsWith(directory))

const toLocation = (root: string, file: string, line: string | number, column?: string | number): string =>
  [
    isProjectFile(file, root) ? relative(root, file) : file,
    line,
    ...(column === undefined ? [] : [column]),
  ].join(':')

/** An error of wrangler's or esbuild's parser. */
interface ErrorWithLocation {
  readonly location?: { readonly file?: string; readonly line?: number; readonly column?: number }
}

/** The first location in a file of the project. For a syntax error, Node writes the location before the message. */
function findLocation(error: Error, root: string): string | null {
  const { file, line, column } = (error as ErrorWithLocation).location ?? {}
  if (file !== undefined && line !== undefined) return toLocation(root, file, line, column)
  // An error that the project throws on purpose needs no location; an error that a configuration file throws does.
  const isOnPurpose = error.constructor === Error || error instanceof Stop
  for (const text of (error.stack ?? '').split('\n')) {
    const [, path, lineNumber, column] = LOCATION.exec(text) ?? []
    if (path === undefined || lineNumber === undefined) continue
    const file = text.includes('file://') ? fileURLToPath(`file://${path}`) : path
    if (isProjectFile(file, root))
      return isOnPurpose && !isConfiguration(file) ? null : toLocation(root, file, lineNumber, column)
  }
  return null
}

/** An error of esbuild: the message has the number of errors, `errors` has each. */
interface ErrorWithList extends ErrorWithLocation {
  readonly errors?: readonly ({ readonly text?: string } & ErrorWithLocation)[]
}

/**
 * The message without the stack. A message of several lines, such as that of a ConfigError, gets no location. `root`: the
 * directory of the project, from which files are named.
 */
export function describeError(error: unknown, root: string = ROOT): string {
  if (!(error instanceof Error)) return String(error)
  const [first] = (error as ErrorWithList).errors ?? []
  if (first?.text !== undefined)
    return describeError(Object.assign(new Error(first.text), { location: first.location }), root)
  const { cmd, stderr } = error as { cmd?: unknown; stderr?: unknown }
  if (typeof cmd === 'string' && typeof stderr === 'string') return reasonOf(stderr)
  const message = error.message.trim() || error.name
  const location = message.includes('\n') ? null : findLocation(error, root)
  return location === null ? message : `${location}: ${message}`
}
