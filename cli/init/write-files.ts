// Writes files into the project, all of them or none, and never over anything that stands: a file, a folder, or a link,
// even one that leads nowhere.

import { closeSync, lstatSync, mkdirSync, openSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Stop } from '../stop.ts'
import type { ProjectFile } from './file.ts'

type Standing = 'nothing' | 'folder' | 'other'

function standingAt(path: string): Standing {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found === undefined ? 'nothing' : found.isDirectory() ? 'folder' : 'other'
}

const foldersOf = (path: string): readonly string[] => {
  const folder = dirname(path)
  return folder === '.' ? [] : [...foldersOf(folder), folder]
}

/** The paths of the project that are in the way of these files. A folder of the project may have more files in it. */
export function findStanding(root: string, files: readonly ProjectFile[]): readonly string[] {
  const standing = files.flatMap(({ path, alternatives = [] }) => {
    const blocked = foldersOf(path).find((folder) => standingAt(join(root, folder)) === 'other')
    if (blocked !== undefined) return [blocked]
    return [path, ...alternatives].filter((name) => standingAt(join(root, name)) !== 'nothing')
  })
  return [...new Set(standing)]
}

/**
 * `findStanding` must have found nothing. What is written is taken back if a file cannot be.
 *
 * @throws {Stop} If a file cannot be written, because it stands by now or the folder refuses it (exit code 1).
 */
export function writeFiles(root: string, files: readonly ProjectFile[]): void {
  const undo: (() => void)[] = []
  try {
    for (const { path, text } of files) {
      for (const folder of foldersOf(path).filter((name) => standingAt(join(root, name)) === 'nothing')) {
        mkdirSync(join(root, folder))
        undo.push(() => rmdirSync(join(root, folder)))
      }
      const file = openSync(join(root, path), 'wx')
      undo.push(() => rmSync(join(root, path)))
      try {
        writeFileSync(file, text)
      } finally {
        closeSync(file)
      }
    }
  } catch (error) {
    for (const takeBack of undo.toReversed())
      try {
        takeBack()
      } catch {
        // Somebody else has put something there meanwhile.
      }
    const { code, path = '' } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new Stop(`${path} cannot be written (${code}); nothing is.`, 1)
  }
}
