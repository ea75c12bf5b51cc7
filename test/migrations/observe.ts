// Sends every request to every side, and says in one cell what each answered.

import { sendRaw, type RawRequest, type RawResponse } from '../support/raw-http.ts'
import type { PageIssuer } from './issuer.ts'
import { accessToken, REQUESTS } from './requests.ts'
import type { Running, StartSide } from './sides/side.ts'

export interface Row {
  readonly name: string
  readonly cells: readonly string[]
  readonly isTimed: boolean
}

/** A refusal in full. */
export interface FullAnswer {
  readonly name: string
  readonly challenges: readonly string[]
  readonly bodies: readonly string[]
}

export interface Observed {
  readonly rows: readonly Row[]
  readonly answers: readonly FullAnswer[]
  /** Where two sides let a request pass, and told the application different things of its caller. */
  readonly otherIdentity: readonly string[]
}

/** The answers that are shown in full. */
const IN_FULL = ['no token', 'expired an hour ago', '`POST /orders`, may only read', 'ID token']
const WITHOUT_KEYS = 'a new instance, and the key set answers 503'

const challengeOf = ({ headers }: RawResponse): string => headers['www-authenticate'] ?? ''

/** `401 invalid_token`: the status, and the error of the challenge, or `challenge` for one without an error. */
export function cellOf(response: RawResponse): string {
  const challenge = challengeOf(response)
  if (challenge === '') return String(response.status)
  const [, error] = /error="([^"]+)"/.exec(challenge) ?? []
  return `${response.status} ${error === undefined ? 'challenge' : `\`${error}\``}`
}

/** What an application has answered about its caller. A member that is `null` is one that is not there. */
const identityIn = ({ body }: RawResponse): string =>
  body.startsWith('{')
    ? JSON.stringify(JSON.parse(body, (_, value: unknown) => (value === null ? undefined : value)))
    : body

const isPassed = ({ status }: RawResponse): boolean => status >= 200 && status < 300

function bodyOf({ headers, body }: RawResponse): string {
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  if (body === '') return 'empty'
  return type === 'text/html' ? 'a page of HTML' : `\`${body}\``
}

/** Without what differs from run to run. */
const steady = (text: string, url: string): string =>
  text.replaceAll(url, 'https://api.example.com').replaceAll(/("request_id":)"[^"]+"/g, '$1"..."')

/** Replaces the path of the side in front of that of the request. */
async function ask({ url }: Running, request: RawRequest): Promise<RawResponse> {
  const { origin, pathname } = new URL(url)
  const prefix = pathname === '/' ? '' : pathname
  const response = await sendRaw(origin, { ...request, target: `${prefix}${request.target}` })
  const chunked = response.headers['transfer-encoding'] === 'chunked'
  const body = chunked ? response.body.replaceAll(/(?:^|\r\n)[0-9a-f]+\r\n|\r\n$/g, '') : response.body
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, steady(value, url)]),
  )
  return { ...response, headers, body: steady(body, url) }
}

export interface ObserveOptions {
  readonly issuer: PageIssuer
  readonly sides: readonly StartSide[]
  /** Whether the requests are sent whose answer depends on the clock. */
  readonly timed: boolean
}

export async function observe({ issuer, sides, timed }: ObserveOptions): Promise<Observed> {
  const rows: Row[] = []
  const answers: FullAnswer[] = []
  const otherIdentity: string[] = []
  let running: Running[] = []
  const stop = async () => {
    await Promise.all(running.map((side) => side.close()))
    running = []
  }
  const restart = async () => {
    await stop()
    for (const start of sides) running.push(await start())
  }
  const askAll = async (request: RawRequest) => {
    const responses: RawResponse[] = []
    for (const side of running) responses.push(await ask(side, request))
    return responses
  }
  const add = (name: string, responses: readonly RawResponse[], isTimed = false) => {
    rows.push({ name, cells: responses.map(cellOf), isTimed })
    if ([...IN_FULL, WITHOUT_KEYS].includes(name))
      answers.push({ name, challenges: responses.map(challengeOf), bodies: responses.map(bodyOf) })
    const identities = new Set(responses.filter(isPassed).map(identityIn))
    if (identities.size > 1) otherIdentity.push(`${name}: ${[...identities].join(' and ')}`)
  }
  const reading = async (): Promise<RawRequest> => ({
    method: 'GET',
    target: '/orders',
    fields: [['Authorization', `Bearer ${await accessToken(issuer, issuer.kit.read)}`]],
  })

  try {
    await restart()
    for (const { name, isTimed = false, make } of REQUESTS)
      if (timed || !isTimed) add(name, await askAll(await make(issuer)), isTimed)

    const counts: string[] = []
    for (const side of running) {
      const before = issuer.fetches()
      for (let count = 0; count < 10; count++) await ask(side, await reading())
      counts.push(String(issuer.fetches() - before))
    }
    rows.push({ name: 'requests for the key set, for ten more requests', cells: counts, isTimed: false })

    issuer.setDown(true)
    add('the key set answers 503, and was fetched before', await askAll(await reading()))
    issuer.setDown(false)

    const old = await reading()
    await issuer.addKey()
    issuer.withdrawOldKeys()
    add('its key was withdrawn a moment ago', await askAll(old))

    if (timed) {
      await restart()
      await askAll(await reading())
      await issuer.addKey()
      add('its key was published a moment ago', await askAll(await reading()), true)
    }

    issuer.setDown(true)
    await restart()
    add(WITHOUT_KEYS, await askAll(await reading()))
    return { rows, answers, otherIdentity }
  } finally {
    issuer.setDown(false)
    await stop()
  }
}
