// The request that somebody describes with arguments, as an edge would hand it to the authorizer. Repeats no value of a
// header field in a message.

import { X509Certificate } from 'node:crypto'
import { originOf, targetOf } from '../../functions/fetch/request.ts'
import type { AuthorizationRequest, RequestNeeds } from '../../shared/index.ts'
import { Stop } from '../stop.ts'

type Field = readonly [name: string, value: string]

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

const CONNECT = '$connect'

/** Whether an argument is the field with a DPoP proof. */
export const isReadAsProof = (argument: string): boolean => /^dpop\s*:/i.test(argument)

/** @throws {Stop} If it is no field, or Authorization (exit code 2). */
function readField(given: string): Field {
  const at = given.indexOf(':')
  const name = given.slice(0, Math.max(0, at)).trim().toLowerCase()
  if (!TOKEN.test(name)) throw new Stop("--header is a header field: 'Name: value'.", 2)
  if (name === 'authorization')
    throw new Stop('--header: an access token is no argument; pass it with --token-file.', 2)
  return [name, given.slice(at + 1).trim()]
}

/** Path and query, and the origin if the path is a whole URL. */
function readTarget(path: string): { path: string; query: string; origin?: string } {
  if (path === CONNECT) return { path, query: '' }
  if (/^https?:\/\//i.test(path)) return { ...targetOf(path), origin: originOf(path) }
  if (!path.startsWith('/')) throw new Stop('PATH begins with "/", is $connect, or is a whole URL.', 2)
  const [, plain = path, query = ''] = /^([^?]*)(\?.*)?$/s.exec(path) ?? []
  return { path: plain, query: query.slice(1) }
}

/** The facts of API Gateway about a certificate. */
function readCertificate(pem: string): NonNullable<AuthorizationRequest['clientCertificate']> {
  try {
    return { clientCertPem: `${pem}\n`, 'validity.notAfter': new X509Certificate(pem).validTo }
  } catch {
    throw new Stop('--certificate: has no certificate in PEM.', 2)
  }
}

export interface GivenRequest {
  /** In capital letters, as it is sent. */
  readonly method: string
  readonly path: string
  readonly headers: readonly string[]
  /** `null`: the request has none. */
  readonly token: string | null
  /** In PEM. */
  readonly certificate: string | null
}

/** @throws {Stop} If an argument cannot be part of a request (exit code 2). */
export function toRequest(
  { method, path: given, headers, token, certificate }: GivenRequest,
  { fields: needed, clientCertificate: isCertificateNeeded }: RequestNeeds,
): { readonly request: AuthorizationRequest; readonly unread: readonly string[] } {
  if (!TOKEN.test(method)) throw new Stop('METHOD is the method of a request, such as GET.', 2)
  const { path, query, origin: ofUrl } = readTarget(given)
  const parameter = new URLSearchParams(query).get('access_token')
  if (parameter !== null && parameter !== '')
    throw new Stop('PATH: an access token is no argument; leave the value of access_token out.', 2)
  const fields = headers.map(readField)
  const valuesOf = (name: string) => fields.filter(([one]) => one === name).map(([, value]) => value)
  const hosts = valuesOf('host')
  if (hosts.length > (ofUrl === undefined ? 1 : 0))
    throw new Stop('--header Host: the host is given twice.', 2)
  const origin = hosts.length === 0 ? ofUrl : originOf(`https://${hosts[0]}/`)
  const scheme = valuesOf('dpop').length > 0 ? 'DPoP' : 'Bearer'
  return {
    request: {
      method,
      path,
      authorization: token === null ? [] : [`${scheme} ${token}`],
      accessTokenInQuery: parameter !== null,
      ...(origin === undefined ? {} : { origin }),
      ...(needed.length === 0
        ? {}
        : { fields: Object.fromEntries(needed.map((name) => [name, valuesOf(name)])) }),
      ...(isCertificateNeeded && certificate !== null
        ? { clientCertificate: readCertificate(certificate) }
        : {}),
    },
    unread: [
      ...new Set(fields.map(([name]) => name).filter((name) => name !== 'host' && !needed.includes(name))),
      ...(certificate !== null && !isCertificateNeeded ? ['--certificate'] : []),
    ],
  }
}
