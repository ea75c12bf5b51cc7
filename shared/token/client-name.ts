// The name of a client in the log.

import { member, type JsonObject } from './strict-json.ts'

const MAX_CLIENT_CHARS = 256

/** The client that verified claims name, if its name fits the log. `claim`: the profile's claim for the client. */
export const clientOf = (claims: JsonObject, claim: string): string | undefined =>
  clientNamed(member(claims, claim) ?? member(claims, 'client_id') ?? member(claims, 'azp'))

/** The name as it is logged; `undefined` unless it is a string of 1 to 256 characters. */
export function clientNamed(client: unknown): string | undefined {
  return typeof client === 'string' && client.length <= MAX_CLIENT_CHARS && client !== '' ? client : undefined
}
