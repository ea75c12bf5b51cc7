// Watches files and says when one of them changes. Folders are watched, because editors replace files.

import { watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Stops watching. */
export type StopWatching = () => void
export type Watch = (files: readonly string[], onChange: () => void) => StopWatching

export const watchFiles: Watch = (files, onChange) => {
  const names = new Map<string, Set<string>>()
  for (const file of files) {
    const folder = dirname(file)
    names.set(folder, (names.get(folder) ?? new Set()).add(basename(file)))
  }
  const watchers = [...names].map(([folder, known]) => {
    const watcher = watch(folder, (_, name) => {
      if (name === null || known.has(name)) onChange()
    })
    // A folder that is removed is not watched any more; the files of the others are.
    watcher.on('error', () => watcher.close())
    return watcher
  })
  return () => watchers.forEach((watcher) => watcher.close())
}
