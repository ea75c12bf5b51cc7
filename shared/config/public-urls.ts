// `publicUrls`: the origins under which clients know this API. RFC 9110 section 4.2.3, RFC 6454 section 4.

import { checkStrings, checkUrl, type AddProblem } from './checks.ts'

/** Public origins by host and port, as `URL` writes them; empty: every host is accepted. */
export type ResolvedPublicUrls = ReadonlyMap<string, string>

export const publicUrlsMeanings = () => ({
  publicUrls: {
    absent: 'any host',
    meaning: 'origins under which clients know this API: [below](#public-urls)',
  },
})

/** By host and port. An entry that `URL.origin` writes differently is a problem, and so is a host with two schemes. */
export function checkPublicUrls(value: unknown, addProblem: AddProblem): ResolvedPublicUrls {
  const publicUrls = new Map<string, string>()
  if (value === undefined) return publicUrls
  for (const [index, text] of checkStrings(value, 'publicUrls', addProblem).entries()) {
    const path = `publicUrls[${index}]`
    checkUrl(text, path, addProblem)
    if (text.includes('${env:') || !URL.canParse(text)) continue
    const { origin, host } = new URL(text)
    if (origin !== text)
      addProblem(path, `has ${JSON.stringify(text)}; write the origin alone: ${JSON.stringify(origin)}`)
    else if (publicUrls.has(host)) addProblem(path, 'has the host of an earlier entry')
    publicUrls.set(host, origin)
  }
  return publicUrls
}
