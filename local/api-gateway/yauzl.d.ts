// The part of yauzl's interface that deployment-package.ts uses; the package ships without types.

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
