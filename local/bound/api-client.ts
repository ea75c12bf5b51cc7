// The client of the API: oauth4webapi makes every request and its proof, keeps nonces, and reads the challenges of the
// answers. Between the library and the network a request can be changed, which is how tokens and proofs are misused.

import * as oauth from 'oauth4webapi'
import { deliver, type Sent, type TlsClient } from './connection.ts'

export type { Sent } from './connection.ts'

/** What the library is asked for. */
export interface Use {
  readonly method: string
  readonly url: string
  readonly token: string
  /** The key that makes the proof; `null`: the token is sent as a plain one. */
  readonly dpop: oauth.DPoPHandle | null
  /** For a URL with https. */
  readonly tls: TlsClient | null
}

export interface Received {
  readonly status: number
  readonly body: string
  /** The challenges as the library reads them: each scheme with its error. */
  readonly challenges: string
  /** Whether the library would send the request again, with the nonce of this answer. */
  readonly wantsNonce: boolean
}

const describeChallenge = ({ scheme, parameters }: oauth.WWWAuthenticateChallenge): string =>
  [scheme, parameters.error].filter((part) => part !== undefined).join(' ')

/** Asks the library for a request. `send`: gets what it made, and returns the answer. */
async function ask(
  { method, url, token, dpop }: Use,
  send: (made: Sent) => Promise<Response>,
): Promise<Received> {
  const options: oauth.ProtectedResourceRequestOptions = {
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: (_, { headers }) => send({ method, url, fields: headers }),
    ...(dpop !== null && { DPoP: dpop }),
  }
  let answer: Response
  let challenges: readonly oauth.WWWAuthenticateChallenge[] = []
  let wantsNonce = false
  try {
    answer = await oauth.protectedResourceRequest(token, method, new URL(url), undefined, null, options)
  } catch (error) {
    if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error
    answer = error.response
    challenges = error.cause
    wantsNonce = oauth.isDPoPNonceError(error)
  }
  return {
    status: answer.status,
    body: await answer.text(),
    challenges: challenges.map(describeChallenge).join(', '),
    wantsNonce,
  }
}

/** The request that the library would send. */
export async function make(use: Use): Promise<Sent> {
  let made: Sent | undefined
  await ask(use, async (request) => {
    made = request
    return new Response()
  })
  return made!
}

/** Has the library make a request, and sends it as `change` returns it. */
export const send = (
  use: Use,
  port: number,
  change: (made: Sent) => Sent | Promise<Sent>,
): Promise<Received> => ask(use, async (made) => deliver(await change(made), port, use.tls))
