// Starts the origin that all Workers share.

import { startChild } from '../../local/child.ts'
import type { Bench } from '../row.ts'

/** The address of the origin. Its process ends with the bench. */
export async function startOrigin({ atEnd }: Bench): Promise<string> {
  const { url } = await startChild<{ url: string }>({
    name: 'the origin',
    module: new URL('./origin.ts', import.meta.url),
    options: {},
    onLine: () => {},
    onSpawn: (child) => atEnd(() => child.stop()),
  })
  return url
}
