// Starts the origins that all Workers share.

import { startChild } from '../../local/child.ts'
import type { Bench } from '../row.ts'

/** `cacheControl`: the field that the origin sends; `null` for none. */
export interface OriginOptions {
  readonly cacheControl: string | null
}

/** The Worker marks the responses of the first and copies them for that, and leaves those of the second as they are. */
export const ORIGINS = [
  { says: 'nothing', cacheControl: null },
  { says: 'no-store', cacheControl: 'no-store' },
] as const satisfies readonly (OriginOptions & { readonly says: string })[]

/** The address of the origin. Its process ends with the bench. */
export async function startOrigin(
  { atEnd }: Bench,
  { cacheControl }: OriginOptions = { cacheControl: null },
): Promise<string> {
  const { url } = await startChild<{ url: string }>({
    name: 'the origin',
    module: new URL('./origin.ts', import.meta.url),
    options: { cacheControl } satisfies OriginOptions,
    onLine: () => {},
    onSpawn: (child) => atEnd(() => child.stop()),
  })
  return url
}
