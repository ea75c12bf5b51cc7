// The origins of `publicUrls`, by host and port. RFC 9110 section 4.2.3, RFC 6454 section 4.

import type { CoreConfig } from '../../config/config.ts'
import { checkStrings, checkUrl, type AddProblem } from './checks.ts'

/** By host and port. An entry that `URL.origin` writes differently is a problem, and so is a host with two schemes. */
export function derivePublicUrls(value: unknown, addProblem: AddProblem): CoreConfig['publicUrls'] {
  const publicUrls = new Map<string, string>()
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
