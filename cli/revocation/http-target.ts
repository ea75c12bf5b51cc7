// The admin endpoint of the store Worker. Follows no redirect, which could carry the credential elsewhere; bounds the
// answer and the time; repeats no credential in a message. RFC 6750 section 2.1. Refuses the answer of a store that was
// built from another configuration and does not revoke what this one would.

import {
  isJsonObject,
  readBounded,
  toEntries,
  toNames,
  type EntryName,
  type EntryTimes,
  type RevocableIssuer,
} from '../../shared/edge.ts'
import { toBodies } from './admin-bodies.ts'
import { TargetProblem, type RevocationTarget, type Revoked, type Unrevoked } from './target.ts'

export interface HttpTargetOptions {
  /** The origin of the store Worker; https, or http on loopback. */
  readonly url: string
  readonly credential: string
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Those of the stage: they tell which entries the store has to have. */
  readonly issuers: readonly RevocableIssuer[]
  /** Milliseconds since the epoch. */
  now(): number
}

const REQUEST_MS = 15_000

/** A page of entries has at most a few thousand. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024

/** How far the clock of the store may be behind, in seconds. */
const MAX_CLOCK_DIFFERENCE_SECONDS = 60

const CODES: Readonly<Record<number, string>> = {
  401: 'it does not accept the credential',
  403: 'it does not accept the credential',
  404: 'it has no admin endpoint; configure revocation.admin and deploy the store Worker',
}

async function readBody({ body }: Response): Promise<string> {
  if (body === null) return ''
  const bytes = await readBounded(body.getReader(), MAX_ANSWER_BYTES)
  if (bytes === null) throw new TargetProblem('its answer is too large')
  return Buffer.from(bytes).toString('utf8')
}

function parseBody(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : null
  } catch {
    return null
  }
}

/** Why a fetch failed, without the URL of a proxy or the like. */
function reasonOf(error: unknown): string {
  if (error instanceof TargetProblem) return error.message
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } }
  if (name === 'TimeoutError') return `it did not answer within ${REQUEST_MS / 1000} s`
  return `it cannot be reached${typeof cause?.code === 'string' ? ` (${cause.code})` : ''}`
}

const isSame = (one: EntryName, other: EntryName): boolean =>
  one.kind === other.kind && one.issuer === other.issuer && one.id === other.id

const reaches = (time: number, planned: number): boolean => time >= planned - MAX_CLOCK_DIFFERENCE_SECONDS

/** @throws {TargetProblem} If an entry is missing, or refuses fewer tokens than the one that was planned. */
function checkEntries(planned: readonly (EntryName & EntryTimes)[], { entries }: Revoked): void {
  for (const wanted of planned) {
    const found = entries.find((entry) => isSame(entry, wanted))
    if (
      found === undefined ||
      !reaches(found.notBefore, wanted.notBefore) ||
      !reaches(found.until, wanted.until)
    )
      throw new TargetProblem(
        'it was built from another configuration or stage, or its clock is wrong: ' +
          `its entry for ${wanted.issuer} ${found === undefined ? 'is missing' : 'refuses fewer tokens, or ends earlier, than this configuration demands'}`,
      )
  }
}

/** `name`: as messages name the store. */
export function createHttpTarget(
  name: string,
  { url, credential, fetch, issuers, now }: HttpTargetOptions,
): RevocationTarget {
  async function ask(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    let status: number
    let text: string
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        redirect: 'manual',
        signal: AbortSignal.timeout(REQUEST_MS),
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${credential}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      status = response.status
      text = await readBody(response)
    } catch (error) {
      throw new TargetProblem(reasonOf(error))
    }
    const parsed = parseBody(text)
    if ((status === 200 || status === 507) && parsed !== null) return { status, body: parsed }
    const said = parsed?.['error_description']
    const known =
      CODES[status] ??
      (typeof said === 'string' ? said.slice(0, 300).replace(/\.$/, '') : 'its answer is not one of a store')
    throw new TargetProblem(`${known} (status ${status})`)
  }

  const wrong = (): never => {
    throw new TargetProblem('its answer is not one of a store')
  }

  /** A list of the answer, of the length that the other list has. */
  const listIn = (body: Readonly<Record<string, unknown>>, member: string): readonly unknown[] =>
    Array.isArray(body[member]) ? (body[member] as unknown[]) : wrong()

  const isName = (entry: unknown): boolean =>
    isJsonObject(entry) && ['kind', 'issuer', 'id'].every((member) => typeof entry[member] === 'string')

  const isEntry = (entry: unknown): boolean =>
    isName(entry) &&
    ['notBefore', 'until'].every((member) => Number.isFinite((entry as Record<string, unknown>)[member]))

  async function page<Item>(
    path: string,
    at: string | null,
  ): Promise<{ items: Item[]; next: string | null }> {
    const { body } = await ask('GET', at === null ? path : `${path}?page=${encodeURIComponent(at)}`)
    const items = listIn(body, 'items')
    const { next } = body
    if (!items.every(isEntry) || (next !== null && typeof next !== 'string')) wrong()
    return { items: items as Item[], next: next as string | null }
  }

  function readRevoked(body: Readonly<Record<string, unknown>>): Revoked {
    const [entries, outcomes] = [listIn(body, 'entries'), listIn(body, 'outcomes')]
    const areOutcomes = outcomes.every((outcome) =>
      ['stored', 'known', 'widened', 'full'].includes(outcome as string),
    )
    if (entries.length === 0 || entries.length !== outcomes.length || !entries.every(isEntry) || !areOutcomes)
      wrong()
    return { entries, outcomes } as Revoked
  }

  function readUnrevoked(body: Readonly<Record<string, unknown>>): Unrevoked {
    const [entries, removed] = [listIn(body, 'entries'), listIn(body, 'removed')]
    const areFlags = removed.every((flag) => typeof flag === 'boolean')
    if (entries.length !== removed.length || !entries.every(isName) || !areFlags) wrong()
    return { entries, removed } as Unrevoked
  }

  return {
    name,
    edge: 'cloudflare',
    async revoke(request, author) {
      const planned = toEntries(request, issuers, Math.floor(now() / 1000))
      if ('problem' in planned) throw new TargetProblem(planned.problem)
      // With the exact `iss`, which a store of another configuration does not know.
      const requests = planned.map(({ issuer }) => ({ ...request, issuer }))
      const answers: Revoked[] = []
      for (const body of toBodies(requests, author))
        answers.push(readRevoked((await ask('POST', '/revoke', body)).body))
      const revoked = {
        entries: answers.flatMap(({ entries }) => entries),
        outcomes: answers.flatMap(({ outcomes }) => outcomes),
      }
      checkEntries(planned, revoked)
      return revoked
    },
    async unrevoke(request, author) {
      const names = toNames(request, issuers)
      if ('problem' in names) throw new TargetProblem(names.problem)
      const answers: Unrevoked[] = []
      for (const body of toBodies(names, author))
        answers.push(readUnrevoked((await ask('POST', '/unrevoke', body)).body))
      return {
        entries: answers.flatMap(({ entries }) => entries),
        removed: answers.flatMap(({ removed }) => removed),
      }
    },
    list: (at) => page('/revocations', at),
    records: (at) => page('/records', at),
  }
}
