// A client certificate as each platform delivers it to an edge, with what a row has changed.

import {
  NO_TLS_CLIENT_AUTH,
  toClientCert,
  toTlsClientAuth,
} from '../../local/client-certificates/platform-facts.ts'
import type { CaseRequest, PresentedCertificate } from '../cases/row.ts'

type Presented = CaseRequest['certificate']

/** `request.cf` of a Worker. */
export const cfOf = ({ pem, cloudflare, cf }: PresentedCertificate): unknown =>
  cf === undefined
    ? { tlsClientAuth: { ...(pem === undefined ? NO_TLS_CLIENT_AUTH : toTlsClientAuth(pem)), ...cloudflare } }
    : cf

/** What an event has where API Gateway states a certificate; `null`: nothing. */
export const clientCertOf = (presented: Presented): { readonly clientCert: object } | null =>
  presented?.pem === undefined && presented?.aws === undefined
    ? null
    : {
        clientCert: { ...(presented.pem === undefined ? {} : toClientCert(presented.pem)), ...presented.aws },
      }

function apiGatewayFacts(presented: PresentedCertificate): Readonly<Record<string, string>> {
  const { clientCert } = clientCertOf(presented)!
  const { clientCertPem, validity } = clientCert as {
    readonly clientCertPem: string
    readonly validity?: { readonly notAfter?: string }
  }
  return {
    clientCertPem,
    ...(typeof validity?.notAfter === 'string' ? { 'validity.notAfter': validity.notAfter } : {}),
  }
}

/** The facts that the core gets; `null`: none. */
export function factsOf(presented: Presented): Readonly<Record<string, string>> | null {
  if (presented === undefined) return null
  if (presented.facts !== undefined) return presented.facts
  if (presented.aws !== undefined) return apiGatewayFacts(presented)
  const { tlsClientAuth } = cfOf(presented) as { readonly tlsClientAuth: Readonly<Record<string, unknown>> }
  return Object.fromEntries(
    Object.entries(tlsClientAuth).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
