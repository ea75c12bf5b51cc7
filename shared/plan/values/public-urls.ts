// The URLs of `publicUrls`, by host, port and path. RFC 9110 section 4.2.3, RFC 6454 section 4.

import type { CoreConfig } from '../../config/config.ts'
import { checkStrings, checkUrl, type AddProblem } from './checks.ts'

/** A base path that no server reads in another way: unreserved characters (RFC 3986 section 2.3), no dot segments. */
const BASE_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)*$/

/**
 * By host, port and path, as they are written without the scheme. An entry that `URL` writes differently is a problem,
 * and so is one that is there twice, if only with another scheme.
 */
export function derivePublicUrls(value: unknown, addProblem: AddProblem): CoreConfig['publicUrls'] {
  const publicUrls = new Map<string, string>()
  for (const [index, text] of checkStrings(value, 'publicUrls', addProblem).entries()) {
    const path = `publicUrls[${index}]`
    checkUrl(text, path, addProblem)
    if (text.includes('${env:') || !URL.canParse(text)) continue
    const { origin, host, pathname } = new URL(text)
    const base = pathname === '/' ? '' : pathname
    const key = `${host}${base}`
    if (origin + base !== text || !BASE_PATH.test(base))
      addProblem(
        path,
        `has ${JSON.stringify(text)}; write the origin alone: ${JSON.stringify(origin)}, or with the path of a stage or mapping of API Gateway`,
      )
    else if (publicUrls.has(key)) addProblem(path, 'has the host of an earlier entry')
    publicUrls.set(key, origin + base)
  }
  return publicUrls
}

/** The Worker finds the URL of a request by its host, so it needs an entry without a path. */
export function checkHasOrigin(publicUrls: CoreConfig['publicUrls'], addProblem: AddProblem): void {
  if (publicUrls.size > 0 && [...publicUrls.keys()].every((key) => key.includes('/')))
    addProblem(
      'publicUrls',
      'has only URLs with a path, which are for API Gateway; add the origin of the Worker, as in "https://api.example.com"',
    )
}
