// Types for the part of yauzl that this project uses. The package has none.

declare module 'yauzl' {
  import type { Readable } from 'node:stream'

  export interface Entry {
    fileName: string
    uncompressedSize: number
    externalFileAttributes: number
  }

  export interface ZipFile {
    eachEntry(): AsyncIterable<Entry>
    openReadStreamPromise(entry: Entry): Promise<Readable>
    close(): void
  }

  export function openPromise(path: string, options?: { strictFileNames?: boolean }): Promise<ZipFile>

  const yauzl: { openPromise: typeof openPromise }
  export default yauzl
}
