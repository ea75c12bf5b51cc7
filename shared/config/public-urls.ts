// `publicUrls`: the URLs under which clients know this API. RFC 9110 section 4.2.3, RFC 6454 section 4.

import { derivePublicUrls } from '../plan/values/public-urls.ts'
import type { AddProblem } from './checks.ts'
import type { SecretEnvironment } from './secrets.ts'

/** Public URLs without the scheme -> with it, as `URL` writes them; empty: every host is accepted. */
export type ResolvedPublicUrls = ReadonlyMap<string, string>

export const publicUrlsMeanings = () => ({
  publicUrls: {
    absent: 'any host',
    meaning: 'URLs under which clients know this API; bound tokens need them: [below](#public-urls)',
  },
})

/** In a build, an open entry stands for itself. */
export function checkPublicUrls(
  value: unknown,
  { later }: SecretEnvironment,
  addProblem: AddProblem,
): ResolvedPublicUrls {
  if (value === undefined) return new Map()
  const publicUrls = derivePublicUrls(value, addProblem)
  if (later === undefined) return publicUrls
  later.open.keep({ publicUrls: value })
  const open = Array.isArray(value)
    ? value.filter((_, index) => later.open.isOpen(`publicUrls[${index}]`))
    : []
  return new Map([...publicUrls, ...open.map((text) => [String(text), String(text)] as const)])
}
