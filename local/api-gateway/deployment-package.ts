// Unpacks the deployment package that would be uploaded, so that the local run uses the code that would be deployed.
// Rejects paths outside of the directory (absolute, `..`, backslash), symbolic links, duplicate entries, existing
// files, and more than Lambda's quota of 250 MB unpacked.

import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type yauzl from 'yauzl'

/** What opens a zip: the package `yauzl`, which only this needs. */
export type OpenZip = typeof yauzl.openPromise

const loadOpenZip = async (): Promise<OpenZip> => (await import('yauzl')).default.openPromise

const MAX_UNPACKED_BYTES = 250 * 1024 * 1024
const FILE_TYPE_MASK = 0o170000
const SYMBOLIC_LINK = 0o120000

/**
 * Creates `directory` if it does not exist. It must not contain any of the files. `loadZip` default: the package `yauzl`
 * beside this one.
 */
export async function unpackDeploymentPackage(
  zipFile: string,
  directory: string,
  loadZip: () => Promise<OpenZip> = loadOpenZip,
): Promise<void> {
  const root = resolve(directory)
  await mkdir(root, { recursive: true })
  const openZip = await loadZip()
  const zip = await openZip(zipFile, { strictFileNames: true })
  try {
    let total = 0
    for await (const entry of zip.eachEntry()) {
      const target = resolve(root, entry.fileName)
      if (!target.startsWith(root + sep))
        throw new Error(`${zipFile}: ${entry.fileName} leaves the directory`)
      const fileType = (entry.externalFileAttributes >>> 16) & FILE_TYPE_MASK
      if (fileType === SYMBOLIC_LINK) throw new Error(`${zipFile}: ${entry.fileName} is a symbolic link`)
      if (entry.fileName.endsWith('/')) continue
      total += entry.uncompressedSize
      if (total > MAX_UNPACKED_BYTES) throw new Error(`${zipFile}: more than 250 MB unpacked`)
      await mkdir(dirname(target), { recursive: true })
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { flags: 'wx' }))
    }
  } finally {
    zip.close()
  }
}
