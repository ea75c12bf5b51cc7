// The event of an HTTP API, payload format 2.0, and the environment of the handlers.

import { TO_EVENT } from '../../test/edges/events.ts'
import { PATH } from '../contestants/ours.ts'
import { AUDIENCE, SCOPE } from '../world.ts'
import type { SecureKeys } from './secure-keys.ts'

export const toEvent = (token: string): string =>
  JSON.stringify(TO_EVENT.http_2({ method: 'GET', path: PATH, authorization: [`Bearer ${token}`] }))

/** The environment of a handler. Ours has its configuration in the artefact, the others read theirs from here. */
export const environmentFor = ({ world, certificateFile }: SecureKeys): Readonly<Record<string, string>> => {
  const { issuer, jwksUri } = world
  return {
    VERIFIER: JSON.stringify({ issuer, audience: AUDIENCE, scope: SCOPE, jwksUri }),
    NODE_EXTRA_CA_CERTS: certificateFile,
  }
}
